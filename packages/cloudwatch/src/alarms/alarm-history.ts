import {
  type AlarmDefinition,
  type AlarmStatus,
  type CompositeAlarmDefinition,
  isComposite,
  type MetricAlarmDefinition,
} from "../alarm.ts";
import { awsJson, type AwsJsonObject, isoOffset, upperCaseStatistic } from "../aws-text.ts";
import type { MetricDataQuery } from "../metric.ts";
import type { Muting } from "./mute-rules.ts";

/** One item as DescribeAlarmHistory returns it, times in epoch milliseconds. */
export interface AlarmHistoryItem {
  readonly alarmName: string;
  readonly alarmType: "MetricAlarm" | "CompositeAlarm";
  readonly timestampMs: number;
  readonly historyItemType: "ConfigurationUpdate" | "StateUpdate" | "Action";
  readonly historySummary: string;
  /** JSON text. */
  readonly historyData: string;
}

/** What happened to an alarm, without the alarm. */
type HistoryEvent = Pick<AlarmHistoryItem, "historyItemType" | "historySummary" | "historyData">;

/** An alarm as it stands in the history. */
interface ConfiguredAlarm {
  readonly arn: string;
  readonly definition: AlarmDefinition;
  readonly status: AlarmStatus;
}

/** `Create`, `Update` or `Delete` of an alarm, with what it was before an update. */
export function configurationEvent(
  kind: "Create" | "Update" | "Delete",
  alarm: ConfiguredAlarm,
  original?: Omit<ConfiguredAlarm, "arn">,
): HistoryEvent {
  const member = `${kind.toLowerCase()}dAlarm`;
  const now = configurationView(alarm);
  const originals =
    original === undefined
      ? {}
      : { originalUpdatedFields: changedFields(configurationView({ ...original, arn: alarm.arn }), now) };
  return {
    historyItemType: "ConfigurationUpdate",
    historySummary: `Alarm "${alarm.definition.alarmName}" ${kind.toLowerCase()}d`,
    historyData: awsJson({ version: "1.0", type: kind, [member]: now, ...originals }),
  };
}

type View = AwsJsonObject;

function changedFields(original: View, now: View): View {
  return Object.fromEntries(
    Object.entries(original).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(now[name])),
  );
}

/**
 * The members of an alarm as CloudWatch writes them into its history, where every statistic is an extended
 * one.
 */
function configurationView({ definition, status, arn }: ConfiguredAlarm): View {
  return {
    alarmName: definition.alarmName,
    alarmDescription: definition.alarmDescription,
    alarmArn: arn,
    alarmConfigurationUpdatedTimestamp: isoOffset(status.configurationUpdatedMs),
    ...(isComposite(definition) ? compositeView(definition) : metricView(definition)),
    stateValue: status.state,
    stateUpdatedTimestamp: isoOffset(status.stateUpdatedMs),
    actionsEnabled: definition.actionsEnabled ?? true,
    alarmActions: definition.alarmActions ?? [],
    insufficientDataActions: definition.insufficientDataActions ?? [],
    okactions: definition.okActions ?? [],
  };
}

function compositeView(definition: CompositeAlarmDefinition): View {
  return {
    alarmRule: definition.alarmRule,
    actionsSuppressor: definition.actionsSuppressor,
    actionsSuppressorWaitPeriod: definition.actionsSuppressorWaitPeriodSeconds,
    actionsSuppressorExtensionPeriod: definition.actionsSuppressorExtensionPeriodSeconds,
  };
}

function metricView(definition: MetricAlarmDefinition): View {
  return {
    namespace: definition.namespace,
    metricName: definition.metricName,
    extendedStatistic: historyStatistic(definition),
    period: definition.periodSeconds,
    dimensions: dimensionsView(definition.dimensions ?? {}),
    unit: definition.unit,
    metrics: definition.metrics?.map(queryView),
    threshold: definition.threshold === undefined ? undefined : { double: definition.threshold },
    thresholdMetricId: definition.thresholdMetricId,
    comparisonOperator: definition.comparisonOperator,
    evaluationPeriods: definition.evaluationPeriods,
    datapointsToAlarm: definition.datapointsToAlarm,
    treatMissingData: definition.treatMissingData,
    evaluateLowSampleCountPercentile: definition.evaluateLowSampleCountPercentile,
  };
}

