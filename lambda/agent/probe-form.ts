import { PROBE_FULL_FORM_MINUTES } from "../contract/probe.ts";

/**
 * Decides in which form the probe's question goes out: a question as users ask it costs fifty times the shortest one.
 *
 * An answer to a user in the same environment proves as much, so the full form is due only after an hour without one. A question
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
