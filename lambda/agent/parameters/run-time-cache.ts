import type { Report } from "../report.ts";
import { AS_DEPLOYED, runTimeOf, type ModelChoices, type Refusal, type RunTime } from "./run-time.ts";
import type { ReadParameters } from "./ssm-parameters.ts";

/** Shortest time between two readings while SSM does not answer. */
const RETRY_MS = 10_000;

/** How much of a bad value the log shows. */
const SHOWN_CHARACTERS = 80;

/** What the cache is made with. */
export interface RunTimeParts {
  readonly read: ReadParameters;
  readonly ttlMs: number;
  readonly choices: ModelChoices;
  readonly report: Pick<Report, "warn" | "info">;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/**
 * Keeps the run-time parameters for a TTL. After it, callers get the old values at once while new ones are read in the
 * background: no request waits for SSM except the first, and an outage of SSM leaves everything as it was.
 */
export class RunTimeCache {
  readonly #parts: RunTimeParts;
  #current: RunTime = AS_DEPLOYED;
  #wasAsked = false;
  #dueMs = Number.NEGATIVE_INFINITY;
  #reading: Promise<void> | undefined;
  /** Values that were warned about, so that each is told once. */
  readonly #told = new Map<string, string>();

  constructor(parts: RunTimeParts) {
    this.#parts = parts;
  }

  /** What holds for a request. */
  async get(): Promise<RunTime> {
    if (this.#wasAsked) {
      if (this.#isDue()) void this.#refresh();
    } else await this.#refresh();
    return this.#current;
  }

  /** What holds for a request that would be held: old values are read again first, since nothing else is to be done with it. */
  async fresh(): Promise<RunTime> {
    if (this.#isDue() || this.#reading !== undefined) await this.#refresh();
    return this.#current;
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
    this.#current = runTimeOf(reading.values, this.#current, choices);
    this.#tell(this.#current.refusals);
  }

  #tell(refusals: readonly Refusal[]): void {
    for (const { parameter, value, expected } of refusals) {
      if (this.#told.get(parameter) === value) continue;
      this.#told.set(parameter, value);
      const shown = value.slice(0, SHOWN_CHARACTERS);
      this.#parts.report.warn("a run-time parameter is ignored", { parameter, value: shown, expected });
    }
    const bad = new Set(refusals.map(({ parameter }) => parameter));
    for (const parameter of this.#told.keys()) if (!bad.has(parameter)) this.#told.delete(parameter);
  }
}
