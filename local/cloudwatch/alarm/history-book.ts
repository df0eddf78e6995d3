import type { AlarmDefinition } from "../alarm-definition.ts";
import type { AlarmHistoryItem, HistoryEvent } from "./alarm-history.ts";
import { isComposite } from "./alarm-status.ts";

/** CloudWatch keeps history for 30 days, also of alarms that are gone. */
const KEPT_MS = 30 * 86_400_000;

/** What happened to the alarms of an account and Region, oldest first. */
export class HistoryBook {
  #items: AlarmHistoryItem[] = [];

  add(definition: AlarmDefinition, event: HistoryEvent, nowMs: number): void {
    const alarmType = isComposite(definition) ? "CompositeAlarm" : "MetricAlarm";
    this.#items.push({ alarmName: definition.alarmName, alarmType, timestampMs: nowMs, ...event });
    const [oldest] = this.#items;
    if (oldest !== undefined && oldest.timestampMs < nowMs - KEPT_MS)
      this.#items = this.#items.filter((item) => item.timestampMs >= nowMs - KEPT_MS);
  }

  items(alarmName?: string): readonly AlarmHistoryItem[] {
    return alarmName === undefined ? this.#items : this.#items.filter((item) => item.alarmName === alarmName);
  }

  replace(items: readonly AlarmHistoryItem[]): void {
    this.#items = [...items];
  }
}
