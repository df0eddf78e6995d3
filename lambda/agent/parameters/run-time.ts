import { breakerStateOf, heldUntilMs } from "../../contract/breaker.ts";
import { RUN_TIME_PARAMETERS, TIMEOUT_SECONDS, timeoutIn } from "../../contract/parameters.ts";
import type { ModelChoice } from "../model/model-choice.ts";

/** What can be changed without a deploy; what is missing is as deployed. */
export interface RunTime {
  readonly model?: ModelChoice;
  /** Longest time for the model's answer. */
  readonly timeoutMs?: number;
  /** Until when requests are held, epoch milliseconds; 0 when they are not. */
  readonly heldUntilMs: number;
  /** Parameters whose value is not usable right now. */
  readonly refusals: readonly Refusal[];
}

/** A parameter that keeps its last good value, and why. */
export interface Refusal {
  readonly parameter: string;
  readonly value: string;
  readonly expected: string;
}

/** Everything as deployed. */
export const AS_DEPLOYED: RunTime = { heldUntilMs: 0, refusals: [] };

/** Models that the stack lets the agent call, by their profile's id. */
export type ModelChoices = ReadonlyMap<string, ModelChoice>;

/** Reads the values; a bad one keeps what was last good, a missing one is as deployed. */
export function runTimeOf(
  values: ReadonlyMap<string, string>,
  last: RunTime,
  choices: ModelChoices,
): RunTime {
  const refusals: Refusal[] = [];
  const read = <T>(parameter: string, row: Row<T>): T | undefined => {
    const value = values.get(parameter)?.trim();
    if (value === undefined) return undefined;
    const parsed = row.parse(value);
    if (parsed !== undefined) return parsed;
    refusals.push({ parameter, value, expected: row.expected });
    return row.lastGood;
  };
  const model = read(RUN_TIME_PARAMETERS.modelId, {
    parse: (value) => choices.get(value),
    expected: `one of ${[...choices.keys()].join(", ")}`,
    lastGood: last.model,
  });
  const timeoutMs = read(RUN_TIME_PARAMETERS.timeout, {
    parse: (value) => milliseconds(timeoutIn(value)),
    expected: `a whole number from ${TIMEOUT_SECONDS.least} to ${TIMEOUT_SECONDS.most}`,
    lastGood: last.timeoutMs,
  });
  const held = read(RUN_TIME_PARAMETERS.breaker, {
    parse: heldIn,
    expected: 'a JSON object such as {"openUntil":"2026-11-24T08:00:00Z"}',
    lastGood: last.heldUntilMs,
  });
  return {
    ...(model === undefined ? {} : { model }),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    heldUntilMs: held ?? 0,
    refusals,
  };
}

interface Row<T> {
  readonly parse: (value: string) => T | undefined;
  /** What would have been right. */
  readonly expected: string;
  readonly lastGood: T | undefined;
}

function milliseconds(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : seconds * 1_000;
}

function heldIn(value: string): number | undefined {
  const state = breakerStateOf(value);
  return state === undefined ? undefined : heldUntilMs(state);
}
