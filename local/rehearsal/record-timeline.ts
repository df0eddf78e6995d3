import { type AlarmDefinition, type AlarmState, isComposite } from "@wrist-agent/cloudwatch/alarm";
import type { Alarms } from "@wrist-agent/cloudwatch/alarms/alarms";
import { wholeRange } from "./detection.ts";
import { makeRun, type Run, type RunTask } from "./run-task.ts";
import type { TimeRange } from "./scenario.ts";
import type { RequestOutcome } from "./synthetic-traffic.ts";

/** One run as it went: what a report draws. Instants are epoch milliseconds, series are oldest first. */
export interface Timeline {
  readonly seed: number;
  readonly shown: TimeRange;
  /** None where nothing goes wrong. */
  readonly faults: readonly TimeRange[];
  /** Requests of people, with what became of them. */
  readonly requests: readonly TimelineRequest[];
  readonly probeRuns: readonly { readonly atMs: number; readonly hasFailed: boolean }[];
  /** Alarms that changed in the range that is shown. */
  readonly alarms: readonly AlarmTimeline[];
  readonly mails: readonly TimelineMail[];
}

/** A request of somebody. */
export interface TimelineRequest {
  readonly atMs: number;
  readonly outcome: RequestOutcome;
}

/** A mail that arrives. */
export interface TimelineMail {
  readonly atMs: number;
  readonly alarmName: string;
  readonly state: AlarmState;
  /** The last part of the topic's ARN. */
  readonly topic: string;
}

/** One alarm in a {@link Timeline}. */
export interface AlarmTimeline {
  readonly alarmName: string;
  /** The state at the begin of what is shown, then every change. */
  readonly states: readonly AlarmChange[];
  /**
   * The newest value that an evaluation saw, at each evaluation at which it was another one; none of a
   * composite.
   */
  readonly seen: readonly SeenValue[];
  /** Missing of a composite, and where the threshold is a series. */
  readonly threshold?: number;
}

/** A state from an instant on. */
interface AlarmChange {
  readonly atMs: number;
  readonly state: AlarmState;
  readonly reason: string;
}

/** What an evaluation saw; no value where the period holds no data. */
interface SeenValue {
  readonly atMs: number;
  readonly value?: number;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** What is shown where nothing goes wrong. */
const HEALTHY_DAYS = 7;

/** Makes a run once more and writes down how it went. */
export function recordTimeline(task: RunTask, seed: number): Timeline {
  const seen = new SeenValues();
  const run = makeRun(task, seed, (alarms, alarmName, nowMs) => seen.look(alarms, alarmName, nowMs));
  const { simulation } = run;
  const shown = shownRange(run);
  const isShown = ({ atMs }: { readonly atMs: number }): boolean => isWithin(shown, atMs);
  return {
    seed,
    shown,
    faults: simulation.faults,
    requests: simulation.requests.filter(isShown).map(({ atMs, outcome }) => ({ atMs, outcome })),
    probeRuns: simulation.probeRuns
      .map(({ ofRun: { atMs, values } }) => ({ atMs, hasFailed: values.Failure === 1 }))
      .filter(isShown),
    alarms: task.alarmsUnderTest.definitions.flatMap((definition) =>
      alarmTimeline(definition, { run, shown, seen }),
    ),
    mails: run.mails.filter(isShown).map(({ atMs, alarmName, state, topic }) => {
      return { atMs, alarmName, state, topic: topic.slice(topic.lastIndexOf(":") + 1) };
    }),
  };
}

function isWithin({ beginMs, endMs }: TimeRange, atMs: number): boolean {
  return atMs >= beginMs && atMs < endMs;
}

/** The fault, with a tenth before and a quarter after it, an hour at the least. */
function shownRange({ simulation: { faults, startMs, endMs } }: Run): TimeRange {
  const fault = wholeRange(faults);
  if (fault === undefined)
    return { beginMs: startMs, endMs: Math.min(endMs, startMs + HEALTHY_DAYS * DAY_MS) };
  const lengthMs = fault.endMs - fault.beginMs;
  return {
    beginMs: Math.max(startMs, fault.beginMs - Math.max(HOUR_MS, lengthMs / 10)),
    endMs: Math.min(endMs, fault.endMs + Math.max(HOUR_MS, lengthMs / 4)),
  };
}

interface RunRecord {
  readonly run: Run;
  readonly shown: TimeRange;
  readonly seen: SeenValues;
}

/** None of an alarm that stayed as it was. */
function alarmTimeline(
  definition: AlarmDefinition,
  { run, shown, seen }: RunRecord,
): readonly AlarmTimeline[] {
  const { alarmName } = definition;
  const own = run.changes.filter((change) => change.alarmName === alarmName);
  const inside = own.filter(({ atMs }) => isWithin(shown, atMs));
  const before = own.findLast(({ atMs }) => atMs < shown.beginMs);
  if (!inside.some(({ state }) => state === "ALARM") && before?.state !== "ALARM") return [];
  const first: AlarmChange = {
    atMs: shown.beginMs,
    state: before?.state ?? "INSUFFICIENT_DATA",
    reason: before?.reason ?? "",
  };
  return [
    {
      alarmName,
      states: [first, ...inside.map(({ atMs, state, reason }) => ({ atMs, state, reason }))],
      seen: seen.within(alarmName, shown),
      ...thresholdOf(definition),
    },
  ];
}

function thresholdOf(definition: AlarmDefinition): Pick<AlarmTimeline, "threshold"> {
  if (isComposite(definition) || definition.threshold === undefined) return {};
  return { threshold: definition.threshold };
}

/** The newest value that each evaluation of each alarm saw, where it was another than before. */
class SeenValues {
  readonly #byAlarm = new Map<string, SeenValue[]>();

  look(alarms: Alarms, alarmName: string, nowMs: number): void {
    const value = alarms.evaluatedDatapoints(alarmName)[0]?.value;
    const values = this.#byAlarm.get(alarmName) ?? [];
    if (values.length > 0 && values.at(-1)?.value === value) return;
    values.push({ atMs: nowMs, ...(value !== undefined && { value }) });
    this.#byAlarm.set(alarmName, values);
  }

  /** Those of a range, with the one that was there at its begin. */
  within(alarmName: string, { beginMs, endMs }: TimeRange): readonly SeenValue[] {
    const all = this.#byAlarm.get(alarmName) ?? [];
    const before = all.findLast(({ atMs }) => atMs <= beginMs);
    const inside = all.filter(({ atMs }) => atMs > beginMs && atMs < endMs);
    return [...(before === undefined ? [] : [{ ...before, atMs: beginMs }]), ...inside];
  }
}
