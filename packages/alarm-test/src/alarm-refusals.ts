import { type AlarmDefinition, isComposite, type MetricAlarmDefinition } from "@wrist-agent/cloudwatch/alarm";
import { alarmMetrics } from "./alarm-metrics.ts";
import { partitionOf } from "./stand-ins.ts";
import type { TemplateAlarm } from "./template-alarms.ts";

/** Members of an alarm on one metric, which stand in the way of a list of metrics. */
const ONE_METRIC = [
  ["metricName", "MetricName"],
  ["namespace", "Namespace"],
  ["dimensions", "Dimensions"],
  ["periodSeconds", "Period"],
  ["unit", "Unit"],
  ["statistic", "Statistic"],
  ["extendedStatistic", "ExtendedStatistic"],
] as const;

/** What CloudWatch says of an alarm that it refuses to put in a Region; `undefined` when it says nothing. */
export function alarmRefusal({ definition, region }: TemplateAlarm): string | undefined {
  return (
    actionRefusal(definition, region) ?? (isComposite(definition) ? undefined : metricRefusal(definition))
  );
}

/** Actions of these services name the Region in which they act. */
const GLOBAL_ACTION = /^arn:[^:]+:(?:ssm|ssm-incidents|aiops):/;

/** An action lives in the alarm's own Region and partition. */
function actionRefusal(definition: AlarmDefinition, region: string): string | undefined {
  const { okActions = [], alarmActions = [], insufficientDataActions = [] } = definition;
  const own = partitionOf(region);
  for (const arn of [...okActions, ...alarmActions, ...insufficientDataActions]) {
    const [prefix, partition = "", , place = ""] = arn.split(":");
    if (prefix !== "arn") continue;
    if (partition !== own) return `Invalid partition ${partition} specified. Only ${own} is supported.`;
    if (place !== "" && place !== region && !GLOBAL_ACTION.test(arn))
      return `Invalid region ${place} specified. Only ${region} is supported.`;
  }
  return undefined;
}

function metricRefusal(alarm: MetricAlarmDefinition): string | undefined {
  if (alarm.metrics !== undefined)
    for (const [member, name] of ONE_METRIC)
      if (alarm[member] !== undefined) return `${name} should not be set if list of Metrics is set.`;
  if (alarm.threshold !== undefined && alarm.thresholdMetricId !== undefined)
    return "Threshold and ThresholdMetricId cannot both be set";
  if (
    alarm.metrics?.every(
      (query) => (query.metricStat?.periodSeconds ?? query.periodSeconds) === undefined,
    ) === true
  )
    return "Period must not be null";
  return identityRefusal(alarm);
}

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_Metric.html */
function identityRefusal(alarm: MetricAlarmDefinition): string | undefined {
  for (const { metric } of alarmMetrics(alarm)) {
    const { namespace, dimensions } = metric;
    if (namespace.startsWith(":"))
      return `1 validation error detected: Value '${namespace}' at 'namespace' failed to satisfy constraint: Member must satisfy regular expression pattern: [^:].*`;
    if (Object.keys(dimensions).length > 30)
      return "1 validation error detected: Value at 'dimensions' failed to satisfy constraint: Member must have length less than or equal to 30";
  }
  return undefined;
}
