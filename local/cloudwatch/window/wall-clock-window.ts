import type { AlarmPlan } from "../evaluation/alarm-plan.ts";
import type { AlarmSource } from "./alarm-source.ts";
import { pointMarks } from "./point-marks.ts";
import type { Points, PointWindow } from "./point-window.ts";
import { seriesPoints } from "./series-points.ts";
import { completedPeriods, type ZoneOffset } from "./wall-clock.ts";

/** Reads exactly the last N completed periods of a zone's clock; days and hours may be longer or shorter there. */
export class WallClockWindow implements PointWindow {
  values: Points = [];
  sampleCounts: Points = [];
  lower: Points = [];
  upper: Points = [];
  marks: Uint8Array = new Uint8Array(0);
  readonly first = 0;
  readonly slots: number;

  readonly #plan: AlarmPlan;
  readonly #source: AlarmSource;
  readonly #zone: ZoneOffset;
  #boundaries: readonly number[] = [];
  #validUntilMs = -Infinity;
  #revision = NaN;

  constructor(plan: AlarmPlan, source: AlarmSource, zone: ZoneOffset) {
    this.#plan = plan;
    this.#source = source;
    this.#zone = zone;
    this.slots = plan.evaluationPeriods;
  }

  startMs(slot: number): number {
    return this.#boundaries[slot] ?? 0;
  }

  /** Moves to the periods that were complete at `nowMs`. */
  moveTo(nowMs: number): this {
    const revision = this.#source.revision?.() ?? NaN;
    const newest = this.#boundaries[this.slots] ?? Infinity;
    if (revision === this.#revision && nowMs >= newest && nowMs < this.#validUntilMs) return this;
    this.#read(nowMs);
    this.#revision = revision;
    return this;
  }

  #read(nowMs: number): void {
    const period = { seconds: this.#plan.periodSeconds, count: this.slots };
    this.#boundaries = completedPeriods(nowMs, period, this.#zone);
    // Nothing completes before the next full minute.
    this.#validUntilMs = (Math.floor(nowMs / 60_000) + 1) * 60_000;
    const points = Array.from({ length: this.slots }, (_, slot) => this.#readSlot(slot));
    this.values = points.map((point) => point.values[0]);
    this.sampleCounts = points.map((point) => point.sampleCounts[0]);
    this.lower = points.map((point) => point.lower[0]);
    this.upper = points.map((point) => point.upper[0]);
    this.marks = pointMarks(this.#plan, this);
  }

  #readSlot(slot: number): ReturnType<typeof seriesPoints> {
    const startMs = this.startMs(slot);
    const periodSeconds = (this.startMs(slot + 1) - startMs) / 1000;
    return seriesPoints(
      this.#plan,
      this.#source.readSeries(this.#plan.queries, { startMs, periodSeconds, slots: 1 }),
    );
  }
}
