import { type AlarmDefinition, isComposite } from "@wrist-agent/cloudwatch/alarm";
import type { MetricIdentity, MetricStat } from "@wrist-agent/cloudwatch/metric";

/** The metrics that an alarm reads; none of a composite. */
export function alarmMetrics(alarm: AlarmDefinition): readonly MetricStat[] {
  if (isComposite(alarm)) return [];
  if (alarm.metrics !== undefined) return alarm.metrics.flatMap((query) => query.metricStat ?? []);
  const { namespace = "", metricName = "", dimensions = {}, periodSeconds = 60, unit } = alarm;
  return [
    {
      metric: { namespace, metricName, dimensions },
      periodSeconds,
      stat: alarm.statistic ?? alarm.extendedStatistic ?? "",
      ...(unit === undefined ? {} : { unit }),
    },
  ];
}

/** The shortest period that one of the alarms reads with; 60 s when none is shorter. */
export function shortestPeriod(alarms: readonly AlarmDefinition[]): number {
  return Math.min(60, ...alarms.flatMap((alarm) => alarmMetrics(alarm).map((each) => each.periodSeconds)));
}

/** One text per metric, whatever the order of its dimensions. */
export function metricKey({ namespace, metricName, dimensions }: MetricIdentity): string {
  const names = Object.keys(dimensions).sort();
  return JSON.stringify([namespace, metricName, ...names.map((name) => [name, dimensions[name]])]);
}

/** A metric as a reader knows it: `AWS/Lambda Errors {FunctionName=agent}`. */
export function metricText({ namespace, metricName, dimensions }: MetricIdentity): string {
  const parts = Object.entries(dimensions).map(([name, value]) => `${name}=${value}`);
  return `${namespace} ${metricName}${parts.length === 0 ? "" : ` {${parts.join(", ")}}`}`;
}
