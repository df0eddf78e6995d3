import { GetParametersCommand, type SSMClient } from "@aws-sdk/client-ssm";
import { blockedUntilMs, breakerStateOf } from "../contract/breaker.ts";
import { parseTimeoutSeconds, RUNTIME_PARAMETERS, TIMEOUT_SECONDS } from "../contract/runtime-parameters.ts";
import { type ModelChoice, withinBudget } from "./model.ts";
import type { Report } from "./report.ts";

/** What can be changed without a deploy; what is missing is as deployed. */
export interface RuntimeParameters {
  readonly model?: ModelChoice;
  /** Longest time for the model's answer. */
  readonly timeoutMs?: number;
  /** Until when requests are blocked, epoch milliseconds; 0 when they are not. */
  readonly blockedUntilMs: number;
  /** Parameters whose value is not usable right now. */
  readonly refusals: readonly RejectedParameter[];
}

/** A parameter that keeps its last good value, and why. */
interface RejectedParameter {
  readonly parameter: string;
  readonly value: string;
  readonly expected: string;
}

/** Everything as deployed. */
export const AS_DEPLOYED: RuntimeParameters = { blockedUntilMs: 0, refusals: [] };

/** Models that the stack lets the agent call, by their profile's id. */
export type ModelChoices = ReadonlyMap<string, ModelChoice>;

/** Reads the values; a bad one keeps what was last good, a missing one is as deployed. */
function readRuntimeParameters(
  values: ReadonlyMap<string, string>,
  last: RuntimeParameters,
  choices: ModelChoices,
): RuntimeParameters {
  const refusals: RejectedParameter[] = [];
  const read = <T>(parameter: string, row: ParameterRow<T>): T | undefined => {
    const value = values.get(parameter)?.trim();
    if (value === undefined) return undefined;
    const parsed = row.parse(value);
    if (parsed !== undefined) return parsed;
    refusals.push({ parameter, value, expected: row.expected });
    return row.lastGood;
  };
  const model = read(RUNTIME_PARAMETERS.modelId, {
    parse: (value) => choices.get(value),
    expected: `one of ${[...choices.keys()].join(", ")}`,
    lastGood: last.model,
  });
  const timeoutMs = read(RUNTIME_PARAMETERS.timeout, {
    parse: (value) => milliseconds(parseTimeoutSeconds(value)),
    expected: `a whole number from ${TIMEOUT_SECONDS.min} to ${TIMEOUT_SECONDS.max}`,
    lastGood: last.timeoutMs,
  });
  const blocked = read(RUNTIME_PARAMETERS.breaker, {
    parse: parseBreakerState,
    expected: 'a JSON object such as {"openUntil":"2026-11-24T08:00:00Z"}',
    lastGood: last.blockedUntilMs,
  });
  return {
    ...(model === undefined ? {} : { model }),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    blockedUntilMs: blocked ?? 0,
    refusals,
  };
}

interface ParameterRow<T> {
  readonly parse: (value: string) => T | undefined;
  /** What would have been right. */
  readonly expected: string;
  readonly lastGood: T | undefined;
}

function milliseconds(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : seconds * 1_000;
}

function parseBreakerState(value: string): number | undefined {
  const state = breakerStateOf(value);
  return state === undefined ? undefined : blockedUntilMs(state);
}

/** Shortest time between two readings while SSM does not answer. */
const RETRY_MS = 10_000;

/** How much of a bad value the log shows. */
const MAX_LOGGED_CHARACTERS = 80;

