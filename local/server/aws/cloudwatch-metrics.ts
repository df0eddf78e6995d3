import { readSeriesFrom } from "@wrist-agent/cloudwatch/math/read-series";
import type { MathSources } from "@wrist-agent/cloudwatch/math/math-value";
import { type MetricIdentity, QueryError } from "@wrist-agent/cloudwatch/metric";
import type { MetricStore, StoredMetric } from "@wrist-agent/cloudwatch/metrics/metric-store";
import { readPutMetricData, type WireDatum } from "@wrist-agent/cloudwatch/metrics/put-metric-data";
import { isStatistic } from "@wrist-agent/cloudwatch/metrics/statistic";
import { readMetricIdentity } from "@wrist-agent/cloudwatch/read-definition";
import { checkPeriod, InputReader, pageOfItems, readGrid, timeRangeInput } from "./cloudwatch-input.ts";
import { getMetricData } from "./cloudwatch-metric-data.ts";
import type { MetricsCall, MetricsOperation, RegionMetrics, StoredMetrics } from "./cloudwatch-ports.ts";
import { AwsError, type Input } from "./service.ts";

const LIMITS = { metricsOfPage: 500, statisticsPoints: 1440 } as const;
const HOUR_MS = 3_600_000;

type Reading = (metrics: StoredMetrics, read: InputReader, nowMs: number) => object;

const READINGS: Readonly<Record<MetricsOperation, Reading>> = {
  GetMetricData: getMetricData,
  GetMetricStatistics: getMetricStatistics,
  ListMetrics: listMetrics,
};

/** The operations that read metrics. */
export const METRIC_READINGS = Object.keys(READINGS) as readonly MetricsOperation[];

/** Reads metrics for an operation; an `AwsError` is thrown where AWS refuses. */
export function metricsAnswer(
  store: MetricStore,
  sources: MathSources,
  { operation, input, nowMs }: MetricsCall,
): object {
  const metrics: StoredMetrics = {
    list: () => [...store.metrics()],
    unitsOf: (metric) => store.unitsOf(metric),
    readSeries: readSeriesFrom(store, undefined, () => sources),
  };
  try {
    return READINGS[operation](metrics, new InputReader(input), nowMs);
  } catch (error) {
    throw error instanceof QueryError ? new AwsError("ValidationError", error.message) : error;
  }
}

/** Takes data in, all or none of them. */
export function putMetricData(metrics: RegionMetrics, input: Input, nowMs: number): object {
  const read = new InputReader(input);
  read.refuse({ EntityMetricData: "send MetricData" });
  const Namespace = read.required("Namespace", read.text("Namespace"));
  if (Namespace.startsWith("AWS/"))
    throw new AwsError(
      "InvalidParameterValue",
      `The value ${Namespace} for parameter Namespace is invalid: AWS/ is reserved.`,
    );
  const MetricData = read.required("MetricData", read.objects("MetricData")).map(wireDatum);
  metrics.put(readPutMetricData({ Namespace, MetricData }, nowMs));
  return {};
}

/** Types are settled here, so that the engine has limits alone to check. */
function wireDatum(read: InputReader): WireDatum {
  const set = read.object("StatisticValues");
  return {
    ...present("MetricName", read.text("MetricName")),
    ...present("Timestamp", read.number("Timestamp")),
    ...present("Unit", read.text("Unit")),
    ...present("StorageResolution", read.number("StorageResolution")),
    ...present("Value", read.number("Value")),
    ...present("Values", read.numbers("Values")),
    ...present("Counts", read.numbers("Counts")),
    ...present("StatisticValues", set && statisticSet(set)),
    ...present("Dimensions", read.objects("Dimensions")?.map(dimension)),
  };
}

function dimension(read: InputReader): NonNullable<WireDatum["Dimensions"]>[number] {
  return { ...present("Name", read.text("Name")), ...present("Value", read.text("Value")) };
}

function statisticSet(read: InputReader): NonNullable<WireDatum["StatisticValues"]> {
  return {
    ...present("SampleCount", read.number("SampleCount")),
    ...present("Sum", read.number("Sum")),
    ...present("Minimum", read.number("Minimum")),
    ...present("Maximum", read.number("Maximum")),
  };
}

function present<Name extends string, Value>(
  name: Name,
  value: Value | undefined,
): Partial<Record<Name, Value>> {
  return value === undefined ? {} : ({ [name]: value } as Record<Name, Value>);
}

