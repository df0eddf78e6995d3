import {
  COMPARISON_OPERATORS,
  type MetricAlarmDefinition,
  type TreatMissingData,
} from "../cloudwatch/alarm-definition.ts";
import type { MetricDataQuery, MetricStat } from "../cloudwatch/metric.ts";
import { alarmBasics } from "./alarm-basics.ts";
import { AssemblyError } from "./assembly-error.ts";
import { placeOf, present, readProperties, type PropertyReader } from "./property-reader.ts";
import type { ResolvedResource } from "./resolve-stacks.ts";

const MISSING_DATA = [
  "missing",
  "ignore",
  "breaching",
  "notBreaching",
] as const satisfies readonly TreatMissingData[];

/** Makes the engine's definition of an `AWS::CloudWatch::Alarm`. */
export function metricAlarmOf(resource: ResolvedResource): MetricAlarmDefinition {
  const read = readProperties(resource);
  if (read.has("EvaluationCriteria"))
    throw new AssemblyError(
      `${placeOf(resource)} is a PromQL alarm, which is not emulated: use metrics or expressions`,
    );
  return present<MetricAlarmDefinition>({
    ...alarmBasics(resource, read),
    ...identityOf(read),
    ...statisticOf(read),
    metrics: read.objects("Metrics")?.map((query) => queryOf(query, resource)),
    evaluationPeriods: read.required("EvaluationPeriods", read.number("EvaluationPeriods")),
    datapointsToAlarm: read.number("DatapointsToAlarm"),
    threshold: read.number("Threshold"),
    thresholdMetricId: read.text("ThresholdMetricId"),
    comparisonOperator: read.required(
      "ComparisonOperator",
      read.word("ComparisonOperator", COMPARISON_OPERATORS),
    ),
    treatMissingData: read.word("TreatMissingData", MISSING_DATA),
    evaluationWindow: windowOf(read),
    warmUp: warmUpOf(read),
  });
}

type Part<K extends keyof MetricAlarmDefinition> = {
  readonly [P in K]: MetricAlarmDefinition[P] | undefined;
};

function identityOf(read: PropertyReader): Part<"namespace" | "metricName" | "dimensions"> {
  const metricName = read.text("MetricName");
  return {
    namespace: read.text("Namespace"),
    metricName,
    dimensions: metricName === undefined ? undefined : dimensionsOf(read),
  };
}

function statisticOf(
  read: PropertyReader,
): Part<"statistic" | "extendedStatistic" | "periodSeconds" | "unit" | "evaluateLowSampleCountPercentile"> {
  return {
    statistic: read.text("Statistic"),
    extendedStatistic: read.text("ExtendedStatistic"),
    periodSeconds: read.number("Period"),
    unit: read.text("Unit"),
    evaluateLowSampleCountPercentile: read.word("EvaluateLowSampleCountPercentile", ["evaluate", "ignore"]),
  };
}

function windowOf(read: PropertyReader): MetricAlarmDefinition["evaluationWindow"] {
  const wallClock = read.object("EvaluationWindow")?.object("WallClockWindow");
  return wallClock && { wallClock: present<{ timezone?: string }>({ timezone: wallClock.text("Timezone") }) };
}

function warmUpOf(read: PropertyReader): MetricAlarmDefinition["warmUp"] {
  const warmUp = read.object("WarmUpConfiguration");
  if (warmUp === undefined) return undefined;
  const minutes = warmUp.number("WarmUpPeriodDurationInMinutes");
  return present<NonNullable<MetricAlarmDefinition["warmUp"]>>({
    minutes: warmUp.required("WarmUpPeriodDurationInMinutes", minutes),
    onlyAfterEnd: warmUp.flag("OnlyStartEvaluatingAfterWarmUpPeriodEnds"),
  });
}

function queryOf(read: PropertyReader, resource: ResolvedResource): MetricDataQuery {
  const id = read.required("Id", read.text("Id"));
  const account = read.text("AccountId");
  if (account !== undefined && account !== resource.accountId)
    throw new AssemblyError(
      `${placeOf(resource)} reads "${id}" from account ${account}, which is not emulated: read from ${resource.accountId}`,
    );
  const metricStat = read.object("MetricStat");
  return present<MetricDataQuery>({
    id,
    label: read.text("Label"),
    returnData: read.flag("ReturnData"),
    expression: read.text("Expression"),
    metricStat: metricStat && metricStatOf(metricStat),
    periodSeconds: read.number("Period"),
  });
}

function metricStatOf(read: PropertyReader): MetricStat {
  const metric = read.required("Metric", read.object("Metric"));
  return present<MetricStat>({
    metric: {
      namespace: metric.text("Namespace") ?? "",
      metricName: metric.text("MetricName") ?? "",
      dimensions: dimensionsOf(metric),
    },
    periodSeconds: read.required("Period", read.number("Period")),
    stat: read.required("Stat", read.text("Stat")),
    unit: read.text("Unit"),
  });
}

function dimensionsOf(read: PropertyReader): Readonly<Record<string, string>> {
  return Object.fromEntries(
    (read.objects("Dimensions") ?? []).map((entry) => [
      entry.required("Name", entry.text("Name")),
      entry.required("Value", entry.text("Value")),
    ]),
  );
}
