import { QueryError } from "../metric.ts";

/**
 * Which part of the values counts: percent of the samples, or fixed values (above `lower`, up to `upper`).
 */
export interface Bounds {
  readonly of: "percent" | "value";
  /** Unbounded below when missing. */
  readonly lower?: number;
  /** Unbounded above when missing. */
  readonly upper?: number;
}

/** Statistics that sums and extremes answer. */
export type SimpleStatistic = "SampleCount" | "Sum" | "Minimum" | "Maximum" | "Average";

/** Statistics that need the single values. */
export type DistributionStatistic =
  | { readonly kind: "percentile"; readonly percent: number }
  | { readonly kind: "TM" | "TC" | "TS" | "WM" | "PR"; readonly bounds: Bounds };

/** A statistic, parsed from CloudWatch's spelling. */
export type Statistic = { readonly kind: SimpleStatistic } | DistributionStatistic;

/** A statistic that CloudWatch does not know. */
export class StatisticError extends QueryError {
  override readonly name = "StatisticError";
}

type Trimmed = Exclude<DistributionStatistic["kind"], "percentile">;

const SIMPLE: ReadonlySet<string> = new Set<SimpleStatistic>([
  "SampleCount",
  "Sum",
  "Minimum",
  "Maximum",
  "Average",
]);

const SHORT: Readonly<Record<string, Trimmed>> = { tm: "TM", tc: "TC", ts: "TS", wm: "WM" };
const SHORT_FORM = /^(p|tm|tc|ts|wm)(\d{1,3}(?:\.\d{1,10})?)$/;
const RANGE_FORM = /^(TM|TC|TS|WM|PR)\(\s*([^:\s]*)\s*:\s*([^:\s]*)\s*\)$/;
const BOUND = /^(\d+(?:\.\d+)?)(%?)$/;

const PARSED = new Map<string, Statistic>();

/**
 * Reads `Sum`, `p99.9`, `tm90`, `TM(10%:90%)`, `PR(:500)`, `IQM` and the like; each spelling is parsed once.
 * See https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Statistics-definitions.html
 */
export function parseStatistic(text: string): Statistic {
  let statistic = PARSED.get(text);
  if (statistic === undefined) {
    statistic = parse(text);
    PARSED.set(text, statistic);
  }
  return statistic;
}

/** Whether CloudWatch knows the statistic. */
export function isStatistic(text: string): boolean {
  try {
    parseStatistic(text);
    return true;
  } catch (error) {
    if (error instanceof StatisticError) return false;
    throw error;
  }
}

/** Whether the statistic needs the single values and not just sums and extremes. */
export function needsDistribution(statistic: Statistic): statistic is DistributionStatistic {
  return !SIMPLE.has(statistic.kind);
}

function parse(text: string): Statistic {
  if (SIMPLE.has(text)) return { kind: text as SimpleStatistic };
  if (text === "IQM") return { kind: "TM", bounds: { of: "percent", lower: 25, upper: 75 } };
  const short = SHORT_FORM.exec(text);
  if (short !== null) return shortForm(short[1] ?? "", Number(short[2]), text);
  const range = RANGE_FORM.exec(text);
  if (range !== null) return rangeForm(range[1] as Trimmed, [range[2] ?? "", range[3] ?? ""], text);
  throw refused(
    text,
    "use Sum, Average, Minimum, Maximum, SampleCount, p90, tm90, TM(10%:90%), PR(:500) or IQM",
  );
}

function shortForm(prefix: string, percent: number, text: string): Statistic {
  if (percent > 100) throw refused(text, "use a percentage from 0 to 100");
  const kind = SHORT[prefix];
  if (kind === undefined) return { kind: "percentile", percent };
  return { kind, bounds: { of: "percent", upper: percent } };
}

function rangeForm(kind: Trimmed, sides: readonly [string, string], text: string): Statistic {
  const [lower, upper] = sides.map((side) => (side === "" ? undefined : parseBound(side, text)));
  const some = lower ?? upper;
  if (some === undefined) throw refused(text, "give at least one bound");
  if ((lower ?? some).of !== (upper ?? some).of)
    throw refused(text, "give both bounds in percent or neither");
  if (kind === "PR" && some.of === "percent")
    throw refused(text, "PR takes fixed values, for example PR(:500)");
  if (lower !== undefined && upper !== undefined && lower.value >= upper.value)
    throw refused(text, "the lower bound must be less than the upper one");
  return {
    kind,
    bounds: {
      of: some.of,
      ...(lower === undefined ? {} : { lower: lower.value }),
      ...(upper === undefined ? {} : { upper: upper.value }),
    },
  };
}

function parseBound(side: string, text: string): { readonly value: number; readonly of: Bounds["of"] } {
  const match = BOUND.exec(side);
  if (match === null) throw refused(text, "write bounds as numbers, with % for percent");
  const value = Number(match[1]);
  const of = match[2] === "%" ? "percent" : "value";
  if (of === "percent" && (value < 0 || value > 100)) throw refused(text, "use percentages from 0 to 100");
  return { value, of };
}

function refused(text: string, instead: string): StatisticError {
  return new StatisticError(`unknown statistic "${text}": ${instead}`);
}
