import {
  alarmArn,
  type AlarmHome,
  type CompositeAlarmDefinition,
  isComposite,
  type MetricAlarmDefinition,
  type Transition,
} from "../alarm.ts";
import { alarmPeriodSeconds } from "../alarms/alarm-plan.ts";
import { awsJson, type AwsJson, type AwsJsonObject, isoOffset, upperCaseStatistic } from "../aws-text.ts";
import type { MetricDataQuery, MetricIdentity } from "../metric.ts";
import { regionName } from "../region.ts";

/** The `default` message that CloudWatch publishes to a topic: JSON text, members in CloudWatch's order. */
export function alarmSnsMessage(transition: Transition, home: AlarmHome): string {
  const { alarm } = transition;
  return awsJson(
    isComposite(alarm) ? compositeMessage(alarm, transition, home) : metricMessage(alarm, transition, home),
  );
}

function metricMessage(alarm: MetricAlarmDefinition, change: Transition, home: AlarmHome): AwsJsonObject {
  const { current, previous } = change;
  return {
    AlarmName: alarm.alarmName,
    AlarmDescription: alarm.alarmDescription ?? null,
    AWSAccountId: home.accountId,
    AlarmConfigurationUpdatedTimestamp: isoOffset(current.configurationUpdatedMs),
    NewStateValue: current.state,
    NewStateReason: current.stateReason,
    StateChangeTime: isoOffset(current.stateTransitionedMs),
    Region: regionName(home.region),
    AlarmArn: alarmArn(home, alarm.alarmName),
    OldStateValue: previous.state,
    ActionExecutedAfterMuteWindow: change.released?.by === "MuteWindow",
    OKActions: alarm.okActions ?? [],
    AlarmActions: alarm.alarmActions ?? [],
    InsufficientDataActions: alarm.insufficientDataActions ?? [],
    Trigger: { ...watched(alarm), ...condition(alarm), ...queries(alarm, home) },
  };
}

function compositeMessage(
  alarm: CompositeAlarmDefinition,
  change: Transition,
  home: AlarmHome,
): AwsJsonObject {
  const { current, previous, triggeringChildren = [] } = change;
  return {
    AlarmName: alarm.alarmName,
    AlarmDescription: alarm.alarmDescription ?? null,
    AWSAccountId: home.accountId,
    NewStateValue: current.state,
    NewStateReason: current.stateReason,
    StateChangeTime: isoOffset(current.stateTransitionedMs),
    Region: regionName(home.region),
    AlarmArn: alarmArn(home, alarm.alarmName),
    OKActions: alarm.okActions ?? [],
    AlarmActions: alarm.alarmActions ?? [],
    InsufficientDataActions: alarm.insufficientDataActions ?? [],
    ActionExecutedAfterMuteWindow: change.released?.by === "MuteWindow",
    OldStateValue: previous.state,
    AlarmRule: alarm.alarmRule,
    TriggeringChildren: triggeringChildren.map((child) => ({
      Arn: child.arn,
      State: { Value: child.state, Timestamp: isoOffset(child.timestampMs) },
    })),
  };
}

/** The metric of a single-metric alarm; nothing for one with `Metrics`. */
function watched(alarm: MetricAlarmDefinition): AwsJsonObject {
  if (alarm.metrics !== undefined) return {};
  const { statistic, extendedStatistic } = alarm;
  return {
    MetricName: alarm.metricName ?? "",
    Namespace: alarm.namespace ?? "",
    StatisticType: statistic === undefined ? "ExtendedStatistic" : "Statistic",
    Statistic: statistic && upperCaseStatistic(statistic),
    ExtendedStatistic: extendedStatistic,
    Unit: alarm.unit ?? null,
    Dimensions: dimensions(alarm.dimensions ?? {}),
  };
}

function condition(alarm: MetricAlarmDefinition): AwsJsonObject {
  return {
    Period: alarm.periodSeconds ?? alarmPeriodSeconds(alarm.metrics ?? []),
    EvaluationPeriods: alarm.evaluationPeriods,
    DatapointsToAlarm: alarm.datapointsToAlarm,
    ComparisonOperator: alarm.comparisonOperator,
    ThresholdMetricId: alarm.thresholdMetricId,
    Threshold: { double: alarm.threshold ?? 0 },
    TreatMissingData: alarm.treatMissingData ?? "missing",
    EvaluateLowSampleCountPercentile: alarm.evaluateLowSampleCountPercentile ?? "",
  };
}

function queries(alarm: MetricAlarmDefinition, home: AlarmHome): AwsJsonObject {
  return alarm.metrics === undefined ? {} : { Metrics: alarm.metrics.map((query) => queryJson(query, home)) };
}

function queryJson(query: MetricDataQuery, home: AlarmHome): AwsJson {
  const { metricStat, expression, id, label, periodSeconds } = query;
  const returnData = query.returnData ?? true;
  if (metricStat === undefined)
    return {
      Expression: expression ?? "",
      Id: id,
      Label: label,
      ReturnData: returnData,
      Period: periodSeconds,
    };
  return {
    Id: id,
    Label: label,
    MetricStat: {
      Metric: metricJson(metricStat.metric),
      Period: metricStat.periodSeconds,
      Stat: metricStat.stat,
      Unit: metricStat.unit,
    },
    ReturnData: returnData,
    AccountId: home.accountId,
  };
}

function metricJson(metric: MetricIdentity): AwsJson {
  return {
    Dimensions: dimensions(metric.dimensions),
    MetricName: metric.metricName,
    Namespace: metric.namespace,
  };
}

function dimensions(set: Readonly<Record<string, string>>): readonly AwsJson[] {
  return Object.entries(set).map(([name, value]) => ({ value, name }));
}
