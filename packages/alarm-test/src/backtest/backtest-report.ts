import { durationText } from "../alarm-test.ts";
import type { AlarmBacktest, AlarmSpan, BacktestResult } from "./replay-metrics.ts";

/** An alarm before and after a change of the template; one of the two is missing where it is new or gone. */
export interface ComparedAlarm {
  readonly name: string;
  readonly before?: AlarmBacktest;
  readonly after?: AlarmBacktest;
}

/** Pairs alarms of two templates by stack and logical id, or by name. */
export function comparedAlarms(before: BacktestResult, after: BacktestResult): readonly ComparedAlarm[] {
  const open = [...before.alarms];
  const pairs = after.alarms.map((alarm): ComparedAlarm => {
    const at = open.findIndex(
      (old) => old.alarmName === alarm.alarmName || old.logicalId === alarm.logicalId,
    );
    const [old] = at < 0 ? [] : open.splice(at, 1);
    return { name: alarm.alarmName, after: alarm, ...(old === undefined ? {} : { before: old }) };
  });
  return [...pairs, ...open.map((old) => ({ name: old.alarmName, before: old }))];
}

/** What alarms would have done, in lines of text. */
export function backtestText(result: BacktestResult, compared: readonly ComparedAlarm[]): string {
  const blocks = compared.length > 0 ? compared.flatMap(comparedLines) : result.alarms.flatMap(alarmLines);
  return [
    `${utc(result.fromMs)} to ${utc(result.toMs)} (UTC), minute by minute`,
    ...blocks,
    ...incidentLines(result),
    ...result.notes.map((note) => `note: ${note}`),
  ].join("\n");
}

function alarmLines(alarm: AlarmBacktest): readonly string[] {
  return [alarm.alarmName, `  condition: ${alarm.condition}`, ...outcomeLines(alarm)];
}

function outcomeLines(alarm: AlarmBacktest): readonly string[] {
  const { spans, mails, happened, replayedFromMs, reason } = alarm;
  if (replayedFromMs === undefined) return [`  not replayable: ${reason ?? ""}`];
  return [
    ...(reason === undefined ? [] : [`  replayed from ${utc(replayedFromMs)}: ${reason}`]),
    `  ${summary(alarm)}`,
    ...spans.map((span) => `    ALARM ${spanText(span)}`),
    ...mails.map(({ atMs, subject }) => `    mail ${utc(atMs)} ${subject}`),
    ...(happened === undefined
      ? []
      : [
          `  really: in ALARM ${times(happened.length)}`,
          ...happened.map((span) => `    ALARM ${spanText(span)}`),
        ]),
  ];
}

function summary({ spans, alarmMs, mails }: AlarmBacktest): string {
  if (spans.length === 0) return "never in ALARM";
  return `in ALARM ${times(spans.length)}, ${durationText(alarmMs)} in all, ${mails.length} ${mails.length === 1 ? "mail" : "mails"}`;
}

function comparedLines({ name, before, after }: ComparedAlarm): readonly string[] {
  const side = (label: string, alarm: AlarmBacktest | undefined): readonly string[] =>
    alarm === undefined
      ? [`  ${label}: no such alarm`]
      : [
          `  ${label}: ${alarm.condition}`,
          `    ${alarm.replayedFromMs === undefined ? `not replayable: ${alarm.reason ?? ""}` : summary(alarm)}`,
        ];
  return [name, ...side("before", before), ...side("after", after), ...differenceLines(before, after)];
}

function differenceLines(
  before: AlarmBacktest | undefined,
  after: AlarmBacktest | undefined,
): readonly string[] {
  const [old, fresh] = [before?.spans ?? [], after?.spans ?? []];
  const missing = (spans: readonly AlarmSpan[], others: readonly AlarmSpan[]): readonly AlarmSpan[] =>
    spans.filter((span) => !others.some((other) => other.fromMs < span.toMs && other.toMs > span.fromMs));
  return [
    ...missing(old, fresh).map((span) => `    gone: ALARM ${spanText(span)}`),
    ...missing(fresh, old).map((span) => `    new: ALARM ${spanText(span)}`),
  ];
}

function incidentLines({ incidents, falsePositives }: BacktestResult): readonly string[] {
  const found = incidents.map(({ name, found: alarms }) => {
    const list = alarms
      .map(({ alarmName, afterMs }) => `${alarmName} after ${durationText(afterMs)}`)
      .join(", ");
    return `incident ${name}: ${list === "" ? "no alarm found it" : list}`;
  });
  return [...found, ...falsePositives.map((span) => `false positive: ${span.alarmName} ${spanText(span)}`)];
}

function times(count: number): string {
  return count === 1 ? "once" : `${count} times`;
}

function spanText({ fromMs, toMs }: AlarmSpan): string {
  return `${utc(fromMs)} for ${durationText(toMs - fromMs)}`;
}

/** A time as `2026-01-05 10:00`. */
export function utc(ms: number): string {
  return new Date(ms).toISOString().slice(0, 16).replace("T", " ");
}