/** What the cache is made with. */
interface RuntimeParametersCacheParts {
  readonly read: ReadParameters;
  readonly ttlMs: number;
  readonly choices: ModelChoices;
  readonly report: Pick<Report, "warn" | "info">;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/**
 * Keeps the run-time parameters for a TTL. After it, callers get the old values at once while new ones are
 * read in the background: no request waits for SSM except the first, and an outage of SSM leaves everything
 * as it was.
 */
export class RuntimeParametersCache {
  readonly #parts: RuntimeParametersCacheParts;
  #current: RuntimeParameters = AS_DEPLOYED;
  #wasAsked = false;
  #dueMs = Number.NEGATIVE_INFINITY;
  #reading: Promise<void> | undefined;
  /** Values that were warned about, so that each is reported once. */
  readonly #reported = new Map<string, string>();

  constructor(parts: RuntimeParametersCacheParts) {
    this.#parts = parts;
  }

  /** What holds for a request with so much time left; where SSM needs longer, as before. */
  async get(budgetMs: number): Promise<RuntimeParameters> {
    if (this.#wasAsked) {
      if (this.#isDue()) void this.#refresh();
    } else await this.#refreshWithin(budgetMs);
    return this.#current;
  }

  /**
   * What holds for a request that would be blocked: old values are read again first, since nothing else is to
   * be done with it.
   */
  async fresh(budgetMs: number): Promise<RuntimeParameters> {
    if (this.#isDue() || this.#reading !== undefined) await this.#refreshWithin(budgetMs);
    return this.#current;
  }

  #refreshWithin(budgetMs: number): Promise<void> {
    return withinBudget(budgetMs, this.#refresh(), () => undefined);
  }

  #isDue(): boolean {
    return this.#parts.now() >= this.#dueMs;
  }

  /** One reading at a time, shared by everybody who waits. */
  #refresh(): Promise<void> {
    this.#reading ??= this.#readOnce().finally(() => (this.#reading = undefined));
    return this.#reading;
  }

  async #readOnce(): Promise<void> {
    const { read, ttlMs, choices, report, now } = this.#parts;
    const reading = await read();
    this.#wasAsked = true;
    if ("fault" in reading) {
      this.#dueMs = now() + Math.min(ttlMs, RETRY_MS);
      report.warn("the run-time parameters could not be read", { fault: reading.fault });
      return;
    }
    this.#dueMs = now() + ttlMs;
    this.#current = readRuntimeParameters(reading.values, this.#current, choices);
    this.#reportRefusals(this.#current.refusals);
  }

  #reportRefusals(refusals: readonly RejectedParameter[]): void {
    for (const { parameter, value, expected } of refusals) {
      if (this.#reported.get(parameter) === value) continue;
      this.#reported.set(parameter, value);
      const shown = value.slice(0, MAX_LOGGED_CHARACTERS);
      this.#parts.report.warn("a run-time parameter is ignored", { parameter, value: shown, expected });
    }
    const bad = new Set(refusals.map(({ parameter }) => parameter));
    for (const parameter of this.#reported.keys()) if (!bad.has(parameter)) this.#reported.delete(parameter);
  }
}

/** Values by the last part of the parameter's name, or why they could not be had. */
export type ParametersReading = { readonly values: ReadonlyMap<string, string> } | { readonly fault: string };

/**
 * Where the parameters are read; it answers a fault instead of rejecting. A parameter that nobody made has no
 * value.
 */
export type ReadParameters = () => Promise<ParametersReading>;

/** Reads parameters below a prefix in one call; gives up after `timeoutMs`, retries included. */
export function ssmParameters(
  client: Pick<SSMClient, "send">,
  { prefix, names }: { readonly prefix: string; readonly names: readonly string[] },
  timeoutMs: number,
): ReadParameters {
  const command = { Names: names.map((name) => `${prefix}${name}`) };
  return async () => {
    try {
      const abortSignal = AbortSignal.timeout(timeoutMs);
      const { Parameters = [] } = await client.send(new GetParametersCommand(command), { abortSignal });
      return {
        values: new Map(
          Parameters.map(({ Name = "", Value = "" }) => [Name.slice(prefix.length), Value] as const),
        ),
      };
    } catch (error) {
      return { fault: error instanceof Error ? error.name : "unknown" };
    }
  };
}
