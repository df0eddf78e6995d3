import type { AlarmDefinition, MetricAlarmDefinition } from "../alarm-definition.ts";
import { periodOf } from "../evaluation/alarm-plan.ts";
import { COMPARISONS } from "../evaluation/comparison.ts";
import { isComposite } from "./alarm-status.ts";

/** An alarm's condition in one line: `Sum of Errors >= 1 for 1 of 1 periods of 300 s`; a composite's is its rule. */
export function alarmCondition(alarm: AlarmDefinition): string {
  if (isComposite(alarm)) return alarm.alarmRule;
  const { evaluationPeriods: n, datapointsToAlarm: m = n } = alarm;
  const period = alarm.periodSeconds ?? periodOf(alarm.metrics ?? []);
  const { sign } = COMPARISONS[alarm.comparisonOperator];
  const bound = alarm.thresholdMetricId ?? alarm.threshold ?? 0;
  return `${subject(alarm)} ${sign} ${bound} for ${m} of ${n} periods of ${period} s`;
}

function subject(alarm: MetricAlarmDefinition): string {
  if (alarm.metrics === undefined)
    return `${alarm.statistic ?? alarm.extendedStatistic ?? ""} of ${alarm.metricName ?? ""}`;
  const returned = alarm.metrics.find(
    (query) => query.returnData !== false && query.id !== alarm.thresholdMetricId,
  );
  const stat = returned?.metricStat;
  return stat === undefined ? (returned?.expression ?? "") : `${stat.stat} of ${stat.metric.metricName}`;
}
