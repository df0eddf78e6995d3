import type { Rehearsal } from "../../local/rehearsal/replay/rehearse.ts";
import type { AlarmSummary, Spread } from "../../local/rehearsal/replay/summary.ts";
import { serviceOf } from "../../lambda/contract/metrics.ts";
import { columns, type Align } from "./terminal.ts";

const HEAD = [
  ...["alarm", "found", "median", "worst", "since request", "worst"],
  ...["OK after", "worst", "false OK", "false alarms / 30 d"],
];
const ALIGN: readonly Align[] = ["left", ...HEAD.slice(1).map(() => "right" as const)];

/** A rehearsal in lines of text: first what happens, then a row for each alarm that ever rose. */
export function rehearsalReport(rehearsal: Rehearsal, stage: string): readonly string[] {
  const { scenario, says, runs, days, perDay, firstMail, alarms, unpublished } = rehearsal;
  const nameOf = ({ alarmName }: AlarmSummary): string => shortName(alarmName, stage);
  const rose = alarms.filter((alarm) => alarm.found > 0 || alarm.falseAlarmsIn30Days > 0);
  const quiet = alarms.filter((alarm) => !rose.includes(alarm)).map(nameOf);
  const mail = { ...firstMail, alarmName: "(first mail)", neverCleared: 0 };
  const rows = [
    ...(firstMail.found > 0 ? [row("(first mail)", mail, runs)] : []),
    ...rose.map((alarm) => row(nameOf(alarm), alarm, runs)),
  ];
  return [
    `${scenario}: ${says}`,
    `  ${runs} runs of ${days} days at ${perDay} requests a day`,
    ...(rows.length === 0 ? [] : columns([HEAD, ...rows], ALIGN).map((line) => `  ${line}`)),
    ...(quiet.length === 0 ? [] : [`  never rose: ${quiet.join(", ")}`]),
    ...(unpublished.length === 0
      ? []
      : [`  not part of this: alarms on ${unpublished.join(", ")} saw no data`]),
    "",
  ];
}

function shortName(alarmName: string, stage: string): string {
  const prefix = [stage, "billing"]
    .map((name) => `${serviceOf(name)}-`)
    .find((each) => alarmName.startsWith(each));
  return alarmName.slice(prefix?.length ?? 0);
}

type Row = Pick<AlarmSummary, "found" | "foundAfter" | "foundAfterFirstRequest" | "neverCleared"> &
  Partial<AlarmSummary>;

function row(name: string, alarm: Row, runs: number): readonly string[] {
  const { found, foundAfter, foundAfterFirstRequest, clearedAfter, neverCleared } = alarm;
  return [
    ...[name, found === 0 ? "" : `${found} of ${runs}`],
    ...spreadText(foundAfter),
    ...spreadText(foundAfterFirstRequest),
    ...(neverCleared > 0 && clearedAfter !== undefined
      ? [durationText(clearedAfter.medianMs), `never (${neverCleared})`]
      : spreadText(clearedAfter)),
    ...[alarm.falseAllClears === undefined || found === 0 ? "" : String(alarm.falseAllClears)],
    alarm.falseAlarmsIn30Days === undefined ? "" : alarm.falseAlarmsIn30Days.toFixed(2),
  ];
}

function spreadText(spread: Spread | undefined): readonly [string, string] {
  return spread === undefined ? ["", ""] : [durationText(spread.medianMs), durationText(spread.worstMs)];
}

const UNITS = [
  { unit: "d", ms: 86_400_000 },
  { unit: "h", ms: 3_600_000 },
  { unit: "min", ms: 60_000 },
] as const;

/** One unit, the largest that fits: `3.5 min`, `2.0 h`. */
function durationText(ms: number): string {
  const { unit, ms: size } = UNITS.find((each) => ms >= each.ms) ?? UNITS[2];
  return `${(ms / size).toFixed(1)} ${unit}`;
}
