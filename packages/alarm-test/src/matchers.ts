import {
  AlarmTestUsageError,
  durationOf,
  type SeriesInput,
  simulate,
  type SimulationOptions,
  type SimulationResult,
} from "./api.ts";
import { durationText } from "./alarm-test.ts";

/** What is expected of an alarm. */
export interface AlarmExpectation extends Omit<SimulationOptions, "series"> {
  /** AlarmName, logical id, or `Stack/LogicalId`. */
  readonly alarm: string;
  /** The series that the alarm sees. */
  readonly when: SeriesInput | readonly SeriesInput[];
}

/** An expectation with a time limit. */
export interface TimedExpectation extends AlarmExpectation {
  /** Since the start for toAlarm, since the alarm was raised for toRecover; any time when missing. */
  readonly within?: string;
}

/** What a matcher gives to Vitest and Jest. */
export interface MatcherResult {
  readonly pass: boolean;
  readonly message: () => string;
}

/**
 * Matchers on a template: its object, `Template.fromStack(stack)`, the path of its file, or `alarmsOf(…)`.
 */
export const alarmMatchers = {
  /** The alarm goes into ALARM, within the time when one is given. */
  toAlarm(received: unknown, expected: TimedExpectation): MatcherResult {
    const run = simulated(received, expected);
    const raised = run.transitions(expected.alarm).find(({ state }) => state === "ALARM");
    const pass = raised !== undefined && raised.atMs <= limitOf(expected);
    return { pass, message: () => said(run, expected, { wish: "go into ALARM", pass }) };
  },

  /**
   * The alarm never goes into ALARM; a metric that it reads and that no series feeds is refused, as it would
   * prove nothing.
   */
  toStayQuiet(received: unknown, expected: AlarmExpectation): MatcherResult {
    const run = simulated(received, expected);
    const unfed = run.unfed(expected.alarm);
    if (unfed.length > 0)
      throw new AlarmTestUsageError(`no series feeds ${unfed.join(" nor ")}, which ${expected.alarm} reads`);
    const pass = run.transitions(expected.alarm).every(({ state }) => state !== "ALARM");
    return { pass, message: () => said(run, expected, { wish: "stay out of ALARM", pass }) };
  },

  /** The alarm goes into ALARM and from there to OK, within the time when one is given. */
  toRecover(received: unknown, expected: TimedExpectation): MatcherResult {
    const run = simulated(received, expected);
    const changes = run.transitions(expected.alarm);
    const raised = changes.findLast(({ state }) => state === "ALARM");
    const recovered = changes.find(
      ({ atMs, state }) => raised !== undefined && state === "OK" && atMs > raised.atMs,
    );
    const pass =
      raised !== undefined && recovered !== undefined && recovered.atMs - raised.atMs <= limitOf(expected);
    return { pass, message: () => said(run, expected, { wish: "recover from ALARM to OK", pass }) };
  },
};

function simulated(received: unknown, expected: AlarmExpectation): SimulationResult {
  if (typeof received !== "string" && (typeof received !== "object" || received === null))
    throw new AlarmTestUsageError(
      "expect(…) takes a template: its object, Template.fromStack(stack), or the path of its file",
    );
  const { when, ...options } = expected;
  const series = Array.isArray(when) ? (when as readonly SeriesInput[]) : [when as SeriesInput];
  return simulate(received, { ...options, series });
}

function limitOf({ within }: TimedExpectation): number {
  return within === undefined ? Infinity : durationOf(within);
}

function said(
  run: SimulationResult,
  { alarm, within }: TimedExpectation,
  { wish, pass }: { readonly wish: string; readonly pass: boolean },
): string {
  const changes =
    run
      .transitions(alarm)
      .map(({ at, state }) => `${at} ${state}`)
      .join(", ") || "none";
  const limit = within === undefined ? "" : ` within ${within}`;
  return [
    `expected ${alarm} ${pass ? "not to" : "to"} ${wish}${limit}; its transitions in ${durationText(run.durationMs)}: ${changes}`,
    run.explain(alarm),
  ].join("\n");
}

/** The matchers as they are seen on `expect(template)`. */
export interface AlarmMatchers<R = unknown> {
  /**
   * The alarm goes into ALARM: `{ alarm: "Errors", when: { metric: "Errors", values: "5x5" }, within: "5m"
   * }`.
   */
  toAlarm(expected: TimedExpectation): R;
  /** The alarm never goes into ALARM. */
  toStayQuiet(expected: AlarmExpectation): R;
  /** The alarm goes into ALARM and from there to OK. */
  toRecover(expected: TimedExpectation): R;
}
