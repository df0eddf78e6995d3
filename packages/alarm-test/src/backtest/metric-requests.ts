import { isComposite } from "@wrist-agent/cloudwatch/alarm";
import type { MetricIdentity, MetricStat } from "@wrist-agent/cloudwatch/metric";
import { needsDistribution, parseStatistic } from "@wrist-agent/cloudwatch/metrics/statistic";
import { alarmMetrics, metricKey } from "../alarm-metrics.ts";
import type { RecordedMetrics } from "./recorded-metrics.ts";
import { alarmChildren, isSameHome, type TemplateAlarm } from "../template-alarms.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/**
 * How long CloudWatch keeps points of a period.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_concepts.html
 */
const RETENTION = [
  { stepSeconds: 60, keptMs: 15 * DAY_MS },
  { stepSeconds: 300, keptMs: 63 * DAY_MS },
  { stepSeconds: 3600, keptMs: 455 * DAY_MS },
] as const;

/** The time that is replayed, epoch milliseconds. */
export interface BacktestRange {
  readonly fromMs: number;
  readonly toMs: number;
  /** When it is asked: what is older than 15 days is there by five minutes only. */
  readonly nowMs: number;
}

/** A stretch of the range, and the finest points that CloudWatch still has of it. */
export interface Stretch {
  readonly startMs: number;
  readonly endMs: number;
  readonly stepSeconds: number;
}

/** One query of a call: one statistic of one metric. */
export interface MetricQuery {
  readonly metric: MetricIdentity;
  readonly unit?: string;
  readonly statistic: string;
  readonly periodSeconds: number;
}

/** One GetMetricData call. */
export interface MetricCall {
  readonly region: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly queries: readonly MetricQuery[];
}

/** An alarm, and from when on it can be replayed; `undefined` for never, with the reason. */
export interface Replayable {
  readonly alarm: TemplateAlarm;
  readonly fromMs?: number;
  readonly reason?: string;
}

/** The stretches of a range, finest last; each begins at a multiple of its step. */
export function stretchesOf({ fromMs, toMs, nowMs }: BacktestRange): readonly Stretch[] {
  const stretches: Stretch[] = [];
  let endMs = floorTo(toMs, MINUTE_MS);
  for (const { stepSeconds, keptMs } of RETENTION) {
    const stepMs = stepSeconds * 1000;
    const startMs = Math.max(floorTo(fromMs, stepMs), ceilTo(nowMs - keptMs, 3_600_000));
    // A coarse stretch begins earlier than the range: it is of no use where finer points cover the whole.
    if (startMs < endMs && endMs > fromMs) stretches.unshift({ startMs, endMs, stepSeconds });
    endMs = Math.min(endMs, startMs);
  }
  return stretches;
}

/** The stretches of recorded metrics, finest last. */
export function recordedStretches({ series }: Pick<RecordedMetrics, "series">): readonly Stretch[] {
  const stretches = new Map<number, Stretch>();
  for (const { startMs, stepSeconds, values } of series) {
    const known = stretches.get(stepSeconds);
    const endMs = startMs + values.length * stepSeconds * 1000;
    stretches.set(stepSeconds, {
      stepSeconds,
      startMs: Math.min(startMs, known?.startMs ?? startMs),
      endMs: Math.max(endMs, known?.endMs ?? endMs),
    });
  }
  return [...stretches.values()].sort((a, b) => a.startMs - b.startMs);
}

function floorTo(ms: number, step: number): number {
  return Math.floor(ms / step) * step;
}

function ceilTo(ms: number, step: number): number {
  return Math.ceil(ms / step) * step;
}

/** From when on each alarm can be replayed: what it needs finer than the points that are left cannot be. */
export function replayableAlarms(
  alarms: readonly TemplateAlarm[],
  { stretches, fromMs }: { readonly stretches: readonly Stretch[]; readonly fromMs: number },
): readonly Replayable[] {
  return alarms.map((alarm) => {
    const periods = periodsOf(alarm, alarms);
    const finest = Math.min(...periods);
    const stretch = stretches.find(({ stepSeconds }) =>
      periods.every((period) => period % stepSeconds === 0),
    );
    if (stretch === undefined) return { alarm, reason: `it needs points by ${finest} s, and there are none` };
    if (stretch.startMs <= fromMs) return { alarm, fromMs };
    return { alarm, fromMs: stretch.startMs, reason: `before, there are no points by ${finest} s` };
  });
}

