import type {
  AlarmDefinition,
  CompositeAlarmDefinition,
  MetricAlarmDefinition,
} from "../../../cloudwatch/alarm-definition.ts";
import { isComposite } from "../../../cloudwatch/alarm/alarm-status.ts";
import type { DescribedAlarm } from "../../../cloudwatch/alarm/alarms.ts";
import type { MetricDataQuery } from "../../../cloudwatch/metric.ts";

/** An alarm as DescribeAlarms answers it in JSON: names of the API, times in epoch seconds. */
export function alarmView({ arn, definition, status }: DescribedAlarm): object {
  return {
    AlarmName: definition.alarmName,
    AlarmArn: arn,
    AlarmDescription: definition.alarmDescription,
    AlarmConfigurationUpdatedTimestamp: status.configurationUpdatedMs / 1000,
    ActionsEnabled: definition.actionsEnabled ?? true,
    OKActions: definition.okActions ?? [],
    AlarmActions: definition.alarmActions ?? [],
    InsufficientDataActions: definition.insufficientDataActions ?? [],
    StateValue: status.state,
    StateReason: status.stateReason,
    StateReasonData: status.stateReasonData,
    StateUpdatedTimestamp: status.stateUpdatedMs / 1000,
    StateTransitionedTimestamp: status.stateTransitionedMs / 1000,
    EvaluationState: status.evaluationState,
    ActionsSuppressedBy: status.actionsSuppressedBy,
    ActionsSuppressedReason: status.actionsSuppressedReason,
    ...conditionView(definition),
  };
}

function conditionView(definition: AlarmDefinition): object {
  return isComposite(definition) ? compositeView(definition) : metricView(definition);
}

function compositeView(definition: CompositeAlarmDefinition): object {
  return {
    AlarmRule: definition.alarmRule,
    ActionsSuppressor: definition.actionsSuppressor,
    ActionsSuppressorWaitPeriod: definition.actionsSuppressorWaitPeriodSeconds,
    ActionsSuppressorExtensionPeriod: definition.actionsSuppressorExtensionPeriodSeconds,
  };
}

function metricView(definition: MetricAlarmDefinition): object {
  return {
    MetricName: definition.metricName,
    Namespace: definition.namespace,
    Statistic: definition.statistic,
    ExtendedStatistic: definition.extendedStatistic,
    Dimensions: dimensionsView(definition.dimensions ?? {}),
    Period: definition.periodSeconds,
    Unit: definition.unit,
    EvaluationPeriods: definition.evaluationPeriods,
    DatapointsToAlarm: definition.datapointsToAlarm,
    Threshold: definition.threshold,
    ThresholdMetricId: definition.thresholdMetricId,
    ComparisonOperator: definition.comparisonOperator,
    TreatMissingData: definition.treatMissingData,
    EvaluateLowSampleCountPercentile: definition.evaluateLowSampleCountPercentile,
    EvaluationWindow: definition.evaluationWindow && {
      WallClockWindow: { Timezone: definition.evaluationWindow.wallClock.timezone },
    },
    WarmUpConfiguration: definition.warmUp && {
      WarmUpPeriodDurationInMinutes: definition.warmUp.minutes,
      OnlyStartEvaluatingAfterWarmUpPeriodEnds: definition.warmUp.onlyAfterEnd,
    },
    Metrics: definition.metrics?.map(queryView),
  };
}

function queryView({
  id,
  label,
  returnData,
  expression,
  metricStat,
  periodSeconds,
}: MetricDataQuery): object {
  return {
    Id: id,
    Label: label,
    ReturnData: returnData,
    Expression: expression,
    Period: periodSeconds,
    MetricStat: metricStat && {
      Metric: {
        Namespace: metricStat.metric.namespace,
        MetricName: metricStat.metric.metricName,
        Dimensions: dimensionsView(metricStat.metric.dimensions),
      },
      Period: metricStat.periodSeconds,
      Stat: metricStat.stat,
      Unit: metricStat.unit,
    },
  };
}

function dimensionsView(dimensions: Readonly<Record<string, string>>): object[] {
  return Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));
}
