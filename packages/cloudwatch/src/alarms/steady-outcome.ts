import type { AlarmSource, PointWindow } from "./alarm-points.ts";
import type { AlarmPlan } from "./alarm-plan.ts";

const MINUTE_SECONDS = 60;

/**
 * Until when evaluations find what the last one found, because the same points are there or because the next ones,
 * which are read already, come to the same. A period of more than a minute has a window for each of its minutes:
 * each of them has a time of its own.
 */
export class SteadyOutcome {
  readonly #source: AlarmSource;
  readonly #plan: AlarmPlan;
  readonly #untilMs: Float64Array;
  #revision: number | undefined;

  constructor(plan: AlarmPlan, source: AlarmSource) {
    this.#plan = plan;
    this.#source = source;
    this.#untilMs = new Float64Array(Math.ceil(plan.periodSeconds / MINUTE_SECONDS));
  }

  /** Whether an evaluation at `nowMs` finds what the last one of this phase found. */
  covers(window: PointWindow, nowMs: number): boolean {
    const untilMs = this.#untilMs[window.phase(nowMs)] ?? 0;
    return nowMs < untilMs && this.#source.revision?.(this.#plan.queries) === this.#revision;
  }

  /** Notes that evaluations of this phase find the same until then. A source that tells of no change may change at any time. */
  note(window: PointWindow, nowMs: number, untilMs: number): void {
    const revision = this.#source.revision?.(this.#plan.queries);
    if (revision === undefined) return;
    if (revision !== this.#revision) this.forget();
    this.#revision = revision;
    this.#untilMs[window.phase(nowMs)] = untilMs;
  }

  /** For a state that was set otherwise: what was found is to be found again. */
  forget(): void {
    this.#untilMs.fill(0);
  }
}
