import type { MetricAlarm, MetricDataQuery } from "@aws-sdk/client-cloudwatch";
import {
  agentServiceName,
  METRIC_NAMESPACE,
  type MetricEntry,
  METRICS,
  PROBE_METRIC,
  probeServiceName,
  SERVICE_DIMENSION,
} from "../../lambda/contract/metrics.ts";
import { UsageError } from "../cli/failure.ts";
import { metricQuery, type SeriesRequest } from "../cli/metric-series.ts";
import type { StageAlarm } from "../cli/stage-alarms.ts";
import type { StageConnection } from "../cli/stage-connection.ts";

/** What was asked for, and the alarms among which it is looked up. */
export interface SeriesChoice {
  readonly stage: Pick<StageConnection, "names" | "target" | "region">;
  readonly alarms: readonly StageAlarm[];
  /** A metric of the catalogue or of an alarm, or an alarm. */
  readonly name: string;
  readonly statistic?: string;
  readonly probe?: true;
}

/** A series to read, with the alarm that judges it. */
export interface ChosenSeries {
  readonly title: string;
  readonly region: string;
  readonly queries: readonly MetricDataQuery[];
  /** Id of the query whose points are drawn. */
  readonly shownId: string;
  /** The alarm's; missing where none judges the series: then the period is free. */
  readonly periodSeconds?: number;
  /** The same with another period. */
  readonly withPeriod: (periodSeconds: number) => readonly MetricDataQuery[];
  readonly alarm?: StageAlarm & { readonly definition: MetricAlarm };
  readonly unit: string;
}

/** Finds what a name means: an alarm by its key or name, else a metric. */
export function chooseSeries(choice: SeriesChoice): ChosenSeries {
  const { name, stage, alarms } = choice;
  const alarm = alarms.find(({ alarmName }) => alarmName === name || alarmName === stage.names.alarm(name));
  if (alarm !== undefined) return alarmSeries(alarm);
  const request = metricNamed(choice);
  if (request === undefined) throw unknownName(choice);
  return metricSeries(choice, request);
}

function isMetricAlarm(alarm: StageAlarm): alarm is StageAlarm & { readonly definition: MetricAlarm } {
  return alarm.kind === "metric";
}

function alarmSeries(alarm: StageAlarm): ChosenSeries {
  if (!isMetricAlarm(alarm))
    throw new UsageError(
      `${alarm.alarmName} is a composite alarm and watches no metric: name one of ${alarm.condition}`,
    );
  const { Metrics = [], ComparisonOperator = "" } = alarm.definition;
  const found = singleMetric(alarm.definition);
  if (found !== undefined) return { ...seriesOf(found, alarm.region), title: alarm.alarmName, alarm };
  if (ComparisonOperator.includes("Upper") || ComparisonOperator.includes("LowerThreshold"))
    throw new UsageError(
      `${alarm.alarmName} is compared with a band, which is not drawn: see it on the dashboard`,
    );
  const shown = Metrics.find(({ ReturnData }) => ReturnData !== false) ?? Metrics[0];
  const period = Math.max(
    60,
    ...Metrics.flatMap(({ Period, MetricStat }) => Period ?? MetricStat?.Period ?? []),
  );
  return {
    title: alarm.alarmName,
    region: alarm.region,
    queries: Metrics,
    shownId: shown?.Id ?? "",
    periodSeconds: period,
    withPeriod: () => Metrics,
    alarm,
    unit: "",
  };
}

/** The metric of an alarm that watches one as it is, whichever way it is written. */
function singleMetric(alarm: MetricAlarm): SeriesRequest | undefined {
  const { Namespace, MetricName, Dimensions, Statistic, ExtendedStatistic, Period, Metrics = [] } = alarm;
  const dimensionsOf = (list: MetricAlarm["Dimensions"]): SeriesRequest["dimensions"] =>
    Object.fromEntries((list ?? []).map(({ Name = "", Value = "" }) => [Name, Value]));
  if (Namespace !== undefined && MetricName !== undefined)
    return {
      namespace: Namespace,
      metricName: MetricName,
      dimensions: dimensionsOf(Dimensions),
      statistic: Statistic ?? ExtendedStatistic ?? "Average",
      periodSeconds: Period ?? 60,
    };
  const [only] = Metrics;
  const { Metric, Stat = "Average", Period: own = 60 } = only?.MetricStat ?? {};
  if (Metrics.length !== 1 || Metric === undefined) return undefined;
  return {
    namespace: Metric.Namespace ?? "",
    metricName: Metric.MetricName ?? "",
    dimensions: dimensionsOf(Metric.Dimensions),
    statistic: Stat,
    periodSeconds: own,
  };
}

