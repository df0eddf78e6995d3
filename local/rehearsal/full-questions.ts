import { type Random, seededRandom } from "../random.ts";
import { exponential } from "./conditions.ts";
import type { FullForm, SimulationPlan } from "./simulated-world.ts";
import { isAnswered, type SimulatedRequest } from "./synthetic-traffic.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** Environments have chances of their own, so that the days stay the same however long they live. */
const ENVIRONMENT_SEED = 0x0e4f;

/**
 * The modes that the probe asks in full, as the agent decides it: what one environment remembers of answers, until Lambda replaces it,
 * and the mode that the probe remembers because it was told that its question failed.
 *
 * Questions are asked in the order of the runs; what one learnt is not forgotten by a try of an earlier run that ends later.
 */
export class FullQuestions {
  readonly #form: FullForm;
  readonly #answers: readonly SimulatedRequest[];
  readonly #random: Random;
  readonly #livesMs: number;
  readonly #answeredMs = new Map<string, number>();
  readonly #unanswered = new Set<string>();
  #failedMode: string | undefined;
  #nextAnswer = 0;
  #replacedMs: number;

  constructor(
    form: FullForm,
    requests: readonly SimulatedRequest[],
    { seed, conditions, startMs = 0 }: Plan,
  ) {
    this.#form = form;
    this.#answers = requests
      .filter(({ outcome }) => isAnswered(outcome))
      .toSorted((a, b) => answeredAt(a) - answeredAt(b));
    this.#random = seededRandom(seed ^ ENVIRONMENT_SEED);
    this.#livesMs = conditions.environmentHours * HOUR_MS;
    this.#replacedMs = startMs;
  }

  /** The mode of which the question at `atMs` is a full one; undefined for the shortest question. */
  modeAt(atMs: number): string | undefined {
    this.#passTo(atMs);
    if (this.#failedMode !== undefined) this.#unanswered.add(this.#failedMode);
    const due = this.#dueMode(atMs);
    if (due !== undefined) this.#unanswered.add(due);
    const [oldest] = this.#unanswered;
    return oldest;
  }

  /** The model answered the probe's question of the mode. */
  answered(mode: string, atMs: number): void {
    this.#failedMode = undefined;
    this.#answeredInFull(mode, atMs);
  }

  /** The agent told the probe that its question of the mode failed. */
  failed(mode: string): void {
    this.#failedMode = mode;
  }

  #answeredInFull(mode: string, atMs: number): void {
    this.#answeredMs.set(mode, atMs);
    this.#unanswered.delete(mode);
  }

  #passTo(atMs: number): void {
    while (this.#replacedMs <= atMs) {
      this.#answersUntil(this.#replacedMs);
      this.#answeredMs.clear();
      this.#unanswered.clear();
      this.#replacedMs += Math.max(MINUTE_MS, exponential(this.#random, this.#livesMs));
    }
    this.#answersUntil(atMs);
  }

  #answersUntil(atMs: number): void {
    for (;;) {
      const next = this.#answers[this.#nextAnswer];
      if (next === undefined || answeredAt(next) > atMs) return;
      if (next.mode !== undefined) this.#answeredInFull(next.mode, answeredAt(next));
      this.#nextAnswer += 1;
    }
  }

  #dueMode(atMs: number): string | undefined {
    const { everyMinutes, withinMinutes, modes } = this.#form;
    const spanMs = everyMinutes * MINUTE_MS;
    const sinceSpanMs = atMs % spanMs;
    if (sinceSpanMs >= withinMinutes * MINUTE_MS) return undefined;
    const mode = modes[Math.floor(atMs / spanMs) % modes.length];
    const answeredMs = this.#answeredMs.get(mode ?? "") ?? Number.NEGATIVE_INFINITY;
    return answeredMs >= atMs - sinceSpanMs ? undefined : mode;
  }
}

type Plan = Pick<SimulationPlan, "seed" | "conditions" | "startMs">;

function answeredAt({ atMs, durationMs }: SimulatedRequest): number {
  return atMs + durationMs;
}
