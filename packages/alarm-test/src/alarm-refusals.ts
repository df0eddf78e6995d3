import { type AlarmDefinition, isComposite, type MetricAlarmDefinition } from "@wrist-agent/cloudwatch/alarm";
import { alarmMetrics } from "./alarm-metrics.ts";
import { partitionOf } from "./stand-ins.ts";
import type { TemplateAlarm } from "./template-alarms.ts";

/** Why CloudWatch refuses an alarm, as far as the engine does not refuse it itself; `undefined` when it does not. */
export function alarmRefusal({ definition, region }: TemplateAlarm): string | undefined {
  return (
    actionRefusal(definition, region) ?? (isComposite(definition) ? undefined : metricRefusal(definition))
  );
}

/** An action lives in the alarm's own partition. */
function actionRefusal(definition: AlarmDefinition, region: string): string | undefined {
  const { okActions = [], alarmActions = [], insufficientDataActions = [] } = definition;
  const own = partitionOf(region);
  for (const arn of [...okActions, ...alarmActions, ...insufficientDataActions]) {
    const [prefix, partition = ""] = arn.split(":");
    if (prefix !== "arn") continue;
    if (partition !== own) return `Invalid partition ${partition} specified. Only ${own} is supported.`;
  }
  return undefined;
}

function metricRefusal(alarm: MetricAlarmDefinition): string | undefined {
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
