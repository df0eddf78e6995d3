import { rowPeriods } from "@wrist-agent/cloudwatch/dashboards/metric-rows";
import type { MetricDataQuery, Series } from "@wrist-agent/cloudwatch/metric";
import { distinctLabels, fillDynamicLabel } from "@wrist-agent/cloudwatch/metrics/series-labels";
import {
  checkPeriod,
  type InputReader,
  metricDataQueryInput,
  nextToken,
  pageOffset,
  readGrid,
  type TimeRange,
  timeRangeInput,
} from "./cloudwatch-input.ts";
import type { StoredMetrics } from "./cloudwatch-ports.ts";
import { AwsError } from "./service.ts";

const LIMITS = { queries: 500, points: 100_800, expression: 2048 } as const;
const ID = /^[a-z][A-Za-z0-9_]{0,254}$/;

/** Answers GetMetricData: every returned series with its points, newest first unless asked otherwise. */
export function getMetricData(metrics: StoredMetrics, read: InputReader, nowMs: number): object {
  const queries = queriesOf(read);
  const range = timeRangeInput(read);
  const oldestFirst =
    read.word("ScanBy", ["TimestampDescending", "TimestampAscending"]) === "TimestampAscending";
  const lines = linesOf(metrics, { queries, range, nowMs });
  const page = { offset: pageOffset(read), most: maxDatapoints(read), oldestFirst };
  return { ...pageOf(lines, page), Messages: [] };
}

function queriesOf(read: InputReader): readonly MetricDataQuery[] {
  const entries = read.required("MetricDataQueries", read.objects("MetricDataQueries"));
  if (entries.length > LIMITS.queries)
    throw validationError(
      `The collection MetricDataQueries must not have a size greater than ${LIMITS.queries}.`,
    );
  const queries = entries.map(metricDataQueryInput);
  for (const query of queries) checkQuery(query);
  const twice = queries.find(({ id }, index) => queries.findIndex((other) => other.id === id) !== index);
  if (twice !== undefined)
    throw validationError(`The id ${twice.id} is used twice: every Id must be unique.`);
  return queries;
}

function checkQuery({ id, expression, metricStat, periodSeconds = 1 }: MetricDataQuery): void {
  if (!ID.test(id))
    throw validationError(
      `The value ${id} for parameter Id is not matching the expected pattern ^[a-z][a-zA-Z0-9_]*$.`,
    );
  if ((expression === undefined) === (metricStat === undefined))
    throw validationError(`The query ${id} must have exactly one of MetricStat and Expression.`);
  if ((expression ?? "").length > LIMITS.expression)
    throw validationError(`The Expression of ${id} must not be longer than ${LIMITS.expression} characters.`);
  if (/^\s*SELECT\b/i.test(expression ?? ""))
    throw validationError(
      `The query ${id} is a Metrics Insights query (SELECT ...), which the local runtime does not run: use MetricStat or SEARCH`,
    );
  if (metricStat !== undefined) checkPeriod(metricStat.periodSeconds);
  if (periodSeconds < 1)
    throw validationError(`The value ${periodSeconds} for parameter Period of ${id} must be at least 1.`);
}

function validationError(message: string): AwsError {
  return new AwsError("ValidationError", message);
}

function maxDatapoints(read: InputReader): number {
  const most = read.number("MaxDatapoints") ?? LIMITS.points;
  if (most >= 1 && most <= LIMITS.points) return most;
  throw validationError(
    `The value ${most} for parameter MaxDatapoints must be between 1 and ${LIMITS.points}.`,
  );
}

interface Point {
  readonly timeMs: number;
  readonly value: number;
}

/** A series of the answer; points are made of it for the page that is asked for, as there may be millions. */
interface Line {
  readonly id: string;
  readonly label: string;
  readonly series: Series;
  /** Periods that have a value. */
  readonly count: number;
  readonly messages: readonly object[];
}

/** The points from one to before another, counted from the newest unless the oldest come first. */
function pointsOf(
  { series: { values, startMs, periodSeconds }, count }: Line,
  { from, to, oldestFirst }: { readonly from: number; readonly to: number; readonly oldestFirst: boolean },
): readonly Point[] {
  const points: Point[] = [];
  if (to <= from || from >= count) return points;
  let position = 0;
  for (let n = 0; n < values.length && position < to; n += 1) {
    const slot = oldestFirst ? n : values.length - 1 - n;
    const value = values[slot];
    if (value === undefined) continue;
    if (position >= from) points.push({ timeMs: startMs + slot * periodSeconds * 1000, value });
    position += 1;
  }
  return points;
}

function countOf(values: Series["values"]): number {
  let count = 0;
  for (const value of values) if (value !== undefined) count += 1;
  return count;
}

interface Reading {
  readonly queries: readonly MetricDataQuery[];
  readonly range: TimeRange;
  readonly nowMs: number;
}

