import type { AlarmRow } from "../server/wire.ts";
import { clockTime } from "./time.ts";

/** What the top of the page says, and how loudly. */
export interface StateSentence {
  readonly level: "ok" | "alarm" | "unsure";
  readonly text: string;
  /** Since when it is so; `undefined` when there is nothing to date. */
  readonly sinceMs?: number;
}

/** The one sentence that a half-awake reader needs: what is in alarm, and since when. */
export function stateSentence(alarms: readonly AlarmRow[], nowMs: number): StateSentence {
  const raised = alarms.filter((alarm) => alarm.state === "ALARM");
  if (raised.length > 0) return raisedSentence(raised, nowMs);
  const blind = alarms.filter((alarm) => alarm.state === "INSUFFICIENT_DATA");
  if (blind.length > 0) return blindSentence(blind, alarms.length);
  if (alarms.length === 0) return { level: "unsure", text: "No alarms: the templates define none" };
  const sinceMs = Math.max(...alarms.map((alarm) => alarm.sinceMs));
  const subject = alarms.length === 1 ? "The only alarm is OK" : `All ${alarms.length} alarms OK`;
  return { level: "ok", text: `${subject} since ${clockTime(sinceMs, nowMs)}`, sinceMs };
}

function raisedSentence(raised: readonly AlarmRow[], nowMs: number): StateSentence {
  const each = raised.map((alarm) => `${alarm.alarmName} since ${clockTime(alarm.sinceMs, nowMs)}`);
  return {
    level: "alarm",
    text: `${count(raised.length)} in ALARM: ${each.join(", ")}`,
    sinceMs: Math.min(...raised.map((alarm) => alarm.sinceMs)),
  };
}

function blindSentence(blind: readonly AlarmRow[], total: number): StateSentence {
  const names = blind.map((alarm) => alarm.alarmName).join(", ");
  const rest = total - blind.length;
  return {
    level: "unsure",
    text: `Nothing in ALARM, but ${count(blind.length)} without enough data: ${names}${rest > 0 ? `; ${rest} OK` : ""}`,
  };
}

function count(alarms: number): string {
  return alarms === 1 ? "1 alarm" : `${alarms} alarms`;
}
