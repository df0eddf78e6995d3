import type { Grid } from "../metric.ts";
import { completedWallClockPeriods, wallClockBoundary, type ZoneOffset } from "../zoned-time.ts";
import type { AlarmPlan } from "./alarm-plan.ts";
import {
  type AlarmSource,
  pointMarks,
  type Points,
  type PointWindow,
  type SeriesPoints,
  seriesPoints,
} from "./alarm-points.ts";

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
    const newestMs = wallClockBoundary(nowMs, this.#plan.periodSeconds, this.#zone);
    const revision = this.#source.revision?.(this.#plan.queries) ?? NaN;
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
    this.#boundaries = completedWallClockPeriods(nowMs + ahead * 1000, { seconds, count }, this.#zone);
    if (this.#moveAlong(newestMs)) return;
    // A change of the zone's clock in between: tomorrow's periods do not meet today's.
    this.#boundaries = completedWallClockPeriods(nowMs, { seconds, count: this.slots }, this.#zone);
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

/** Reads periods that may differ in length: those of equal length in one read, as far as the points allow it. */
class PeriodReader {
  readonly #plan: AlarmPlan;
  readonly #source: AlarmSource;
  /** Single periods read since the last {@link forget}, by their start. */
  #read = new Map<number, SeriesPoints>();

  constructor(plan: AlarmPlan, source: AlarmSource) {
    this.#plan = plan;
    this.#source = source;
  }

  /** To be called when the source changed. */
  forget(): void {
    this.#read = new Map();
  }

  /** The points of the periods between consecutive boundaries. */
  points(boundaries: readonly number[]): SeriesPoints {
    const runs = equalPeriods(boundaries, this.#plan.pointwise ? Infinity : 1);
    const read = runs.map((run) => ({ ...run, points: run.slots === 1 ? this.#single(run) : this.#of(run) }));
    const [only] = read;
    if (only !== undefined && read.length === 1) return only.points;
    const joined = (side: keyof SeriesPoints): Points =>
      read.flatMap(({ points, slots }) => Array.from({ length: slots }, (_, slot) => points[side][slot]));
    return {
      values: joined("values"),
      sampleCounts: joined("sampleCounts"),
      lower: joined("lower"),
      upper: joined("upper"),
    };
  }

  #single(run: Grid): SeriesPoints {
    const points = this.#read.get(run.startMs) ?? this.#of(run);
    this.#read.set(run.startMs, points);
    return points;
  }

  #of(run: Grid): SeriesPoints {
    return seriesPoints(this.#plan, this.#source.readSeries(this.#plan.queries, run));
  }
}

/** Grids over runs of periods of equal length, none longer than `longest` periods. */
function equalPeriods(boundaries: readonly number[], longest: number): readonly Grid[] {
  const runs: { startMs: number; periodSeconds: number; slots: number }[] = [];
  for (let place = 1; place < boundaries.length; place += 1) {
    const startMs = boundaries[place - 1] ?? 0;
    const periodSeconds = ((boundaries[place] ?? 0) - startMs) / 1000;
    const last = runs.at(-1);
    if (last?.periodSeconds === periodSeconds && last.slots < longest) last.slots += 1;
    else runs.push({ startMs, periodSeconds, slots: 1 });
  }
  return runs;
}
