import { Command } from "commander";
import type { AlarmRow } from "../../local/server/wire.ts";
import { dataOption, readPage, runningSystem } from "../cli/running-system.ts";
import { alignedColumns, localTime, type Terminal } from "../cli/terminal.ts";

interface AlarmsOptions {
  readonly data: string;
  readonly json?: true;
}

/** `alarms`: every synthesised alarm with its state, since when and its condition. */
export function alarmsCommand(terminal: Terminal): Command {
  return new Command("alarms")
    .description("list the alarms of the running system with their states")
    .addOption(dataOption())
    .option("--json", "print alarms as JSON, history included")
    .action(async (options: AlarmsOptions) => {
      const alarms = await readPage(await runningSystem(options.data), "/api/alarms");
      if (options.json === true) terminal.out(JSON.stringify(alarms, null, 2));
      else alarmLines(terminal, alarms).forEach(terminal.out);
    });
}

/** One line per alarm, those in ALARM first. */
export function alarmLines(terminal: Terminal, alarms: readonly AlarmRow[]): string[] {
  if (alarms.length === 0) return ["the templates hold no alarm"];
  const sorted = sortedAlarms(alarms);
  const lines = alignedColumns(
    sorted.map((alarm) => [
      alarm.state,
      alarm.alarmName,
      `since ${localTime(alarm.sinceMs)}`,
      alarm.condition,
    ]),
  );
  return lines.map((line, at) => paintState(terminal, sorted[at]?.state, line));
}

/** State and name of each alarm, those in ALARM first: what a start reports. */
export function alarmStateLines(terminal: Terminal, alarms: readonly AlarmRow[]): string[] {
  if (alarms.length === 0) return ["the templates hold no alarm"];
  const sorted = sortedAlarms(alarms);
  const lines = alignedColumns(sorted.map(({ state, alarmName }) => [state, alarmName]));
  return lines.map((line, at) => paintState(terminal, sorted[at]?.state, line));
}

function sortedAlarms(alarms: readonly AlarmRow[]): readonly AlarmRow[] {
  return alarms.toSorted(
    (a, b) => STATE_RANK[a.state] - STATE_RANK[b.state] || a.alarmName.localeCompare(b.alarmName),
  );
}

const STATE_RANK = { ALARM: 0, INSUFFICIENT_DATA: 1, OK: 2 } as const;

function paintState(terminal: Terminal, state: AlarmRow["state"] | undefined, line: string): string {
  const { red, dim } = terminal.colours;
  if (state === "ALARM") return red(line);
  return state === "INSUFFICIENT_DATA" ? dim(line) : line;
}