const SHOWN = "shown";

function seriesOf(request: SeriesRequest, region: string): Omit<ChosenSeries, "title"> {
  return {
    region,
    queries: [metricQuery(SHOWN, request)],
    shownId: SHOWN,
    periodSeconds: request.periodSeconds,
    withPeriod: (periodSeconds) => [metricQuery(SHOWN, { ...request, periodSeconds })],
    unit: unitOf(request.metricName),
  };
}

function unitOf(metricName: string): string {
  return catalogueEntry(metricName)?.unit ?? "";
}

function catalogueEntry(name: string): MetricEntry | undefined {
  return Object.hasOwn(METRICS, name) ? METRICS[name as keyof typeof METRICS] : undefined;
}

/** The metric of that name: one that an alarm watches with its dimensions, else one of the catalogue. */
function metricNamed({ name, stage, alarms, probe, statistic }: SeriesChoice): SeriesRequest | undefined {
  const service =
    probe === true ? probeServiceName(stage.target.stage) : agentServiceName(stage.target.stage);
  const entry = catalogueEntry(name);
  if (entry !== undefined)
    return {
      namespace: METRIC_NAMESPACE,
      metricName: entry.name,
      dimensions: { [SERVICE_DIMENSION]: service },
      statistic: statistic ?? defaultStatistic(entry, probe),
      periodSeconds: 60,
    };
  const found = watchedMetrics(alarms).find(({ metricName }) => metricName === name);
  return found && { ...found, statistic: statistic ?? found.statistic };
}

/** Every metric that an alarm reads, also inside an expression. */
function watchedMetrics(alarms: readonly StageAlarm[]): readonly SeriesRequest[] {
  return alarms.filter(isMetricAlarm).flatMap(({ definition }) => {
    const parts = (definition.Metrics ?? []).filter(({ MetricStat }) => MetricStat !== undefined);
    const each = parts.flatMap((part) => singleMetric({ Metrics: [part] }) ?? []);
    return [...each, ...(definition.MetricName === undefined ? [] : [singleMetric(definition)])].filter(
      (request) => request !== undefined,
    );
  });
}

function defaultStatistic({ name, unit }: MetricEntry, probe: true | undefined): string {
  if (probe === true && name === PROBE_METRIC) return "Maximum";
  if (unit === "Milliseconds") return "p90";
  return name === METRICS.TokenAgeDays.name ? "Maximum" : "Sum";
}

/** A metric, with the alarm that judges just this statistic of it where there is one. */
function metricSeries({ alarms, stage, name }: SeriesChoice, request: SeriesRequest): ChosenSeries {
  const judging = alarms.filter(isMetricAlarm).find(({ definition, region }) => {
    const watched = singleMetric(definition);
    return (
      region === stage.region &&
      watched !== undefined &&
      definition.Threshold !== undefined &&
      JSON.stringify({ ...watched, periodSeconds: 0 }) === JSON.stringify({ ...request, periodSeconds: 0 })
    );
  });
  const title = `${request.statistic} of ${name}`;
  if (judging === undefined) {
    const { periodSeconds: _free, ...series } = seriesOf(request, stage.region);
    return { ...series, title };
  }
  const periodSeconds = singleMetric(judging.definition)?.periodSeconds ?? 60;
  return { ...seriesOf({ ...request, periodSeconds }, stage.region), title, alarm: judging };
}

function unknownName({ name, alarms, stage }: SeriesChoice): UsageError {
  const watched = watchedMetrics(alarms).map(({ metricName }) => metricName);
  const metrics = [...new Set([...Object.keys(METRICS), ...watched])];
  const prefix = stage.names.alarm("");
  const keys = alarms
    .filter(isMetricAlarm)
    .map(({ alarmName }) => (alarmName.startsWith(prefix) ? alarmName.slice(prefix.length) : alarmName));
  return new UsageError(
    `there is no metric or alarm "${name}": metrics are ${metrics.join(", ")}; alarms are ${keys.join(", ")}`,
  );
}
