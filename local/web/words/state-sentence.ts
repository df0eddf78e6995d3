import type { AlarmRow } from "../../server/wire.ts";
import { shortAlarmName } from "./short-alarm-name.ts";
import { clockTime } from "./time.ts";

/** What the top of the page says, and how loudly. */
export interface StateSentence {
  readonly level: "ok" | "alarm" | "unsure";
  readonly text: string;
  /** Since when it is so; `undefined` when there is nothing to date. */
  readonly sinceMs?: number;
}

/** The one sentence that a half-awake reader needs: what is in alarm, and since when; names lose what the `stage` shares. */
export function stateSentence(alarms: readonly AlarmRow[], nowMs: number, stage = ""): StateSentence {
  const raised = alarms.filter((alarm) => alarm.state === "ALARM");
  if (raised.length > 0) return raisedSentence(raised, nowMs, stage);
  const blind = alarms.filter((alarm) => alarm.state === "INSUFFICIENT_DATA");
  if (blind.length > 0) return blindSentence(blind.length, alarms.length);
  if (alarms.length === 0) return { level: "unsure", text: "No alarms: the templates define none" };
  const sinceMs = Math.max(...alarms.map((alarm) => alarm.sinceMs));
  const subject = alarms.length === 1 ? "The only alarm is OK" : `All ${alarms.length} alarms OK`;
  return { level: "ok", text: `${subject} since ${clockTime(sinceMs, nowMs)}`, sinceMs };
}

function raisedSentence(raised: readonly AlarmRow[], nowMs: number, stage: string): StateSentence {
  const each = raised.map(
    (alarm) => `${shortAlarmName(alarm.alarmName, stage)} since ${clockTime(alarm.sinceMs, nowMs)}`,
  );
  return {
    level: "alarm",
    text: `${count(raised.length)} in ALARM: ${each.join(", ")}`,
    sinceMs: Math.min(...raised.map((alarm) => alarm.sinceMs)),
  };
}

function blindSentence(blind: number, total: number): StateSentence {
  const sure = total > blind ? `${total - blind} OK, ` : "";
  return { level: "unsure", text: `Nothing in ALARM: ${sure}${blind} without data yet` };
}

function count(alarms: number): string {
  return alarms === 1 ? "1 alarm" : `${alarms} alarms`;
}
