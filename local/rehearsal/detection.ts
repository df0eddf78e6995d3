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

/** The fault of a simulation as an alarm could see it. */
export interface FaultWindow {
  /** Oldest first; several where it comes and goes. None where nothing goes wrong. */
  readonly spans: readonly TimeRange[];
  /** How long after its end the alarm's window still sees it. */
  readonly windowMs: number;
}

type Change = Pick<StateChange, "state" | "atMs">;

/**
 * Judges the changes of one alarm, oldest first. A fault that comes and goes is one fault, which is over in
 * its pauses.
 */
export function detectionOf(changes: readonly Change[], { spans, windowMs }: FaultWindow): Detection {
  const alarms = changes.filter(({ state }) => state === "ALARM");
  const whole = wholeRange(spans);
  if (whole === undefined) return { falsePositives: alarms.length, falseAllClears: 0 };
  const fault = { ...whole, windowMs };
  const found = detectedAt(changes, fault);
  if (found === undefined) return { falsePositives: alarms.length, falseAllClears: 0 };
  const recovered = recoveredAt(changes, fault, found);
  const before = alarms.filter(({ atMs }) => atMs < fault.beginMs);
  const after = alarms.filter(
    ({ atMs }) => recovered !== undefined && atMs > recovered && atMs > fault.endMs,
  );
  const allClears = changes.filter(
    ({ state, atMs }) => state === "OK" && atMs > found && isWithin(spans, atMs),
  );
  return {
    falsePositives: before.length + after.length,
    timeToDetectMs: found - fault.beginMs,
    ...(recovered !== undefined && { timeToRecoverMs: recovered - fault.endMs }),
    falseAllClears: allClears.length,
  };
}

/** From the first begin to the last end. */
export function wholeRange(spans: readonly TimeRange[]): TimeRange | undefined {
  const [first] = spans;
  const last = spans.at(-1);
  return first && last && { beginMs: first.beginMs, endMs: last.endMs };
}

function isWithin(spans: readonly TimeRange[], atMs: number): boolean {
  return spans.some(({ beginMs, endMs }) => atMs >= beginMs && atMs < endMs);
}

interface WholeFault extends TimeRange {
  readonly windowMs: number;
}

/** An alarm that was up already when the fault began has found it at once. */
function detectedAt(
  changes: readonly Change[],
  { beginMs, endMs, windowMs }: WholeFault,
): number | undefined {
  if (stateAt(changes, beginMs) === "ALARM") return beginMs;
  return changes.find(({ state, atMs }) => state === "ALARM" && atMs >= beginMs && atMs <= endMs + windowMs)
    ?.atMs;
}

function recoveredAt(changes: readonly Change[], { endMs }: TimeRange, foundMs: number): number | undefined {
  if (foundMs < endMs && stateAt(changes, endMs) === "OK") return endMs;
  return changes.find(({ state, atMs }) => state === "OK" && atMs >= endMs && atMs > foundMs)?.atMs;
}

function stateAt(changes: readonly Change[], atMs: number): StateChange["state"] | undefined {
  return changes.findLast((change) => change.atMs < atMs)?.state;
}
