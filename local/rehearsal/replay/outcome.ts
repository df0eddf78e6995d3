import type { Change } from "./replay.ts";
import type { Span } from "./scenario.ts";

/** What one alarm did in one story. */
export interface Outcome {
  /** Times that it rose without a fault, or again after the fault was over and cleared. */
  readonly falseAlarms: number;
  /** Milliseconds from the fault's begin to ALARM; missing when it never rose for it. */
  readonly foundAfterMs?: number;
  /** Milliseconds from the fault's end to OK; missing when it did not come back. */
  readonly clearedAfterMs?: number;
  /** Times that it said OK while the fault lasted. */
  readonly falseAllClears: number;
}

/** The fault that a story holds, and for how long after its end an alarm's window still sees it. */
export interface Seen extends Span {
  readonly windowMs: number;
}

/** Judges the changes of one alarm, oldest first. */
export function outcomeOf(changes: readonly Change[], fault: Seen | undefined): Outcome {
  const alarms = changes.filter(({ state }) => state === "ALARM");
  if (fault === undefined) return { falseAlarms: alarms.length, falseAllClears: 0 };
  const found = foundAt(changes, fault);
  const before = alarms.filter(({ atMs }) => atMs < fault.beginMs).length;
  if (found === undefined)
    return {
      falseAlarms: before + alarms.filter(({ atMs }) => atMs >= fault.beginMs).length,
      falseAllClears: 0,
    };
  const cleared = clearedAt(changes, fault, found);
  const after = alarms.filter(({ atMs }) => cleared !== undefined && atMs > cleared && atMs > fault.endMs);
  const allClears = changes.filter(({ state, atMs }) => state === "OK" && atMs > found && atMs < fault.endMs);
  return {
    falseAlarms: before + after.length,
    foundAfterMs: found - fault.beginMs,
    ...(cleared !== undefined && { clearedAfterMs: cleared - fault.endMs }),
    falseAllClears: allClears.length,
  };
}

/** An alarm that was up already when the fault began has found it at once. */
function foundAt(changes: readonly Change[], { beginMs, endMs, windowMs }: Seen): number | undefined {
  if (stateAt(changes, beginMs) === "ALARM") return beginMs;
  return changes.find(({ state, atMs }) => state === "ALARM" && atMs >= beginMs && atMs <= endMs + windowMs)
    ?.atMs;
}

function clearedAt(changes: readonly Change[], { endMs }: Seen, foundMs: number): number | undefined {
  if (foundMs < endMs && stateAt(changes, endMs) === "OK") return endMs;
  return changes.find(({ state, atMs }) => state === "OK" && atMs >= endMs && atMs > foundMs)?.atMs;
}

function stateAt(changes: readonly Change[], atMs: number): Change["state"] | undefined {
  return changes.findLast((change) => change.atMs < atMs)?.state;
}
