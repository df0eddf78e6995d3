import type { AlarmDefinition, AlarmState } from "@wrist-agent/cloudwatch/alarm";
import { type Detection, detectionOf, wholeRange } from "./detection.ts";
import type { ReplayResult, SentMail } from "./replay.ts";
import type { TimeRange } from "./scenario.ts";
import type { Simulation } from "./simulation.ts";

/** What one run gave, as plain data: small, because a rehearsal has many. */
export interface RunResult {
  /** In the order of the definitions. */
  readonly alarms: readonly Detection[];
  readonly topics: Readonly<Record<string, TopicResult>>;
  /**
   * From the fault's begin to the first mail about an ALARM, to whichever topic; missing when there was none.
   */
  readonly timeToNotifyMs?: number;
  /** From the fault's begin to the first request that it touched; missing where it touches none. */
  readonly untilFirstRequestMs?: number;
  readonly unpublished: readonly string[];
}

/** What the mails to one topic were in one run. */
export interface TopicResult {
  readonly timeToNotifyMs?: number;
  /** Mails from the fault's begin on, OK included. */
  readonly mails: number;
  /** Mails about an ALARM without a fault. */
  readonly falsePositives: number;
  /**
   * Further spans of a fault that comes and goes, and those of them with a mail about an ALARM of their own.
   */
  readonly laterSpans: number;
  readonly laterSpansNotified: number;
}

/** Judges what the alarms made of a simulation. */
export function runResult(
  definitions: readonly AlarmDefinition[],
  simulation: Simulation,
  { changes, mails, unpublished }: ReplayResult,
): RunResult {
  const { faults, firstAffectedMs } = simulation;
  const windows = windowsOf(definitions);
  const changesByAlarm = groupedBy(changes, ({ alarmName }) => alarmName);
  const fault = wholeRange(faults);
  const notified = fault && firstAlarmMail(mails, fault.beginMs);
  return {
    alarms: definitions.map(({ alarmName }) =>
      detectionOf(changesByAlarm.get(alarmName) ?? [], {
        spans: faults,
        windowMs: windows.get(alarmName) ?? 0,
      }),
    ),
    topics: topicResults(definitions, mails, { spans: faults, windows }),
    ...(fault && notified !== undefined && { timeToNotifyMs: notified - fault.beginMs }),
    ...(fault && firstAffectedMs !== undefined && { untilFirstRequestMs: firstAffectedMs - fault.beginMs }),
    unpublished,
  };
}

interface JudgedFault {
  readonly spans: readonly TimeRange[];
  readonly windows: ReadonlyMap<string, number>;
}

/** One for each topic, though nobody wrote to it. */
function topicResults(
  definitions: readonly AlarmDefinition[],
  mails: readonly SentMail[],
  fault: JudgedFault,
): Readonly<Record<string, TopicResult>> {
  const byTopic = groupedBy(mails, ({ topic }) => topic);
  const topics = new Set([...notifiedTopics(definitions), ...byTopic.keys()]);
  return Object.fromEntries(
    [...topics].map((topic) => [topic, topicResult(byTopic.get(topic) ?? [], fault)]),
  );
}

/** Topics that an action of an alarm names. */
export function notifiedTopics(definitions: readonly AlarmDefinition[]): readonly string[] {
  const actions = definitions.flatMap(({ alarmActions = [], okActions = [] }) => [
    ...alarmActions,
    ...okActions,
  ]);
  return [...new Set(actions.filter((arn) => arn.includes(":sns:")))];
}

function topicResult(mails: readonly SentMail[], { spans, windows }: JudgedFault): TopicResult {
  const [first, ...later] = spans;
  const beginMs = first?.beginMs ?? Infinity;
  const at = firstAlarmMail(mails, beginMs);
  const byAlarm = [...groupedBy(mails, ({ alarmName }) => alarmName)];
  const falsePositives = byAlarm.map(
    ([alarmName, sent]) => detectionOf(sent, { spans, windowMs: windows.get(alarmName) ?? 0 }).falsePositives,
  );
  return {
    ...(at !== undefined && { timeToNotifyMs: at - beginMs }),
    mails: mails.filter(({ atMs }) => atMs >= beginMs).length,
    falsePositives: falsePositives.reduce((sum, count) => sum + count, 0),
    laterSpans: later.length,
    laterSpansNotified: later.filter((span) => hasAlarmMail(mails, span)).length,
  };
}

function firstAlarmMail(mails: readonly SentMail[], fromMs: number): number | undefined {
  return mails.find(({ state, atMs }) => isAlarm(state) && atMs >= fromMs)?.atMs;
}

function hasAlarmMail(mails: readonly SentMail[], { beginMs, endMs }: TimeRange): boolean {
  return mails.some(({ state, atMs }) => isAlarm(state) && atMs >= beginMs && atMs < endMs);
}

function isAlarm(state: AlarmState): boolean {
  return state === "ALARM";
}

/** How far back each alarm looks; a composite as far as the widest of them. */
function windowsOf(definitions: readonly AlarmDefinition[]): ReadonlyMap<string, number> {
  const widest = Math.max(0, ...definitions.map((definition) => windowMs(definition) ?? 0));
  return new Map(definitions.map((definition) => [definition.alarmName, windowMs(definition) ?? widest]));
}

/**
 * How far back an alarm looks, and two periods more for what CloudWatch fetches beyond; none of a composite.
 */
function windowMs(definition: AlarmDefinition): number | undefined {
  if ("alarmRule" in definition) return undefined;
  const { periodSeconds, metrics = [], evaluationPeriods } = definition;
  const longest = metrics.map(({ metricStat, periodSeconds: own }) => metricStat?.periodSeconds ?? own ?? 0);
  return Math.max(periodSeconds ?? 0, ...longest) * (evaluationPeriods + 2) * 1000;
}

function groupedBy<Item>(
  items: readonly Item[],
  keyOf: (item: Item) => string,
): ReadonlyMap<string, readonly Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group === undefined) groups.set(keyOf(item), [item]);
    else group.push(item);
  }
  return groups;
}
