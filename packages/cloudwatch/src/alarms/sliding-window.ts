import type { AlarmPlan } from "./alarm-plan.ts";
import {
  type AlarmSource,
  pointMarks,
  type Points,
  type PointWindow,
  type SeriesPoints,
  seriesPoints,
} from "./alarm-points.ts";

interface Block extends SeriesPoints {
  readonly marks: Uint8Array;
  readonly startMs: number;
  readonly slots: number;
  readonly revision: number;
}

const READ_AHEAD_SECONDS = 86_400;
/**
 * A long period has many phases, each with a block of its own: a day ahead would be a slot or none, and a
 * month too much.
 */
const READ_AHEAD_SLOTS = 8;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

/**
 * Reads the evaluation range that ends now, whatever the clock says: it moves by a minute whatever the
 * period. Where the source knows how long a range stays as it is, it is read again only then. Otherwise,
 * while the source stands still, it reads ahead per phase of the period, a day or more, and then only moves
 * along.
 */
export class SlidingWindow implements PointWindow {
  values: Points = [];
  sampleCounts: Points = [];
  lower: Points = [];
  upper: Points = [];
  marks: Uint8Array = new Uint8Array(0);
  first = 0;
  readonly slots: number;
  version = 0;

  readonly #plan: AlarmPlan;
  readonly #source: AlarmSource;
  readonly #blocks = new Map<number, Block>();
  readonly #periodMs: number;
  readonly #endStepMs: number;
  readonly #aheadSlots: number;
  #block: Block | undefined;
  #startMs = 0;
  #revision = NaN;
  #quietFromMs = 0;
  /** Ranges that end from here to there look like the one that was read last. */
  #steadyFromMs = Infinity;
  #steadyUntilMs = -Infinity;

  constructor(plan: AlarmPlan, source: AlarmSource) {
    this.#plan = plan;
    this.#source = source;
    this.slots = plan.range;
    this.#periodMs = plan.periodSeconds * 1000;
    this.#aheadSlots = Math.max(READ_AHEAD_SLOTS, Math.floor(READ_AHEAD_SECONDS / plan.periodSeconds));
    // Windows of more than a day end at the last full hour.
    const multiDay = plan.periodSeconds * plan.evaluationPeriods > 86_400;
    this.#endStepMs = multiDay ? HOUR_MS : Math.min(this.#periodMs, 60_000);
  }

  startMs(slot: number): number {
    return this.#startMs + slot * this.#periodMs;
  }

  get ahead(): number {
    return (this.#block?.slots ?? 0) - this.first - this.slots;
  }

  seenUntilMs(steps: number): number {
    const endMs = this.startMs(this.slots + steps);
    return Math.floor(endMs / this.#endStepMs) * this.#endStepMs + this.#endStepMs;
  }

  phase(nowMs: number): number {
    const endMs = Math.floor(nowMs / this.#endStepMs) * this.#endStepMs;
    return this.#phaseMs(endMs) / Math.min(this.#periodMs, MINUTE_MS);
  }

  /** What `%` gives, in a tenth of the time for numbers as large as these. */
  #phaseMs(endMs: number): number {
    return endMs - Math.floor(endMs / this.#periodMs) * this.#periodMs;
  }

  /** Moves to the range that an evaluation at `nowMs` sees. */
  moveTo(nowMs: number): this {
    const endMs = Math.floor(nowMs / this.#endStepMs) * this.#endStepMs;
    this.#startMs = endMs - this.slots * this.#periodMs;
    if (this.#source.steadyForMs !== undefined && this.#plan.timeless) this.#moveSteadily(endMs);
    else this.#moveBlockwise(endMs);
    return this;
  }

  /** Moves to the range of an earlier time in what was read then. */
  showAgain(nowMs: number): void {
    const endMs = Math.floor(nowMs / this.#endStepMs) * this.#endStepMs;
    const block = this.#blocks.get(this.#phaseMs(endMs));
    if (block === undefined) return;
    this.#startMs = endMs - this.slots * this.#periodMs;
    this.#moveWithin(block);
  }

  #moveSteadily(endMs: number): void {
    const { queries, periodSeconds } = this.#plan;
    const revision = this.#source.revision?.(queries) ?? NaN;
    if (revision !== this.#revision) this.#notice(this.#source.changedFromMs?.(queries, this.#revision));
    this.#revision = revision;
    if (endMs >= this.#steadyFromMs && endMs <= this.#steadyUntilMs) return;
    this.#steadyUntilMs = -Infinity;
    this.#show({ ...this.#read(this.#startMs, this.slots), revision });
    const grid = { startMs: this.#startMs, periodSeconds, slots: this.slots };
    this.#steadyFromMs = endMs;
    this.#steadyUntilMs = endMs + (this.#source.steadyForMs?.(queries, grid) ?? 0);
  }

  /** What arrived after the range's end is no part of it until the end moves beyond its minute. */
  #notice(changedFromMs = -Infinity): void {
    const fromMs = Math.floor(changedFromMs / MINUTE_MS) * MINUTE_MS;
    this.#steadyUntilMs = fromMs < this.#steadyFromMs ? -Infinity : Math.min(this.#steadyUntilMs, fromMs);
  }

  #moveBlockwise(endMs: number): void {
    this.#moveWithin(this.#blockAt(endMs));
  }

  #moveWithin(block: Block): void {
    if (block !== this.#block) this.#show(block);
    const first = (this.#startMs - block.startMs) / this.#periodMs;
    if (first !== this.first) this.version += 1;
    this.first = first;
  }

  #show(block: Block): void {
    this.#block = block;
    this.version += 1;
    this.values = block.values;
    this.sampleCounts = block.sampleCounts;
    this.lower = block.lower;
    this.upper = block.upper;
    this.marks = block.marks;
  }

  #blockAt(endMs: number): Block {
    const phase = this.#phaseMs(endMs);
    const revision = this.#source.revision?.(this.#plan.queries) ?? NaN;
    const block = this.#blocks.get(phase);
    if (block?.revision === revision && this.#covers(block, endMs)) return block;
    if (revision !== this.#revision) this.#quietFromMs = endMs;
    this.#revision = revision;
    // Only then does a phase come round again before the next datum, and what was read ahead is looked at.
    const isAhead = this.#plan.pointwise && endMs - this.#quietFromMs >= this.#periodMs;
    const slots = this.slots + (isAhead ? this.#aheadSlots : 0);
    const fresh = { ...this.#read(this.#startMs, slots), revision };
    this.#blocks.set(phase, fresh);
    return fresh;
  }

  #covers(block: Block, endMs: number): boolean {
    return block.startMs <= this.#startMs && endMs <= block.startMs + block.slots * this.#periodMs;
  }

  #read(startMs: number, slots: number): Omit<Block, "revision"> {
    const { queries, periodSeconds } = this.#plan;
    const series = this.#source.readSeries(queries, { startMs, periodSeconds, slots });
    const points = seriesPoints(this.#plan, series);
    return { ...points, marks: pointMarks(this.#plan, points), startMs, slots };
  }
}
