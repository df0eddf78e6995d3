import { PROBE_FULL_FORM, PROBE_REQUESTS_PER_MINUTE } from "../contract/probe.ts";
import type { Mode } from "../contract/request.ts";

const SPAN_MS = PROBE_FULL_FORM.everyMinutes * 60_000;
const WINDOW_MS = PROBE_FULL_FORM.withinMinutes * 60_000;

/**
 * Decides in which form the probe's question goes out: a question as users ask it costs thirty times the
 * shortest one.
 *
 * The full form of a mode is due at the beginning of that mode's span of the clock. An answer to a user of
 * the mode in the same environment proves as much. A full question that fails proves nothing, so its mode is
 * asked in full again until one is answered.
 */
export class ProbeForm {
  readonly #answeredMs = new Map<Mode, number>();
  /** Modes whose question was due and found no answer yet, oldest first. */
  readonly #unanswered = new Set<Mode>();

  /**
   * The mode of which this question is to be a full one; undefined for the shortest question. The probe may
   * want one.
   */
  takeFull(nowMs: number, wanted?: Mode): Mode | undefined {
    if (wanted !== undefined) this.#unanswered.add(wanted);
    const due = this.#dueMode(nowMs);
    if (due !== undefined) this.#unanswered.add(due);
    const [oldest] = this.#unanswered;
    return oldest;
  }

  #dueMode(nowMs: number): Mode | undefined {
    const sinceSpanMs = nowMs % SPAN_MS;
    if (sinceSpanMs >= WINDOW_MS) return undefined;
    const { modes } = PROBE_FULL_FORM;
    const mode = modes[Math.floor(nowMs / SPAN_MS) % modes.length] ?? modes[0];
    const isAnswered = (this.#answeredMs.get(mode) ?? Number.NEGATIVE_INFINITY) >= nowMs - sinceSpanMs;
    return isAnswered ? undefined : mode;
  }

  /** The model answered a question with the mode's rules, schema and parameters, as users ask. */
  answeredInFull(mode: Mode, nowMs: number): void {
    this.#answeredMs.set(mode, nowMs);
    this.#unanswered.delete(mode);
  }
}

/**
 * Bounds how many requests with the probe's mark are taken for the probe's: the mark passes an open spend
 * breaker and stays out of the users' metrics, so a token with it must not be a free ticket. What goes beyond
 * is a user's request like any other.
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
