import { PROBE_FULL_FORM_MINUTES, PROBE_REQUESTS_PER_MINUTE } from "../contract/probe.ts";

/**
 * Decides in which form the probe's question goes out: a question as users ask it costs fifty times the shortest one.
 *
 * An answer to a user in the same environment proves as much, so the full form is due only after a day without one. A question
 * that fails proves nothing, so the probe's next try asks in full again.
 */
export class ProbeForm {
  #lastFullMs = Number.NEGATIVE_INFINITY;

  isFullDue(nowMs: number): boolean {
    return nowMs - this.#lastFullMs >= PROBE_FULL_FORM_MINUTES * 60_000;
  }

  /** The model answered a question with rules, schema and parameters, as users ask. */
  answeredInFull(nowMs: number): void {
    this.#lastFullMs = nowMs;
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
