import { present } from "../../../assembly/property-reader.ts";
import type {
  AlarmBasics,
  CompositeAlarmDefinition,
  MetricAlarmDefinition,
} from "../../../cloudwatch/alarm-definition.ts";
import { COMPARISON_OPERATORS } from "../../../cloudwatch/alarm-definition.ts";
import { dimensionsInput, queryInput } from "./query-input.ts";
import type { Reader } from "./reader.ts";

const NOT_HERE = {
  EvaluationCriteria: "PromQL alarms are not evaluated, use metrics or expressions",
  EvaluationInterval: "PromQL alarms are not evaluated, use metrics or expressions",
  Tags: "tags are not kept, leave them out",
} as const;

/** Reads a PutMetricAlarm request; the engine checks what it asks for. */
export function metricAlarmInput(read: Reader): MetricAlarmDefinition {
  read.refuse(NOT_HERE);
  const metricName = read.text("MetricName");
  return present<MetricAlarmDefinition>({
    ...basicsInput(read),
    namespace: read.text("Namespace"),
    metricName,
    dimensions: metricName === undefined ? undefined : dimensionsInput(read),
    statistic: read.word("Statistic", ["SampleCount", "Average", "Sum", "Minimum", "Maximum"]),
    extendedStatistic: read.text("ExtendedStatistic"),
    periodSeconds: read.number("Period"),
    unit: read.text("Unit"),
    metrics: read.objects("Metrics")?.map(queryInput),
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
    evaluationWindow: windowInput(read),
    warmUp: warmUpInput(read),
  });
}

/** Reads a PutCompositeAlarm request; the engine checks the rule. */
export function compositeAlarmInput(read: Reader): CompositeAlarmDefinition {
  read.refuse({ Tags: NOT_HERE.Tags });
  return present<CompositeAlarmDefinition>({
    ...basicsInput(read),
    alarmRule: read.required("AlarmRule", read.text("AlarmRule")),
    actionsSuppressor: read.text("ActionsSuppressor"),
    actionsSuppressorWaitPeriodSeconds: read.number("ActionsSuppressorWaitPeriod"),
    actionsSuppressorExtensionPeriodSeconds: read.number("ActionsSuppressorExtensionPeriod"),
  });
}

function basicsInput(read: Reader): { readonly [P in keyof AlarmBasics]-?: AlarmBasics[P] | undefined } & {
  readonly alarmName: string;
} {
  return {
    alarmName: read.required("AlarmName", read.text("AlarmName")),
    alarmDescription: read.text("AlarmDescription"),
    actionsEnabled: read.flag("ActionsEnabled"),
    okActions: read.texts("OKActions"),
    alarmActions: read.texts("AlarmActions"),
    insufficientDataActions: read.texts("InsufficientDataActions"),
  };
}

function windowInput(read: Reader): MetricAlarmDefinition["evaluationWindow"] {
  const wallClock = read.object("EvaluationWindow")?.object("WallClockWindow");
  return wallClock && { wallClock: present<{ timezone?: string }>({ timezone: wallClock.text("Timezone") }) };
}

function warmUpInput(read: Reader): MetricAlarmDefinition["warmUp"] {
  const warmUp = read.object("WarmUpConfiguration");
  if (warmUp === undefined) return undefined;
  const name = "WarmUpPeriodDurationInMinutes";
  return present<NonNullable<MetricAlarmDefinition["warmUp"]>>({
    minutes: warmUp.required(name, warmUp.number(name)),
    onlyAfterEnd: warmUp.flag("OnlyStartEvaluatingAfterWarmUpPeriodEnds"),
  });
}
