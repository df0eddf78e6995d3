import type { AlarmPlan } from "../evaluation/alarm-plan.ts";
import type { AlarmSource } from "./alarm-source.ts";
import { pointMarks } from "./point-marks.ts";
import { PeriodReader } from "./period-reader.ts";
import type { Points, PointWindow } from "./point-window.ts";
import { clockBoundary, completedPeriods, type ZoneOffset } from "./wall-clock.ts";

const READ_AHEAD_SECONDS = 86_400;

/**
 * Reads exactly the last N completed periods of a zone's clock; days and hours may be longer or shorter there.
 * While the source stands still it reads once per boundary at most, and ahead for a day where points allow it.
 */
export class WallClockWindow implements PointWindow {
  values: Points = [];
  sampleCounts: Points = [];
  lower: Points = [];
  upper: Points = [];
  marks: Uint8Array = new Uint8Array(0);
  first = 0;
  readonly slots: number;

  readonly #plan: AlarmPlan;
  readonly #source: AlarmSource;
  readonly #reader: PeriodReader;
  readonly #zone: ZoneOffset;
  /** Where each period that was read begins, oldest first, and where the newest one ends. */
  #boundaries: readonly number[] = [];
  #revision = NaN;

  constructor(plan: AlarmPlan, source: AlarmSource, zone: ZoneOffset) {
    this.#plan = plan;
    this.#source = source;
    this.#reader = new PeriodReader(plan, source);
    this.#zone = zone;
    this.slots = plan.evaluationPeriods;
  }

  startMs(slot: number): number {
    return this.#boundaries[this.first + slot] ?? 0;
  }

  /** Moves to the periods that were complete at `nowMs`. */
  moveTo(nowMs: number): this {
    const newestMs = clockBoundary(nowMs, this.#plan.periodSeconds, this.#zone);
    const revision = this.#source.revision?.() ?? NaN;
    const isAt = this.#moveAlong(newestMs);
    if (revision === this.#revision && isAt) return this;
    if (revision !== this.#revision) this.#reader.forget();
    if (!isAt) this.#begin(nowMs, newestMs, revision === this.#revision ? READ_AHEAD_SECONDS : 0);
    // Whatever a read throws, the next evaluation reads again.
    this.#revision = NaN;
    this.#read();
    this.#revision = revision;
    return this;
  }

  /** Moves along the boundaries; false when the newest one is not among them. */
  #moveAlong(newestMs: number): boolean {
    let end = this.first + this.slots;
    while ((this.#boundaries[end] ?? Infinity) < newestMs) end += 1;
    if (this.#boundaries[end] !== newestMs) return false;
    this.first = end - this.slots;
    return true;
  }

  #begin(nowMs: number, newestMs: number, aheadSeconds: number): void {
    const seconds = this.#plan.periodSeconds;
    const ahead = this.#plan.pointwise ? aheadSeconds : 0;
    const count = this.slots + Math.ceil(ahead / seconds);
    this.first = 0;
    this.#boundaries = completedPeriods(nowMs + ahead * 1000, { seconds, count }, this.#zone);
    if (this.#moveAlong(newestMs)) return;
    // A change of the zone's clock in between: tomorrow's periods do not meet today's.
    this.#boundaries = completedPeriods(nowMs, { seconds, count: this.slots }, this.#zone);
  }

  #read(): void {
    const { values, sampleCounts, lower, upper } = this.#reader.points(this.#boundaries);
    this.values = values;
    this.sampleCounts = sampleCounts;
    this.lower = lower;
    this.upper = upper;
    this.marks = pointMarks(this.#plan, this);
  }
}
