import type { AlarmRow } from "../../local/server/wire.ts";
import { alignedColumns, type Terminal } from "./terminal.ts";

/** State and name of each alarm, those in ALARM first: what a start reports. */
export function alarmStateLines(terminal: Terminal, alarms: readonly AlarmRow[]): string[] {
  if (alarms.length === 0) return ["the templates hold no alarm"];
  const sorted = sortedAlarms(alarms);
  const lines = alignedColumns(sorted.map(({ state, alarmName }) => [state, alarmName]));
  return lines.map((line, at) => paintState(terminal, sorted[at]?.state, line));
}

/** Those in ALARM first, then by name. */
export function sortedAlarms<Alarm extends Pick<AlarmRow, "alarmName" | "state">>(
  alarms: readonly Alarm[],
): readonly Alarm[] {
  return alarms.toSorted(
    (a, b) => STATE_RANK[a.state] - STATE_RANK[b.state] || a.alarmName.localeCompare(b.alarmName),
  );
}

const STATE_RANK = { ALARM: 0, INSUFFICIENT_DATA: 1, OK: 2 } as const;

/** A line in the colour of a state. */
export function paintState(terminal: Terminal, state: AlarmRow["state"] | undefined, line: string): string {
  const { red, dim } = terminal.colours;
  if (state === "ALARM") return red(line);
  return state === "INSUFFICIENT_DATA" ? dim(line) : line;
}
