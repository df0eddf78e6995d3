import {
  COMPARISON_OPERATORS,
  type AlarmBasics,
  type CompositeAlarmDefinition,
  type MetricAlarmDefinition,
} from "../alarm-definition.ts";
import type { MemberReader } from "./member-reader.ts";
import { present } from "./present.ts";
import { readDimensions, readQuery } from "./read-query.ts";

/** Reads a metric alarm; the engine checks what it asks for, and the door refuses what it cannot take. */
export function readMetricAlarm(read: MemberReader, alarmName: string): MetricAlarmDefinition {
  return present<MetricAlarmDefinition>({
    ...readBasics(read, alarmName),
    ...readMetric(read),
    metrics: read.objects("Metrics")?.map(readQuery),
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
  return present<CompositeAlarmDefinition>({
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
  return wallClock && { wallClock: present<{ timezone?: string }>({ timezone: wallClock.text("Timezone") }) };
}

function readWarmUp(read: MemberReader): MetricAlarmDefinition["warmUp"] {
  const warmUp = read.object("WarmUpConfiguration");
  if (warmUp === undefined) return undefined;
  const name = "WarmUpPeriodDurationInMinutes";
  return present<NonNullable<MetricAlarmDefinition["warmUp"]>>({
    minutes: warmUp.required(name, warmUp.number(name)),
    onlyAfterEnd: warmUp.flag("OnlyStartEvaluatingAfterWarmUpPeriodEnds"),
  });
}
