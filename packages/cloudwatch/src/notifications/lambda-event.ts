import { alarmArn, type AlarmHome, isComposite } from "../alarm.ts";
import type { AlarmStatus, CompositeAlarmDefinition, MetricAlarmDefinition, Transition } from "../alarm.ts";
import { alarmPeriodSeconds } from "../alarms/alarm-plan.ts";
import type { MetricDataQuery, MetricIdentity } from "../metric.ts";
import { isoOffset } from "../aws-text.ts";

/**
 * The event with which an alarm invokes a function; `metricId` is the id that CloudWatch makes up for an
 * alarm on one metric.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-actions-Lambda.html
 */
export function alarmLambdaEvent(transition: Transition, home: AlarmHome, metricId: string): object {
  const { alarm, current, previous } = transition;
  return {
    source: "aws.cloudwatch",
    alarmArn: alarmArn(home, alarm.alarmName),
    accountId: home.accountId,
    time: isoOffset(current.stateTransitionedMs),
    region: home.region,
    alarmData: {
      alarmName: alarm.alarmName,
      state: stateOf(current),
      previousState: stateOf(previous),
      configuration: isComposite(alarm) ? ruleOf(alarm) : metricsOf(alarm, metricId),
    },
  };
}

/** Members that are `undefined` are left out when the event becomes text. */
function stateOf(status: AlarmStatus): object {
  return {
    value: status.state,
    reason: status.stateReason,
    reasonData: status.stateReasonData,
    timestamp: isoOffset(status.stateUpdatedMs),
    actionsSuppressedBy: status.actionsSuppressedBy,
    actionsSuppressedReason: status.actionsSuppressedReason,
  };
}

function ruleOf(alarm: CompositeAlarmDefinition): object {
  return {
    description: alarm.alarmDescription,
    alarmRule: alarm.alarmRule,
    actionsSuppressor: alarm.actionsSuppressor,
    actionsSuppressorWaitPeriod: alarm.actionsSuppressorWaitPeriodSeconds,
    actionsSuppressorExtensionPeriod: alarm.actionsSuppressorExtensionPeriodSeconds,
  };
}

function metricsOf(alarm: MetricAlarmDefinition, metricId: string): object {
  const metrics = alarm.metrics?.map(queryOf) ?? [watchedOf(alarm, metricId)];
  return { description: alarm.alarmDescription, metrics };
}

function watchedOf(alarm: MetricAlarmDefinition, id: string): object {
  const { namespace = "", metricName = "", dimensions = {}, unit } = alarm;
  return {
    id,
    metricStat: {
      metric: metricOf({ namespace, metricName, dimensions }),
      period: alarm.periodSeconds ?? alarmPeriodSeconds([]),
      stat: alarm.statistic ?? alarm.extendedStatistic,
      unit,
    },
    returnData: true,
  };
}

function queryOf(query: MetricDataQuery): object {
  const { id, label, expression, metricStat, periodSeconds, returnData = true } = query;
  if (metricStat === undefined) return { id, expression, label, period: periodSeconds, returnData };
  const { metric, stat, unit } = metricStat;
  return {
    id,
    label,
    metricStat: { metric: metricOf(metric), period: metricStat.periodSeconds, stat, unit },
    returnData,
  };
}

function metricOf({ namespace, metricName, dimensions }: MetricIdentity): object {
  return { namespace, name: metricName, dimensions };
}
