import type { MetricIdentity, MetricStat } from "@wrist-agent/cloudwatch/metric";
import { MetricStore } from "@wrist-agent/cloudwatch/metrics/metric-store";
import { alarmMetrics, metricKey, metricText } from "./alarm-metrics.ts";
import type { SeriesItem } from "./alarm-test.ts";
import { awsUnit, awsUnitSource } from "./aws-units.ts";
import type { TemplateAlarm } from "./template-alarms.ts";

/** A series of a test whose references are resolved. */
export interface FedSeries {
  readonly line: number;
  readonly metric: MetricIdentity;
  readonly unit?: string;
  /** Every Region when missing. */
  readonly region?: string;
  readonly items: readonly SeriesItem[];
}

/** Something that whoever wrote the test should know, though it is no failure. */
export interface TestNote {
  readonly line: number;
  readonly text: string;
}

/** Series and the times of their items. */
export interface Feed {
  readonly series: readonly FedSeries[];
  /** Epoch milliseconds of the first items. */
  readonly startMs: number;
  readonly intervalMs: number;
}

/** What is in the store of one Region before the first evaluation. */
export function filledStore(feed: Feed, alarms: readonly TemplateAlarm[], region: string): MetricStore {
  const store = new MetricStore();
  const readers = readersByMetric(alarms);
  for (const series of feed.series) {
    if (series.region !== undefined && series.region !== region) continue;
    for (const unit of unitsOf(series, readers)) put(store, { series, unit, feed });
  }
  return store;
}

function put(
  store: MetricStore,
  { series, unit, feed }: { readonly series: FedSeries; readonly unit: string; readonly feed: Feed },
): void {
  store.putSeries({
    ...series.metric,
    unit,
    startMs: feed.startMs,
    intervalMs: feed.intervalMs,
    storageResolution: feed.intervalMs < 60_000 ? 1 : 60,
    values: series.items.map((item) => item?.value),
    counts: series.items.map((item) => item?.samples),
  });
}

interface Reader {
  readonly alarm: TemplateAlarm;
  readonly stat: MetricStat;
}

function readersByMetric(alarms: readonly TemplateAlarm[]): ReadonlyMap<string, readonly Reader[]> {
  const readers = new Map<string, Reader[]>();
  for (const alarm of alarms)
    for (const stat of alarmMetrics(alarm.definition)) {
      const key = metricKey(stat.metric);
      readers.set(key, [...(readers.get(key) ?? []), { alarm, stat }]);
    }
  return readers;
}

/** The unit that the test gives, AWS's own for a metric of AWS, else every unit that an alarm asks for. */
function unitsOf(series: FedSeries, readers: ReadonlyMap<string, readonly Reader[]>): readonly string[] {
  const { namespace, metricName } = series.metric;
  const known = series.unit ?? awsUnit(namespace, metricName);
  if (known !== undefined) return [known];
  const asked = (readers.get(metricKey(series.metric)) ?? []).flatMap(({ stat }) => stat.unit ?? []);
  return asked.length === 0 ? ["None"] : [...new Set(asked)];
}

/**
 * What does not meet: series that no alarm reads, units that differ, and units that were taken from an alarm.
 */
export function feedNotes({ series }: Feed, alarms: readonly TemplateAlarm[]): readonly TestNote[] {
  const readers = readersByMetric(alarms);
  return series.flatMap((each) => {
    const own = readers.get(metricKey(each.metric)) ?? [];
    if (own.length > 0) return unitNotes(each, own);
    return [
      { line: each.line, text: `no alarm reads the series ${metricText(each.metric)}${hint(each, alarms)}` },
    ];
  });
}

function hint({ metric }: FedSeries, alarms: readonly TemplateAlarm[]): string {
  for (const { definition } of alarms) {
    const near = alarmMetrics(definition).find(
      (stat) => stat.metric.namespace === metric.namespace && stat.metric.metricName === metric.metricName,
    );
    if (near !== undefined) return `; ${definition.alarmName} reads ${metricText(near.metric)}`;
  }
  return "";
}

function unitNotes(series: FedSeries, readers: readonly Reader[]): readonly TestNote[] {
  const { namespace, metricName } = series.metric;
  const known = series.unit ?? awsUnit(namespace, metricName);
  const asking = readers.filter(({ stat }) => stat.unit !== undefined && stat.unit !== known);
  const who =
    series.unit === undefined
      ? `AWS publishes it in ${known ?? ""} (${awsUnitSource(namespace) ?? ""})`
      : `the series has ${series.unit}`;
  return asking.map(({ alarm, stat }) => ({
    line: series.line,
    text:
      known === undefined
        ? `${metricText(series.metric)} is fed in ${stat.unit ?? ""}, which ${alarm.definition.alarmName} asks for: give unit when the metric has another one`
        : `${alarm.definition.alarmName} asks for ${metricText(series.metric)} in ${stat.unit ?? ""}, and ${who}: it sees no data`,
  }));
}

/** The metrics of an alarm that no series feeds, as text. */
export function unfedMetrics(
  { series }: Pick<Feed, "series">,
  { definition, region }: TemplateAlarm,
): readonly string[] {
  const fed = new Set(
    series
      .filter((each) => each.region === undefined || each.region === region)
      .map(({ metric }) => metricKey(metric)),
  );
  const unfed = alarmMetrics(definition).filter(({ metric }) => !fed.has(metricKey(metric)));
  return [...new Set(unfed.map(({ metric }) => metricText(metric)))];
}
