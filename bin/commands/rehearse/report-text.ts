import { agentServiceName } from "../../../lambda/contract/metrics.ts";
import { type Difference } from "../../../local/rehearsal/compare.ts";
import { durationText, valueText } from "../../../local/rehearsal/html-text.ts";
import {
  type AlarmSummary,
  type MonthlyRate,
  type RehearsalReport,
  REHEARSED,
  type Share,
  type TopicSummary,
} from "../../../local/rehearsal/rehearsal-report.ts";
import type { DurationSpread } from "../../../local/rehearsal/statistics.ts";
import { type Align, alignedColumns } from "../../cli/terminal.ts";

/** The name of an alarm without what all alarms of a stage have in common. */
export function alarmShortName(alarmName: string, stage: string): string {
  const prefix = [stage, "billing"]
    .map((name) => `${agentServiceName(name)}-`)
    .find((each) => alarmName.startsWith(each));
  return alarmName.slice(prefix?.length ?? 0);
}

function counted(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? "" : "s"}`;
}

const REPORT_HEAD = [
  "alarm or topic",
  "detected",
  "p50",
  "p95",
  "max",
  "to recover",
  "max",
  "false all-clear",
  "mails",
  "false positives / 30 d",
];
const REPORT_ALIGN: readonly Align[] = ["left", ...REPORT_HEAD.slice(1).map(() => "right" as const)];

/**
 * A rehearsal in lines of text: first what happens, then a row for each topic and for each alarm that ever
 * rose.
 */
export function rehearsalText(report: RehearsalReport, stage: string): readonly string[] {
  const { scenario, description, alarmSet, runs, settings, topics, alarms, unpublished } = report;
  const nameOf = ({ alarmName }: AlarmSummary): string => alarmShortName(alarmName, stage);
  const rose = alarms.filter(
    ({ detected, falsePositives }) => detected.count > 0 || falsePositives.in30Days > 0,
  );
  const quiet = alarms.filter((alarm) => !rose.includes(alarm)).map(nameOf);
  const rows = [
    ...firstRows(report),
    ...topics.map((topic) => topicRow(topic, report, stage)),
    ...rose.map((alarm) => alarmRow(nameOf(alarm), alarm, report)),
  ];
  return [
    `${scenario}${alarmSet === REHEARSED ? "" : ` (${alarmSet})`}: ${description}`,
    `  ${counted(runs, "run")} of ${counted(Number(settings.days ?? 0), "day")}`,
    ...alignedColumns([REPORT_HEAD, ...rows], REPORT_ALIGN).map((line) => `  ${line}`),
    ...(quiet.length === 0 ? [] : [`  never in ALARM: ${quiet.join(", ")}`]),
    ...(unpublished.length === 0
      ? []
      : [`  not part of this: alarms on ${unpublished.join(", ")} saw no data`]),
    "",
  ];
}

function firstRows({ firstNotification, faultDurationMs }: RehearsalReport): readonly (readonly string[])[] {
  const { notified, timeToNotify, timeToNotifyFromFirstRequest } = firstNotification;
  if (faultDurationMs === 0) return [];
  const since = timeToNotifyFromFirstRequest;
  return [
    ["(first mail)", shareText(notified), ...spreadTexts(timeToNotify)],
    ...(since === undefined
      ? []
      : [["(since the first request)", shareText(notified), ...spreadTexts(since)]]),
  ];
}

function topicRow(
  topic: TopicSummary,
  { faultDurationMs }: RehearsalReport,
  stage: string,
): readonly string[] {
  const { notified, timeToNotify, laterSpansNotified, mails, falsePositives } = topic;
  const name = `topic ${alarmShortName(topic.topic, stage)}`;
  if (faultDurationMs === 0) return [name, ...blanks(8), rateText(falsePositives)];
  const later = laterSpansNotified === undefined ? "" : ` (later ${shareText(laterSpansNotified)})`;
  return [
    name,
    `${shareText(notified)}${later}`,
    ...spreadTexts(timeToNotify),
    ...blanks(3),
    `${mails.mean.toFixed(1)}, max ${mails.max}`,
    rateText(falsePositives),
  ];
}

function alarmRow(
  name: string,
  alarm: AlarmSummary,
  { faultDurationMs }: RehearsalReport,
): readonly string[] {
  const { detected, timeToDetect, timeToRecover, neverRecovered, falseAllClears, falsePositives } = alarm;
  if (faultDurationMs === 0 || detected.count === 0) return [name, ...blanks(8), rateText(falsePositives)];
  const [p50 = "", , max = ""] = spreadTexts(timeToRecover);
  return [
    name,
    shareText(detected),
    ...spreadTexts(timeToDetect),
    p50,
    neverRecovered > 0 ? `never (${neverRecovered})` : max,
    String(falseAllClears),
    "",
    rateText(falsePositives),
  ];
}

function blanks(count: number): readonly string[] {
  return Array.from({ length: count }, () => "");
}

function shareText({ count, of }: Share): string {
  return `${count} of ${of}`;
}

function spreadTexts(spread: DurationSpread | undefined): readonly string[] {
  return spread === undefined ? blanks(3) : [spread.p50Ms, spread.p95Ms, spread.maxMs].map(durationText);
}

function rateText({ in30Days, high }: MonthlyRate): string {
  return `${in30Days.toFixed(2)} (< ${high.toFixed(2)})`;
}

/** What differs between two rehearsals, in lines of text. */
export function differencesText(differences: readonly Difference[], stage: string): readonly string[] {
  if (differences.length === 0) return ["Compared: nothing differs."];
  const rows = differences.map(({ verdict, scenario, subject, figure, before, after, kind }) => [
    verdict,
    scenario,
    alarmShortName(subject, stage),
    figure,
    valueText(before, kind),
    "->",
    valueText(after, kind),
  ]);
  const align: readonly Align[] = ["left", "left", "left", "left", "right", "left", "left"];
  return ["Compared:", ...alignedColumns(rows, align).map((line) => `  ${line}`)];
}
