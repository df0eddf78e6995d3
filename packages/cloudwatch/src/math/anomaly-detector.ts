import type { MetricDataQuery, MetricIdentity } from "../metric.ts";
import { zoneOffset } from "../zoned-time.ts";

/** A span of time that a detector must not learn from, epoch milliseconds; `endMs` is exclusive. */
export interface ExcludedRange {
  readonly startMs: number;
  readonly endMs: number;
}

/** What a detector watches: a metric with a statistic, or what an expression makes of some. */
export type DetectorTarget =
  | { readonly kind: "metric"; readonly metric: MetricIdentity; readonly stat: string }
  | { readonly kind: "math"; readonly queries: readonly MetricDataQuery[] };

/** An anomaly detector: how the band of a metric or an expression is learnt. */
export interface AnomalyDetector {
  readonly target: DetectorTarget;
  readonly excludedRanges: readonly ExcludedRange[];
  /** Whose hours of the day the values follow; UTC when missing. */
  readonly timezone?: string;
  /** When it was made or changed last, epoch milliseconds. */
  readonly putMs: number;
}

/** What tells a detector from every other: a second one of the same target replaces the first. */
export function detectorKey(target: DetectorTarget): string {
  if (target.kind === "math") return JSON.stringify(["math", ...target.queries.map(queryKey)]);
  return JSON.stringify(["metric", metricKey(target.metric), target.stat]);
}

function metricKey({ namespace, metricName, dimensions }: MetricIdentity): readonly unknown[] {
  const names = Object.keys(dimensions).toSorted();
  return [namespace, metricName, ...names.map((name) => [name, dimensions[name]])];
}

function queryKey({ id, expression, metricStat }: MetricDataQuery): readonly unknown[] {
  if (metricStat === undefined) return [id, expression];
  return [id, metricKey(metricStat.metric), metricStat.stat, metricStat.periodSeconds];
}

/** The queries of which a detector learns, over a period of its own. */
export function detectorQueries(target: DetectorTarget, periodSeconds: number): readonly MetricDataQuery[] {
  if (target.kind === "math") return target.queries;
  const { metric, stat } = target;
  return [{ id: "m", metricStat: { metric, stat, periodSeconds } }];
}

/** The detector of what a query gives, among the queries of its request. */
export function detectorOf(
  detectors: readonly AnomalyDetector[],
  query: MetricDataQuery,
  request: readonly MetricDataQuery[],
): AnomalyDetector | undefined {
  const { metricStat, expression } = query;
  if (metricStat !== undefined) {
    const key = detectorKey({ kind: "metric", metric: metricStat.metric, stat: metricStat.stat });
    return detectors.find(({ target }) => target.kind === "metric" && detectorKey(target) === key);
  }
  const asked = new Set(request.map((each) => JSON.stringify(queryKey(each))));
  return detectors.find(({ target }) => {
    if (target.kind !== "math") return false;
    const [watched] = target.queries.filter(({ returnData }) => returnData !== false);
    const inputs = target.queries.filter((each) => each !== watched);
    return (
      watched?.expression === expression && inputs.every((each) => asked.has(JSON.stringify(queryKey(each))))
    );
  });
}

/** Points of a history: one for each period from `startMs`. */
export interface History {
  readonly startMs: number;
  readonly periodSeconds: number;
  /** `undefined` where there was none. */
  readonly points: readonly (number | undefined)[];
}

/** What is expected of one point. */
export interface Expected {
  readonly mean: number;
  readonly deviation: number;
}

const HOUR_MS = 3_600_000;
const HOURS = 24;

/** A band cannot be had from fewer points. */
export const MIN_TRAINING_POINTS = 3;

/**
 * Learns what is expected by the hour of the day in the detector's time zone, from a history without the
 * excluded ranges. An hour with too few points gets what is expected of all of them; `undefined` when even
 * those are too few.
 */
export function trainedBand(
  { excludedRanges, timezone = "UTC" }: Pick<AnomalyDetector, "excludedRanges" | "timezone">,
  history: History,
): ((timeMs: number) => Expected) | undefined {
  const offset = zoneOffset(timezone) ?? (() => 0);
  const hourOf = (timeMs: number): number => Math.floor((timeMs + offset(timeMs)) / HOUR_MS) % HOURS;
  const byHour = Array.from({ length: HOURS }, (): number[] => []);
  const all: number[] = [];
  history.points.forEach((point, slot) => {
    const timeMs = history.startMs + slot * history.periodSeconds * 1000;
    if (point === undefined || excludedRanges.some((range) => isIn(range, timeMs))) return;
    all.push(point);
    byHour[hourOf(timeMs)]?.push(point);
  });
  if (all.length < MIN_TRAINING_POINTS) return undefined;
  const overall = meanAndDeviation(all);
  const hours = byHour.map((points) =>
    points.length < MIN_TRAINING_POINTS ? overall : meanAndDeviation(points),
  );
  return (timeMs) => hours[hourOf(timeMs)] ?? overall;
}

function isIn({ startMs, endMs }: ExcludedRange, timeMs: number): boolean {
  return timeMs >= startMs && timeMs < endMs;
}

/** The mean of some numbers, and how far they lie from it as a rule. */
export function meanAndDeviation(values: readonly number[]): Expected {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return { mean, deviation: Math.sqrt(variance) };
}
