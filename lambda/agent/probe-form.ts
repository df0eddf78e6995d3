import { PROBE_FULL_FORM, PROBE_REQUESTS_PER_MINUTE } from "../contract/probe.ts";

const SPAN_MS = PROBE_FULL_FORM.everyMinutes * 60_000;
const WINDOW_MS = PROBE_FULL_FORM.withinMinutes * 60_000;

/**
 * Decides in which form the probe's question goes out: a question as users ask it costs thirty times the shortest one.
 *
 * The full form is due at the beginning of each span of the clock. An answer to a user in the same environment proves as much. A full
 * question that fails proves nothing, so it is asked in full again until one is answered.
 */
export class ProbeForm {
  #answeredMs = Number.NEGATIVE_INFINITY;
  #isUnanswered = false;

  /** Whether this question is to be a full one. */
  takeFull(nowMs: number): boolean {
    const sinceSpanMs = nowMs % SPAN_MS;
    const isDue = sinceSpanMs < WINDOW_MS && this.#answeredMs < nowMs - sinceSpanMs;
    this.#isUnanswered ||= isDue;
    return this.#isUnanswered;
  }

  /** The model answered a question with rules, schema and parameters, as users ask. */
  answeredInFull(nowMs: number): void {
    this.#answeredMs = nowMs;
    this.#isUnanswered = false;
  }
}

/**
 * Bounds how many requests with the probe's mark are taken for the probe's: the mark passes an open spend breaker and stays out of the
 * users' metrics, so a token with it must not be a free ticket. What goes beyond is a user's request like any other.
 */
export class ProbeLimit {
  #takenMs: readonly number[] = [];

  /** Whether one more is within the bound; counts it when it is. */
  take(nowMs: number): boolean {
    const recent = this.#takenMs.filter((atMs) => nowMs - atMs < 60_000);
    const isWithin = recent.length < PROBE_REQUESTS_PER_MINUTE;
    this.#takenMs = isWithin ? [...recent, nowMs] : recent;
    return isWithin;
  }
}
