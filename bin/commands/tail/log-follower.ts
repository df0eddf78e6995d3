import type { LogEvent } from "../../cli/log-events.ts";

/**
 * Lines reach CloudWatch out of order and up to minutes late, so each question begins before the newest line that was seen,
 * and what was seen already is left out by its id.
 */
const OVERLAP_MS = 5 * 60_000;

/** Tells which lines of overlapping readings are new. */
export class LogFollower {
  readonly #fromMs: number;
  #newestMs: number;
  #seen = new Map<string, number>();

  /** Begins with lines of `fromMs`, epoch milliseconds. */
  constructor(fromMs: number) {
    this.#fromMs = fromMs;
    this.#newestMs = fromMs;
  }

  /** Where the next reading has to begin. */
  get startMs(): number {
    return Math.max(this.#fromMs, this.#newestMs - OVERLAP_MS);
  }

  /** The lines that were not taken before, by time. */
  take(events: readonly LogEvent[]): readonly LogEvent[] {
    const fresh: LogEvent[] = [];
    for (const event of events) {
      if (this.#seen.has(event.eventId)) continue;
      this.#seen.set(event.eventId, event.timeMs);
      this.#newestMs = Math.max(this.#newestMs, event.timeMs);
      fresh.push(event);
    }
    const { startMs } = this;
    // What no reading can bring again need not be remembered.
    this.#seen = new Map([...this.#seen].filter(([, timeMs]) => timeMs >= startMs));
    return fresh.toSorted((a, b) => a.timeMs - b.timeMs);
  }
}
