import type { Outcome } from "./outcome.ts";

/** Milliseconds over the runs in which something happened. */
export interface Spread {
  readonly medianMs: number;
  readonly worstMs: number;
}

/** What one alarm did over all runs of a scenario. */
export interface AlarmSummary {
  readonly alarmName: string;
  /** Runs in which it rose for the fault. */
  readonly found: number;
  /** From the fault's begin to ALARM; missing when it never rose for it. */
  readonly foundAfter?: Spread;
  /** The same from the first request that the fault touched; missing also where it touches none. */
  readonly foundAfterFirstRequest?: Spread;
  /** From the fault's end to OK; missing when it never came back. */
  readonly clearedAfter?: Spread;
  /** Runs that found the fault and ended without an all-clear. */
  readonly neverCleared: number;
  /** Times in all runs that it said OK while the fault lasted. */
  readonly falseAllClears: number;
  readonly falseAlarmsIn30Days: number;
}

/** One run of an alarm, and how long nobody could have noticed the fault. */
export interface Run {
  readonly outcome: Outcome;
  /** From the fault's begin to the first request that it touched; missing where it touches none. */
  readonly unseenMs?: number;
}

/** Adds up the runs of one alarm. */
export function summaryOf(alarmName: string, runs: readonly Run[], days: number): AlarmSummary {
  const outcomes = runs.map(({ outcome }) => outcome);
  const found = outcomes.flatMap(({ foundAfterMs }) => foundAfterMs ?? []);
  const cleared = outcomes.flatMap(({ clearedAfterMs }) => clearedAfterMs ?? []);
  const sinceRequest = runs.flatMap(({ outcome, unseenMs }) =>
    outcome.foundAfterMs === undefined || unseenMs === undefined
      ? []
      : Math.max(0, outcome.foundAfterMs - unseenMs),
  );
  return {
    alarmName,
    found: found.length,
    ...(found.length > 0 && { foundAfter: spread(found) }),
    ...(sinceRequest.length > 0 && { foundAfterFirstRequest: spread(sinceRequest) }),
    ...(cleared.length > 0 && { clearedAfter: spread(cleared) }),
    neverCleared: found.length - cleared.length,
    falseAllClears: total(outcomes.map(({ falseAllClears }) => falseAllClears)),
    falseAlarmsIn30Days: (total(outcomes.map(({ falseAlarms }) => falseAlarms)) / runs.length / days) * 30,
  };
}

function spread(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  return { medianMs: sorted[Math.floor((sorted.length - 1) / 2)] ?? 0, worstMs: sorted.at(-1) ?? 0 };
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
