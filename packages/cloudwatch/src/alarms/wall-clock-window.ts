import type { Grid } from "../metric.ts";
import { completedWallClockPeriods, wallClockBoundary, type ZoneOffset } from "../zoned-time.ts";
import type { AlarmPlan } from "./alarm-plan.ts";
import {
  type AlarmSource,
  markOf,
  type PointWindow,
  seriesPoints,
  type SeriesPoints,
} from "./alarm-points.ts";

const DAY_SECONDS = 86_400;

/** Points of a row of periods that grows at its end. */
type MutablePoints = (number | undefined)[];

/**
 * Reads exactly the last N completed periods of a zone's clock; days and hours may be longer or shorter
 * there. A period is read once, and again when a datum of its time arrives; while the source stands still,
 * points that depend on their own period alone are read a day ahead.
 */
export class WallClockWindow implements PointWindow {
  values: MutablePoints = [];
  sampleCounts: MutablePoints = [];
  lower: MutablePoints = [];
  upper: MutablePoints = [];
  marks: Uint8Array = new Uint8Array(0);
  first = 0;
  readonly slots: number;
  version = 0;

  readonly #plan: AlarmPlan;
  readonly #source: AlarmSource;
  readonly #zone: ZoneOffset;
  /** Where each period of the row begins, oldest first, and where the newest one ends. */
  #boundaries: readonly number[] = [];
  /** So many of the row's periods hold what the source has. */
  #read = 0;
  #revision = NaN;
  /** As it was when the window last moved along. */
  #movedAt = NaN;

  constructor(plan: AlarmPlan, source: AlarmSource, zone: ZoneOffset) {
    this.#plan = plan;
    this.#source = source;
    this.#zone = zone;
    this.slots = plan.evaluationPeriods;
  }

  startMs(slot: number): number {
    return this.#boundaries[this.first + slot] ?? 0;
  }

  get ahead(): number {
    return this.#read - this.first - this.slots;
  }

  seenUntilMs(steps: number): number {
    const end = this.first + this.slots + steps;
    return this.#boundaries[end + 1] ?? this.#boundaries[end] ?? 0;
  }

  phase(): number {
    return 0;
  }

  /** Moves to the periods that were complete at `nowMs`. */
  moveTo(nowMs: number): this {
    const { queries, periodSeconds } = this.#plan;
    const revision = this.#source.revision?.(queries) ?? NaN;
    if (revision !== this.#revision) this.#forget(this.#source.changedFromMs?.(queries, this.#revision));
    this.#revision = revision;
    const newestMs = wallClockBoundary(nowMs, periodSeconds, this.#zone);
    if (this.#boundaries[this.first + this.slots] !== newestMs) this.#move(nowMs, newestMs);
    else if (this.#read < this.first + this.slots) this.#readUntil(this.first + this.slots);
    return this;
  }

  /** Moves to the periods of an earlier time in what was read then. */
  showAgain(nowMs: number): void {
    this.#moveAlong(wallClockBoundary(nowMs, this.#plan.periodSeconds, this.#zone));
  }

  /** Reads a day ahead where nothing arrived in the time of the last period. */
  #move(nowMs: number, newestMs: number): void {
    const isQuiet = this.#revision === this.#movedAt;
    this.#movedAt = this.#revision;
    if (!this.#moveAlong(newestMs)) this.#begin(nowMs, newestMs);
    const end = this.first + this.slots;
    if (this.#read >= end) return;
    this.#readUntil(isQuiet && this.#plan.pointwise ? this.#boundaries.length - 1 : end);
  }

  /** A period holds no datum from its end on, and no point looks at later ones. */
  #forget(fromMs = -Infinity): void {
    while (this.#read > 0 && (this.#boundaries[this.#read] ?? Infinity) > fromMs) this.#read -= 1;
  }

  /** Moves along the boundaries; false when the newest one is not among them. */
  #moveAlong(newestMs: number): boolean {
    let end = this.first + this.slots;
    while ((this.#boundaries[end] ?? Infinity) < newestMs) end += 1;
    if (this.#boundaries[end] !== newestMs) return false;
    this.first = end - this.slots;
    this.version += 1;
    return true;
  }

  /** Lays out the periods of the window and of the day ahead. */
  #begin(nowMs: number, newestMs: number): void {
    const seconds = this.#plan.periodSeconds;
    const count = this.slots + Math.ceil(DAY_SECONDS / seconds);
    this.first = 0;
    this.#replaceRow(completedWallClockPeriods(nowMs + DAY_SECONDS * 1000, { seconds, count }, this.#zone));
    if (this.#moveAlong(newestMs)) return;
    // A change of the zone's clock in between: tomorrow's periods do not meet today's.
    this.#replaceRow(completedWallClockPeriods(nowMs, { seconds, count: this.slots }, this.#zone));
  }

  /** Keeps what was read of periods that the new row begins with. */
  #replaceRow(boundaries: readonly number[]): void {
    const from = this.#boundaries.indexOf(boundaries[0] ?? NaN);
    let kept = 0;
    while (
      from >= 0 &&
      from + kept < this.#read &&
      this.#boundaries[from + kept + 1] === boundaries[kept + 1]
    )
      kept += 1;
    const marks = new Uint8Array(boundaries.length - 1);
    marks.set(this.marks.subarray(Math.max(0, from), Math.max(0, from) + kept));
    for (const side of ["values", "sampleCounts", "lower", "upper"] as const)
      this[side] = this[side].slice(Math.max(0, from), Math.max(0, from) + kept);
    this.marks = marks;
    this.#boundaries = boundaries;
    this.#read = kept;
    this.version += 1;
  }

  /** Whatever a read throws, the next evaluation reads again. */
  #readUntil(end: number): void {
    const { queries, pointwise } = this.#plan;
    while (this.#read < end) {
      const run = this.#equalPeriods(pointwise ? end : this.#read + 1);
      this.#write(seriesPoints(this.#plan, this.#source.readSeries(queries, run)), run.slots);
      this.#read += run.slots;
    }
    this.version += 1;
  }

  /** A grid over the periods from the first unread one on that are as long as it, up to `end`. */
  #equalPeriods(end: number): Grid {
    const startMs = this.#boundaries[this.#read] ?? 0;
    const periodMs = (this.#boundaries[this.#read + 1] ?? 0) - startMs;
    let slots = 1;
    while (
      this.#read + slots < end &&
      this.#boundaries[this.#read + slots + 1] === startMs + (slots + 1) * periodMs
    )
      slots += 1;
    return { startMs, periodSeconds: periodMs / 1000, slots };
  }

  #write(points: SeriesPoints, slots: number): void {
    for (let slot = 0; slot < slots; slot += 1) {
      const place = this.#read + slot;
      this.values[place] = points.values[slot];
      this.sampleCounts[place] = points.sampleCounts[slot];
      this.lower[place] = points.lower[slot];
      this.upper[place] = points.upper[slot];
      this.marks[place] = markOf(this.#plan, this, place);
    }
  }
}
