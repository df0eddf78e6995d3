import type { AlarmRow } from "../../server/wire.ts";
import { bySeverity, severityOf } from "./severity.ts";

const STATES: Readonly<Record<AlarmRow["state"], number>> = { ALARM: 0, INSUFFICIENT_DATA: 1, OK: 2 };

/** The order in which alarms need a reader: by state, then severity, then the longest in ALARM, then by name. */
export function byUrgency(a: AlarmRow, b: AlarmRow): number {
  return (
    STATES[a.state] - STATES[b.state] ||
    bySeverity(severityOf(a), severityOf(b)) ||
    (a.state === "ALARM" ? a.sinceMs - b.sinceMs : 0) ||
    a.alarmName.localeCompare(b.alarmName)
  );
}
