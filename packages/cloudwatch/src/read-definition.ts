import {
  type AlarmBasics,
  COMPARISON_OPERATORS,
  type CompositeAlarmDefinition,
  type MetricAlarmDefinition,
} from "./alarm.ts";
import type { MetricDataQuery, MetricIdentity, MetricStat } from "./metric.ts";

/**
 * Reads typed members of an object in CloudWatch's spelling, whichever door it came in by: a template or an
 * API call. Each door refuses what is missing or wrong in its own words.
 */
export interface MemberReader {
  text(name: string): string | undefined;
  number(name: string): number | undefined;
  flag(name: string): boolean | undefined;
  texts(name: string): readonly string[] | undefined;
  /** One of the choices. */
  word<Choice extends string>(name: string, choices: readonly Choice[]): Choice | undefined;
  object(name: string): MemberReader | undefined;
  objects(name: string): readonly MemberReader[] | undefined;
  /** The value, which must be there. */
  required<Value>(name: string, value: Value | undefined): Value;
}

/** Drops members that are `undefined`, so that missing stays missing. */
export function withoutUndefined<T extends object>(value: { readonly [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as T;
}

/**
 * Reads one entry of an alarm's `Metrics` or of `MetricDataQueries`; `AccountId` is for the door to refuse.
 */
export function readMetricDataQuery(read: MemberReader): MetricDataQuery {
  const metricStat = read.object("MetricStat");
  return withoutUndefined<MetricDataQuery>({
    id: read.required("Id", read.text("Id")),
    label: read.text("Label"),
    returnData: read.flag("ReturnData"),
    expression: read.text("Expression"),
    metricStat: metricStat && readMetricStat(metricStat),
    periodSeconds: read.number("Period"),
  });
}

function readMetricStat(read: MemberReader): MetricStat {
  return withoutUndefined<MetricStat>({
    metric: readMetricIdentity(read.required("Metric", read.object("Metric"))),
    periodSeconds: read.required("Period", read.number("Period")),
    stat: read.required("Stat", read.text("Stat")),
    unit: read.text("Unit"),
  });
}

/** Reads `Namespace`, `MetricName` and `Dimensions`, which must name one metric. */
export function readMetricIdentity(read: MemberReader): MetricIdentity {
  return {
    namespace: read.required("Namespace", read.text("Namespace")),
    metricName: read.required("MetricName", read.text("MetricName")),
    dimensions: readDimensions(read),
  };
}

/** Reads `Dimensions`; none when missing. */
function readDimensions(read: MemberReader): Readonly<Record<string, string>> {
  return Object.fromEntries(
    (read.objects("Dimensions") ?? []).map((entry) => [
      entry.required("Name", entry.text("Name")),
      entry.required("Value", entry.text("Value")),
    ]),
  );
}

/** Reads a metric alarm; the engine checks what it asks for, and the door refuses what it cannot take. */
export function readMetricAlarm(read: MemberReader, alarmName: string): MetricAlarmDefinition {
  return withoutUndefined<MetricAlarmDefinition>({
    ...readBasics(read, alarmName),
    ...readMetric(read),
    metrics: read.objects("Metrics")?.map(readMetricDataQuery),
    evaluationPeriods: read.required("EvaluationPeriods", read.number("EvaluationPeriods")),
    datapointsToAlarm: read.number("DatapointsToAlarm"),
    threshold: read.number("Threshold"),
    thresholdMetricId: read.text("ThresholdMetricId"),
    comparisonOperator: read.required(
      "ComparisonOperator",
      read.word("ComparisonOperator", COMPARISON_OPERATORS),
    ),
    treatMissingData: read.word("TreatMissingData", ["missing", "ignore", "breaching", "notBreaching"]),
    evaluateLowSampleCountPercentile: read.word("EvaluateLowSampleCountPercentile", ["evaluate", "ignore"]),
    evaluationWindow: readWindow(read),
    warmUp: readWarmUp(read),
  });
}

/** Reads a composite alarm; the engine checks the rule. */
export function readCompositeAlarm(read: MemberReader, alarmName: string): CompositeAlarmDefinition {
  return withoutUndefined<CompositeAlarmDefinition>({
    ...readBasics(read, alarmName),
    alarmRule: read.required("AlarmRule", read.text("AlarmRule")),
    actionsSuppressor: read.text("ActionsSuppressor"),
    actionsSuppressorWaitPeriodSeconds: read.number("ActionsSuppressorWaitPeriod"),
    actionsSuppressorExtensionPeriodSeconds: read.number("ActionsSuppressorExtensionPeriod"),
  });
}

type Read<T> = { readonly [P in keyof T]-?: T[P] | undefined };

function readBasics(
  read: MemberReader,
  alarmName: string,
): Read<AlarmBasics> & { readonly alarmName: string } {
  return {
    alarmName,
    alarmDescription: read.text("AlarmDescription"),
    actionsEnabled: read.flag("ActionsEnabled"),
    okActions: read.texts("OKActions"),
    alarmActions: read.texts("AlarmActions"),
    insufficientDataActions: read.texts("InsufficientDataActions"),
  };
}

type OneMetric = Pick<
  MetricAlarmDefinition,
  "namespace" | "metricName" | "dimensions" | "statistic" | "extendedStatistic" | "periodSeconds" | "unit"
>;

/** What an alarm without `Metrics` reads. */
function readMetric(read: MemberReader): Read<OneMetric> {
  const metricName = read.text("MetricName");
  return {
    namespace: read.text("Namespace"),
    metricName,
    dimensions: metricName === undefined ? undefined : readDimensions(read),
    statistic: read.word("Statistic", ["SampleCount", "Average", "Sum", "Minimum", "Maximum"]),
    extendedStatistic: read.text("ExtendedStatistic"),
    periodSeconds: read.number("Period"),
    unit: read.text("Unit"),
  };
}

function readWindow(read: MemberReader): MetricAlarmDefinition["evaluationWindow"] {
  const wallClock = read.object("EvaluationWindow")?.object("WallClockWindow");
  return (
    wallClock && {
      wallClock: withoutUndefined<{ timezone?: string }>({ timezone: wallClock.text("Timezone") }),
    }
  );
}

function readWarmUp(read: MemberReader): MetricAlarmDefinition["warmUp"] {
  const warmUp = read.object("WarmUpConfiguration");
  if (warmUp === undefined) return undefined;
  const name = "WarmUpPeriodDurationInMinutes";
  return withoutUndefined<NonNullable<MetricAlarmDefinition["warmUp"]>>({
    minutes: warmUp.required(name, warmUp.number(name)),
    onlyAfterEnd: warmUp.flag("OnlyStartEvaluatingAfterWarmUpPeriodEnds"),
  });
}
