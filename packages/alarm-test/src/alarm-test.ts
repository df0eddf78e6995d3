import { valueFault } from "@wrist-agent/cloudwatch/metrics/datum-limits";
import type { AlarmState } from "@wrist-agent/cloudwatch/alarm";

/** A text, or a CloudFormation function that means a resource of the templates: `{ Ref: "Handler" }`. */
export type TestValue = string | Readonly<Record<string, unknown>>;

/** A file of alarm tests, read. Times are milliseconds since the start of the test. */
export interface AlarmTest {
  readonly file: string;
  readonly templates: readonly string[];
  /** Settings of the app whose stacks are synthesised instead of reading `templates`. */
  readonly app?: Readonly<Record<string, string>>;
  readonly imports: Readonly<Record<string, string>>;
  readonly parameters: Readonly<Record<string, string>>;
  /** Results of Ref (`LogicalId`) and GetAtt (`LogicalId.Attribute`) that the test knows. */
  readonly physical: Readonly<Record<string, string>>;
  /** Values of dynamic references, `ssm:/name` for `{{resolve:ssm:/name}}`. */
  readonly resolve: Readonly<Record<string, string>>;
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
  readonly alarm: TestValue;
  readonly state: AlarmState;
}

/** A metric and what it is fed with, one item per interval. */
export interface TestSeries {
  readonly line: number;
  readonly namespace: TestValue;
  readonly metricName: TestValue;
  readonly dimensions: Readonly<Record<string, TestValue>>;
  /** AWS's own unit of an AWS metric when missing, else the unit that the alarms ask for. */
  readonly unit?: string;
  /** Every Region of the templates when missing. */
  readonly region?: string;
  readonly items: readonly SeriesItem[];
}

/** What must be true, and the line that says so. */
export type Expectation = { readonly line: number } & (
  | { readonly kind: "state"; readonly atMs: number; readonly alarm: TestValue; readonly state: AlarmState }
  | {
      /** Changes of state, or the messages about them that go out to a topic. */
      readonly kind: "transitions" | "mails";
      readonly alarm: TestValue;
      readonly transitions: readonly ExpectedTransition[];
    }
  | { readonly kind: "mail"; readonly atMs: number; readonly subject: string }
);

/** A change of state at a time. */
export interface ExpectedTransition {
  readonly atMs: number;
  readonly state: AlarmState;
}

/** A test file that cannot be run as written; the message names file, line and what to write instead. */
export class AlarmTestError extends Error {
  override readonly name = "AlarmTestError";

  readonly file: string;
  readonly line: number;
  /** The message without its place. */
  readonly detail: string;

  constructor(place: { readonly file: string; readonly line: number }, message: string) {
    super(`${place.file}:${place.line}: ${message}`);
    this.file = place.file;
    this.line = place.line;
    this.detail = message;
  }
}

/** What happens in one interval: a value, once or several times; `undefined` for no datum. */
export type SeriesItem = { readonly value: number; readonly samples: number } | undefined;

const NUMBER_PATTERN = String.raw`-?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?`;
const ITEM_PATTERN = new RegExp(
  `^(?:_|(${NUMBER_PATTERN})(?:\\*(\\d+))?(?:([+-])(${NUMBER_PATTERN}))?)(?:x(\\d+))?$`,
  "i",
);
const MAX_ITEMS = 1_000_000;

/** What a series takes, for messages about what it does not. */
export const VALUE_RANGE = "values from -2^360 to 2^360 as CloudWatch, and at most 1,000,000 of them";

/**
 * Reads `0x4 5 _ 7*3x2 1+2x3`: a value, `_` for no datum, `v*k` for k samples of v, each with `xN` for N
 * more; `a+bxN` and `a-bxN` step by b. Gives the bad item's text when there is one.
 */
export function parseSeriesValues(text: string): readonly SeriesItem[] | { readonly bad: string } {
  const items: SeriesItem[] = [];
  for (const part of text.split(/\s+/).filter((piece) => piece !== "")) {
    const found = ITEM_PATTERN.exec(part);
    const [, value, samples = "1", sign, step, more = "0"] = found ?? [];
    const repeated = Number(more) + 1;
    if (found === null || (sign !== undefined && found[5] === undefined)) return { bad: part };
    if (items.length + repeated > MAX_ITEMS) return { bad: part };
    if ([value, step].some((each) => each !== undefined && valueFault(Number(each)) !== undefined))
      return { bad: part };
    const by = step === undefined ? 0 : Number(step) * (sign === "-" ? -1 : 1);
    for (let index = 0; index < repeated; index += 1)
      items.push(
        value === undefined ? undefined : { value: Number(value) + index * by, samples: Number(samples) },
      );
  }
  return items;
}

const DURATION_UNITS: readonly (readonly [string, number])[] = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", 1000],
];

/**
 * Longer than CloudWatch keeps a metric nothing can be replayed.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_concepts.html
 */
const MAX_DURATION_MS = 455 * 86_400_000;

/** How a time is written, for messages about one that is not. */
export const DURATION_FORM = "90s, 5m, 1h30m or 2d, at most 455d";

/**
 * Reads `90s`, `5m`, `1h30m` or `2d` as milliseconds; `undefined` when it is none of these or more than 455
 * days.
 */
export function parseDuration(text: string): number | undefined {
  if (text === "0") return 0;
  if (!/^(?:\d+[dhms])+$/.test(text)) return undefined;
  const ms = durationMs(text);
  return ms > MAX_DURATION_MS ? undefined : ms;
}

function durationMs(text: string): number {
  return [...text.matchAll(/(\d+)([dhms])/g)].reduce(
    (sum, [, amount, unit]) =>
      sum + Number(amount) * (DURATION_UNITS.find(([name]) => name === unit)?.[1] ?? 0),
    0,
  );
}

/** Writes milliseconds as `1h30m`. */
export function durationText(ms: number): string {
  let rest = ms;
  const parts = DURATION_UNITS.map(([unit, size]) => {
    const amount = Math.floor(rest / size);
    rest -= amount * size;
    return amount === 0 ? "" : `${amount}${unit}`;
  });
  return parts.join("") || "0m";
}