function periodsOf(
  alarm: TemplateAlarm,
  alarms: readonly TemplateAlarm[],
  seen: readonly TemplateAlarm[] = [],
): readonly number[] {
  if (!isComposite(alarm.definition)) return alarmMetrics(alarm.definition).map(neededStep);
  const names = alarmChildren(alarm.definition);
  const children = alarms.filter(
    (each) => isSameHome(each, alarm) && names.includes(each.definition.alarmName) && !seen.includes(each),
  );
  return children.flatMap((child) => periodsOf(child, alarms, [...seen, alarm]));
}

/** Points that add up serve every multiple of their step; a percentile must be there for every minute. */
function neededStep({ stat, periodSeconds }: MetricStat): number {
  return needsDistribution(parseStatistic(stat)) ? Math.min(periodSeconds, 60) : periodSeconds;
}

/**
 * Queries in one call at most, and points in one answer.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html
 */
const MAX_QUERIES = 500;
const MAX_POINTS = 100_800;

/** The calls that read what alarms need, each of them one answer long. */
export function metricCalls(
  alarms: readonly TemplateAlarm[],
  stretches: readonly Stretch[],
): readonly MetricCall[] {
  return stretches.flatMap((stretch) =>
    [...phasedQueries(alarms, stretch).values()].flatMap((group) => callsOf(group, stretch)),
  );
}

/** Queries of one Region and period that begin at the same offset. */
interface QueryGroup {
  readonly region: string;
  readonly periodSeconds: number;
  readonly offsetMs: number;
  readonly queries: Map<string, MetricQuery>;
}

function phasedQueries(
  alarms: readonly TemplateAlarm[],
  { stepSeconds }: Stretch,
): ReadonlyMap<string, QueryGroup> {
  const groups = new Map<string, QueryGroup>();
  for (const { definition, region } of alarms)
    for (const stat of alarmMetrics(definition))
      for (const { query, offsetMs } of queriesFor(stat, stepSeconds)) {
        const { periodSeconds } = query;
        const key = `${region}/${periodSeconds}/${offsetMs}`;
        const group = groups.get(key) ?? {
          region,
          periodSeconds,
          offsetMs,
          queries: new Map<string, MetricQuery>(),
        };
        group.queries.set(
          JSON.stringify([metricKey(query.metric), query.unit ?? "", query.statistic]),
          query,
        );
        groups.set(key, group);
      }
  return groups;
}

const PARTS: Readonly<Record<string, readonly string[]>> = { Average: ["Sum", "SampleCount"] };

/**
 * What adds up is read by the step. A percentile does not add up: it is read over the alarm's own period,
 * once for each minute at which the sliding window may begin.
 */
function queriesFor(
  stat: MetricStat,
  stepSeconds: number,
): readonly { readonly query: MetricQuery; readonly offsetMs: number }[] {
  const { metric, stat: statistic, unit, periodSeconds } = stat;
  const base = { metric, ...(unit === undefined ? {} : { unit }) };
  if (periodSeconds % stepSeconds !== 0) return [];
  if (!needsDistribution(parseStatistic(statistic)))
    return (PARTS[statistic] ?? [statistic]).map((part) => ({
      query: { ...base, statistic: part, periodSeconds: stepSeconds },
      offsetMs: 0,
    }));
  return Array.from({ length: periodSeconds / stepSeconds }, (_, phase) => ({
    query: { ...base, statistic, periodSeconds },
    offsetMs: phase * stepSeconds * 1000,
  }));
}

function callsOf(
  { region, periodSeconds, offsetMs, queries }: QueryGroup,
  stretch: Stretch,
): readonly MetricCall[] {
  const all = [...queries.values()];
  const calls: MetricCall[] = [];
  for (let at = 0; at < all.length; at += MAX_QUERIES) {
    const some = all.slice(at, at + MAX_QUERIES);
    const spanMs = Math.floor(MAX_POINTS / some.length) * periodSeconds * 1000;
    for (let startMs = stretch.startMs + offsetMs; startMs < stretch.endMs; startMs += spanMs)
      calls.push({ region, startMs, endMs: Math.min(startMs + spanMs, stretch.endMs), queries: some });
  }
  return calls;
}

/**
 * Dollars for a thousand metrics that GetMetricData is asked for. https://aws.amazon.com/cloudwatch/pricing/
 */
const USD_PER_THOUSAND_METRICS = 0.01;

/** What calls cost, in dollars. */
export function callsCostUsd(calls: readonly MetricCall[]): number {
  const metrics = calls.reduce((sum, { queries }) => sum + queries.length, 0);
  return (metrics / 1000) * USD_PER_THOUSAND_METRICS;
}
