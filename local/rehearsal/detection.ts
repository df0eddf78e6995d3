import type { StateChange } from "./replay.ts";
import type { TimeRange } from "./scenario.ts";

/** What one alarm did in one simulation. */
export interface Detection {
  /** Times that it rose without a fault, or again after the fault was over and cleared. */
  readonly falsePositives: number;
  /** Milliseconds from the fault's begin to ALARM; missing when it never rose for it. */
  readonly timeToDetectMs?: number;
  /** Milliseconds from the fault's end to OK; missing when it did not come back. */
  readonly timeToRecoverMs?: number;
  /** Times that it said OK while the fault lasted. */
  readonly falseAllClears: number;
}

/** The fault that a simulation holds, and for how long after its end an alarm's window still sees it. */
interface FaultWindow extends TimeRange {
  readonly windowMs: number;
}

/** Judges the changes of one alarm, oldest first. */
export function detectionOf(changes: readonly StateChange[], fault: FaultWindow | undefined): Detection {
  const alarms = changes.filter(({ state }) => state === "ALARM");
  if (fault === undefined) return { falsePositives: alarms.length, falseAllClears: 0 };
  const found = detectedAt(changes, fault);
  const before = alarms.filter(({ atMs }) => atMs < fault.beginMs).length;
  if (found === undefined)
    return {
      falsePositives: before + alarms.filter(({ atMs }) => atMs >= fault.beginMs).length,
      falseAllClears: 0,
    };
  const cleared = recoveredAt(changes, fault, found);
  const after = alarms.filter(({ atMs }) => cleared !== undefined && atMs > cleared && atMs > fault.endMs);
  const allClears = changes.filter(({ state, atMs }) => state === "OK" && atMs > found && atMs < fault.endMs);
  return {
    falsePositives: before + after.length,
    timeToDetectMs: found - fault.beginMs,
    ...(cleared !== undefined && { timeToRecoverMs: cleared - fault.endMs }),
    falseAllClears: allClears.length,
  };
}

/** An alarm that was up already when the fault began has found it at once. */
function detectedAt(
  changes: readonly StateChange[],
  { beginMs, endMs, windowMs }: FaultWindow,
): number | undefined {
  if (stateAt(changes, beginMs) === "ALARM") return beginMs;
  return changes.find(({ state, atMs }) => state === "ALARM" && atMs >= beginMs && atMs <= endMs + windowMs)
    ?.atMs;
}

function recoveredAt(
  changes: readonly StateChange[],
  { endMs }: FaultWindow,
  foundMs: number,
): number | undefined {
  if (foundMs < endMs && stateAt(changes, endMs) === "OK") return endMs;
  return changes.find(({ state, atMs }) => state === "OK" && atMs >= endMs && atMs > foundMs)?.atMs;
}

function stateAt(changes: readonly StateChange[], atMs: number): StateChange["state"] | undefined {
  return changes.findLast((change) => change.atMs < atMs)?.state;
}

/** Milliseconds over the runs in which something happened. */
export interface DurationSpread {
  readonly medianMs: number;
  readonly worstMs: number;
}

/** What one alarm did over all runs of a scenario. */
export interface AlarmSummary {
  readonly alarmName: string;
  /** Runs in which it rose for the fault. */
  readonly found: number;
  /** From the fault's begin to ALARM; missing when it never rose for it. */
  readonly foundAfter?: DurationSpread;
  /** The same from the first request that the fault touched; missing also where it touches none. */
  readonly foundAfterFirstRequest?: DurationSpread;
  /** From the fault's end to OK; missing when it never came back. */
  readonly clearedAfter?: DurationSpread;
  /** Runs that found the fault and ended without an all-clear. */
  readonly neverCleared: number;
  /** Times in all runs that it said OK while the fault lasted. */
  readonly falseAllClears: number;
  readonly falseAlarmsIn30Days: number;
}

/** One run of an alarm, and how long nobody could have noticed the fault. */
export interface JudgedRun {
  readonly detection: Detection;
  /** From the fault's begin to the first request that it touched; missing where it touches none. */
  readonly untilFirstRequestMs?: number;
}

/** Adds up the runs of one alarm. */
export function detectionSummary(alarmName: string, runs: readonly JudgedRun[], days: number): AlarmSummary {
  const outcomes = runs.map(({ detection: outcome }) => outcome);
  const found = outcomes.flatMap(({ timeToDetectMs }) => timeToDetectMs ?? []);
  const cleared = outcomes.flatMap(({ timeToRecoverMs }) => timeToRecoverMs ?? []);
  const sinceRequest = runs.flatMap(({ detection: outcome, untilFirstRequestMs: unseenMs }) =>
    outcome.timeToDetectMs === undefined || unseenMs === undefined
      ? []
      : Math.max(0, outcome.timeToDetectMs - unseenMs),
  );
  return {
    alarmName,
    found: found.length,
    ...(found.length > 0 && { foundAfter: spread(found) }),
    ...(sinceRequest.length > 0 && { foundAfterFirstRequest: spread(sinceRequest) }),
    ...(cleared.length > 0 && { clearedAfter: spread(cleared) }),
    neverCleared: found.length - cleared.length,
    falseAllClears: total(outcomes.map(({ falseAllClears }) => falseAllClears)),
    falseAlarmsIn30Days:
      (total(outcomes.map(({ falsePositives: falseAlarms }) => falseAlarms)) / runs.length / days) * 30,
  };
}

function spread(values: readonly number[]): DurationSpread {
  const sorted = values.toSorted((a, b) => a - b);
  return { medianMs: sorted[Math.floor((sorted.length - 1) / 2)] ?? 0, worstMs: sorted.at(-1) ?? 0 };
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
