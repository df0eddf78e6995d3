import { type AlarmDefinition, type AlarmStatus, isComposite } from "../alarm.ts";
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

/** `Create`, `Update` or `Delete` of a definition. */
export function configurationEvent(
  kind: "Create" | "Update" | "Delete",
  definition: AlarmDefinition,
  original?: AlarmDefinition,
): HistoryEvent {
  const member = `${kind.toLowerCase()}dAlarm`;
  const originals =
    original === undefined ? {} : { originalUpdatedFields: changedFields(original, definition) };
  return {
    historyItemType: "ConfigurationUpdate",
    historySummary: `Alarm "${definition.alarmName}" ${kind.toLowerCase()}d`,
    historyData: JSON.stringify({ version: "1.0", type: kind, [member]: definition, ...originals }),
  };
}

function changedFields(original: AlarmDefinition, now: AlarmDefinition): Record<string, unknown> {
  const current = new Map(Object.entries(now).map(([name, value]) => [name, JSON.stringify(value)]));
  return Object.fromEntries(
    Object.entries(original).filter(([name, value]) => JSON.stringify(value) !== current.get(name)),
  );
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