function historyStatistic({ statistic, extendedStatistic }: MetricAlarmDefinition): string | undefined {
  return statistic === undefined ? extendedStatistic : upperCaseStatistic(statistic);
}

function queryView({ metricStat, id, label, expression, returnData, periodSeconds }: MetricDataQuery): View {
  return {
    expression,
    id,
    label,
    metricStat: metricStat && {
      metric: {
        dimensions: dimensionsView(metricStat.metric.dimensions),
        metricName: metricStat.metric.metricName,
        namespace: metricStat.metric.namespace,
      },
      period: metricStat.periodSeconds,
      stat: metricStat.stat,
      unit: metricStat.unit,
    },
    returnData,
    period: periodSeconds,
  };
}

function dimensionsView(dimensions: Readonly<Record<string, string>>): readonly View[] {
  return Object.entries(dimensions).map(([name, value]) => ({ name, value }));
}

/** A change of state. */
export function stateEvent(previous: AlarmStatus, current: AlarmStatus): HistoryEvent {
  const oldState = stateText(previous);
  return {
    historyItemType: "StateUpdate",
    historySummary: `Alarm updated from ${previous.state} to ${current.state}`,
    historyData: `{"version":"1.0","oldState":${oldState},"newState":${stateText(current)}}`,
  };
}

/** Reason data go in as they are: their numbers are Java doubles, which JSON.stringify would shorten. */
function stateText(status: AlarmStatus): string {
  const head = `{"stateValue":"${status.state}","stateReason":${JSON.stringify(status.stateReason)}`;
  return status.stateReasonData === undefined
    ? `${head}}`
    : `${head},"stateReasonData":${status.stateReasonData}}`;
}

/** What became of one action of a transition. */
export interface ActionRecord {
  readonly actionArn: string;
  /** The message that went to the action, JSON text. */
  readonly publishedMessage: string;
  /** Missing when the action worked. */
  readonly error?: string;
}

/** An action that ran. */
export function actionEvent(action: ActionRecord, status: AlarmStatus): HistoryEvent {
  const failed = action.error !== undefined;
  return {
    historyItemType: "Action",
    historySummary: `${failed ? "Failed to execute" : "Successfully executed"} action ${action.actionArn}`,
    historyData: JSON.stringify({
      actionState: failed ? "Failed" : "Succeeded",
      stateUpdateTimestamp: status.stateUpdatedMs,
      notificationResource: action.actionArn,
      publishedMessage: action.publishedMessage,
      error: action.error ?? null,
      muteWindowEndTimestamp: null,
    }),
  };
}

/** Actions that a mute rule holds back; with several rules the newest is named and the others are counted. */
export function mutedEvent({ ruleName, others, window }: Muting, actions: readonly string[]): HistoryEvent {
  const more = others === 0 ? "" : ` and ${others} other${others === 1 ? "" : "s"}`;
  return {
    historyItemType: "Action",
    historySummary: `Actions muted by alarm mute rule ${ruleName}${more}`,
    historyData: JSON.stringify({
      actionState: "Muted",
      notificationResources: actions,
      error: null,
      muteWindowEndTimestamp: window.endMs,
    }),
  };
}

/** CloudWatch keeps history for 30 days, also of alarms that are gone. */
const RETENTION_MS = 30 * 86_400_000;

/** What happened to the alarms of an account and Region, oldest first. */
export class AlarmHistory {
  #items: AlarmHistoryItem[] = [];

  add(definition: AlarmDefinition, event: HistoryEvent, nowMs: number): void {
    const alarmType = isComposite(definition) ? "CompositeAlarm" : "MetricAlarm";
    this.#items.push({ alarmName: definition.alarmName, alarmType, timestampMs: nowMs, ...event });
    const [oldest] = this.#items;
    if (oldest !== undefined && oldest.timestampMs < nowMs - RETENTION_MS)
      this.#items = this.#items.filter((item) => item.timestampMs >= nowMs - RETENTION_MS);
  }

  items(alarmName?: string): readonly AlarmHistoryItem[] {
    return alarmName === undefined ? this.#items : this.#items.filter((item) => item.alarmName === alarmName);
  }

  replace(items: readonly AlarmHistoryItem[]): void {
    this.#items = [...items];
  }
}