/** Lists metrics with data in the last two weeks, or in the last three hours. */
function listMetrics(metrics: StoredMetrics, read: InputReader, nowMs: number): object {
  const recent = read.word("RecentlyActive", ["PT3H"]) === undefined ? 14 * 24 * HOUR_MS : 3 * HOUR_MS;
  const filters = read.objects("Dimensions") ?? [];
  const wanted = filters.map((filter) => ({
    name: filter.required("Name", filter.text("Name")),
    value: filter.text("Value"),
  }));
  const namespace = read.text("Namespace");
  const metricName = read.text("MetricName");
  const found = metrics
    .list()
    .filter(({ lastMs }) => lastMs >= nowMs - recent)
    .map(({ identity }) => identity)
    .filter((metric) => namespace === undefined || metric.namespace === namespace)
    .filter((metric) => metricName === undefined || metric.metricName === metricName)
    .filter(({ dimensions }) =>
      wanted.every(({ name, value }) =>
        value === undefined ? Object.hasOwn(dimensions, name) : dimensions[name] === value,
      ),
    );
  const { items, ...next } = pageOfItems(found, read, LIMITS.metricsOfPage);
  return { Metrics: items.map(metricView), ...next };
}

/** A metric in the API's spelling. */
export function metricView({ namespace, metricName, dimensions }: MetricIdentity): object {
  return { Namespace: namespace, MetricName: metricName, Dimensions: dimensionsView(dimensions) };
}

/** Dimensions in the API's spelling. */
export function dimensionsView(dimensions: Readonly<Record<string, string>>): readonly object[] {
  return Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));
}

/** Reads statistics of one metric, a data point for each period and unit. */
function getMetricStatistics(metrics: StoredMetrics, read: InputReader, nowMs: number): object {
  const metric = readMetricIdentity(read);
  const periodSeconds = read.required("Period", read.number("Period"));
  checkPeriod(periodSeconds);
  const range = timeRangeInput(read, "InvalidParameterValue");
  const points = Math.floor((range.endMs - range.startMs) / (periodSeconds * 1000));
  if (points > LIMITS.statisticsPoints)
    throw new AwsError(
      "InvalidParameterCombination",
      `You have requested up to ${points} datapoints, which exceeds the limit of ${LIMITS.statisticsPoints}. You may reduce the datapoints requested by increasing Period, or decreasing the time range.`,
    );
  const grid = readGrid(range, periodSeconds, nowMs);
  const simple = read.texts("Statistics") ?? [];
  const extended = read.texts("ExtendedStatistics") ?? [];
  checkExtended(extended);
  if (simple.length + extended.length === 0)
    throw new AwsError("MissingParameter", "The parameter Statistics or ExtendedStatistics is required.");
  const unit = read.text("Unit");
  const units = unit === undefined ? metrics.unitsOf(metric) : [unit];
  const statistics = { simple, extended };
  return {
    Label: metric.metricName,
    Datapoints: units.flatMap((each) => datapoints(metrics, { metric, grid, unit: each, statistics })),
  };
}

function checkExtended(extended: readonly string[]): void {
  extended.forEach((text, index) => {
    if (isStatistic(text)) return;
    const place = `ExtendedStatistics.member.${index + 1}.<list element>`;
    throw new AwsError("InvalidParameterValue", `The value ${text} for parameter ${place} is not supported.`);
  });
}

interface StatisticsRead {
  readonly metric: StoredMetric["identity"];
  readonly grid: ReturnType<typeof readGrid>;
  readonly unit: string;
  readonly statistics: { readonly simple: readonly string[]; readonly extended: readonly string[] };
}

function datapoints(
  { readSeries }: StoredMetrics,
  { metric, grid, unit, statistics: { simple, extended } }: StatisticsRead,
): readonly object[] {
  const columnOf = (stat: string): readonly (number | undefined)[] => {
    const metricStat = { metric, stat, unit, periodSeconds: grid.periodSeconds };
    return readSeries([{ id: "m1", metricStat }], grid)[0]?.values ?? [];
  };
  const samples = columnOf("SampleCount");
  const columns = simple.map((stat) => [stat, columnOf(stat)] as const);
  const extendedColumns = extended.map((stat) => [stat, columnOf(stat)] as const);
  return samples.flatMap((count, slot) => {
    if (count === undefined) return [];
    const at = (pairs: typeof columns): Record<string, number | undefined> =>
      Object.fromEntries(pairs.map(([stat, values]) => [stat, values[slot]]));
    const Timestamp = grid.startMs / 1000 + slot * grid.periodSeconds;
    const ExtendedStatistics = at(extendedColumns);
    return [{ Timestamp, Unit: unit, ...at(columns), ...(extended.length > 0 && { ExtendedStatistics }) }];
  });
}