/** Queries of one period are read together; the others are there for expressions to use. */
function linesOf(metrics: StoredMetrics, { queries, range, nowMs }: Reading): readonly Line[] {
  const returned = queries.filter((query) => query.returnData !== false);
  const periods = new Map(returned.map((query) => [query.id, periodOf(query, queries)]));
  const found = new Map<string, readonly Series[]>();
  for (const periodSeconds of new Set(periods.values())) {
    const asked = queries.map((query) => ({
      ...query,
      returnData: periods.get(query.id) === periodSeconds,
    }));
    const stored = storedRange(range, periodSeconds, nowMs);
    for (const series of metrics.readSeries(asked, readGrid(stored, periodSeconds, nowMs)))
      found.set(series.id, [...(found.get(series.id) ?? []), series]);
  }
  const labels = defaultLabels(returned);
  return returned.flatMap((query) => {
    const all = found.get(query.id) ?? [];
    const label = (series: Series): string =>
      all.length === 1 ? (labels.get(query.id) ?? series.label) : series.label;
    return all.map((series) => lineOf(query, { ...series, label: label(series) }, { metrics, range, all }));
  });
}

/**
 * The part of a range of which CloudWatch still has points: 455 days, and three hours of those under a minute
 * apart.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_concepts.html#metrics-retention
 */
function storedRange({ startMs, endMs }: TimeRange, periodSeconds: number, nowMs: number): TimeRange {
  const periodMs = periodSeconds * 1000;
  const keptMs = periodSeconds < 60 ? KEPT_MS.seconds : KEPT_MS.longest;
  const gone = Math.floor((nowMs - keptMs - startMs) / periodMs);
  return { startMs: startMs + Math.max(0, gone) * periodMs, endMs };
}

const KEPT_MS = { seconds: 3 * 3_600_000, longest: 455 * 86_400_000 } as const;

/**
 * Its own period, or an expression's longest among what it reads; `Period` serves expressions that read none.
 */
function periodOf(query: MetricDataQuery, queries: readonly MetricDataQuery[]): number {
  const rows = queries.map(({ id, expression, metricStat }) => ({
    id,
    ...(expression !== undefined && { expression }),
    ...(metricStat !== undefined && { metric: metricStat.metric, periodSeconds: metricStat.periodSeconds }),
  }));
  return rowPeriods(rows, query.periodSeconds ?? 60).get(query.id) ?? 60;
}

/** Labels of metrics without one: the parts in which they differ. */
function defaultLabels(returned: readonly MetricDataQuery[]): ReadonlyMap<string, string> {
  const plain = returned.flatMap(({ id, label, metricStat }) =>
    label === undefined && metricStat !== undefined ? [{ id, ...metricStat }] : [],
  );
  const labels = distinctLabels(plain);
  return new Map(plain.map(({ id, metric }, index) => [id, labels[index] ?? metric.metricName]));
}

interface LineContext {
  readonly metrics: StoredMetrics;
  readonly range: TimeRange;
  readonly all: readonly Series[];
}

function lineOf(query: MetricDataQuery, series: Series, { metrics, range, all }: LineContext): Line {
  const { startMs, periodSeconds, values } = series;
  const metric = query.metricStat?.metric ?? series.metric;
  const { text } = fillDynamicLabel(query.label ?? series.label, {
    label: series.label,
    startMs,
    periodSeconds,
    values,
    endMs: range.endMs,
    ...(metric !== undefined && { metric }),
    ...(query.metricStat !== undefined && { stat: query.metricStat.stat }),
  });
  const isShared = all.length > 1 && query.label !== undefined && !query.label.includes("${");
  return {
    id: query.id,
    label: isShared ? `${text} ${series.label}` : text,
    series,
    count: countOf(values),
    messages: unitMessages(query, metrics),
  };
}

function unitMessages({ metricStat }: MetricDataQuery, metrics: StoredMetrics): readonly object[] {
  if (metricStat === undefined || metricStat.unit !== undefined) return [];
  const units = metrics.unitsOf(metricStat.metric);
  if (units.length < 2) return [];
  return [{ Code: "MultipleUnits", Value: `Multiple units returned: '[${units.join(", ")}]'` }];
}

/** A part of a response: at most `most` points, counted from `offset` over all series. */
interface ResponsePage {
  readonly offset: number;
  readonly most: number;
  readonly oldestFirst: boolean;
}

function pageOf(lines: readonly Line[], { offset, most, oldestFirst }: ResponsePage): object {
  const total = lines.reduce((sum, { count }) => sum + count, 0);
  const end = offset + most;
  let position = 0;
  const results: object[] = [];
  for (const line of lines) {
    const start = position;
    position += line.count;
    const points = pointsOf(line, { from: Math.max(0, offset - start), to: end - start, oldestFirst });
    const isEmptyHere = line.count === 0 && start >= offset && (start < end || end >= total);
    if (points.length > 0 || isEmptyHere) results.push(resultOf(line, points, position <= end));
  }
  return { MetricDataResults: results, ...nextToken(end, total) };
}

function resultOf({ id, label, messages }: Line, points: readonly Point[], isComplete: boolean): object {
  return {
    Id: id,
    Label: label,
    Timestamps: points.map(({ timeMs }) => timeMs / 1000),
    Values: points.map(({ value }) => value),
    StatusCode: isComplete ? "Complete" : "PartialData",
    ...(messages.length > 0 && { Messages: messages }),
  };
}
