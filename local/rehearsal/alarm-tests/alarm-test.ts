import type { AlarmState } from "../../cloudwatch/alarm-definition.ts";
import type { MetricIdentity } from "../../cloudwatch/metric.ts";
import type { SeriesItem } from "./series-values.ts";

/** A file of alarm tests, read. Times are milliseconds since the start of the test. */
export interface AlarmTest {
  readonly file: string;
  readonly templates: readonly string[];
  /** Settings of the app whose stacks are synthesised instead of reading `templates`. */
  readonly app?: Readonly<Record<string, string>>;
  readonly imports: Readonly<Record<string, string>>;
  readonly parameters: Readonly<Record<string, string>>;
  readonly intervalMs: number;
  /** Epoch milliseconds. */
  readonly startMs: number;
  readonly evaluationRange?: number;
  readonly initial: readonly InitialState[];
  readonly series: readonly TestSeries[];
  readonly expectations: readonly Expectation[];
}

/** The state of an alarm before its first evaluation. */
export interface InitialState {
  readonly line: number;
  readonly alarm: string;
  readonly state: AlarmState;
}

/** A metric and what it is fed with, one item per interval. */
export interface TestSeries extends MetricIdentity {
  readonly items: readonly SeriesItem[];
}

/** What must be true, and the line that says so. */
export type Expectation = { readonly line: number } & (
  | { readonly kind: "state"; readonly atMs: number; readonly alarm: string; readonly state: AlarmState }
  | {
      /** Changes of state, or the messages about them that go out to a topic. */
      readonly kind: "transitions" | "mails";
      readonly alarm: string;
      readonly transitions: readonly ExpectedTransition[];
    }
  | { readonly kind: "mail"; readonly atMs: number; readonly subject: string }
);

/** A change of state at a time. */
export interface ExpectedTransition {
  readonly atMs: number;
  readonly state: AlarmState;
}
