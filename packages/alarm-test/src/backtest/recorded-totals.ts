import type { Grid } from "@wrist-agent/cloudwatch/metric";
import type { Column } from "@wrist-agent/cloudwatch/metrics/read-stream";
import type { SimpleStatistic } from "@wrist-agent/cloudwatch/metrics/statistic";

/** What can be added up; an average is asked for as its sum and its count. */
type RecordedStatistic = Exclude<SimpleStatistic, "Average">;

/** Whether a statistic is one of those that add up, point by point. */
export function isRecordedStatistic(statistic: string): statistic is RecordedStatistic {
  return ["SampleCount", "Sum", "Minimum", "Maximum"].includes(statistic);
}

/** The points of one statistic; `null` where there is none. */
type Points = readonly (number | null)[];

/** Columns of one stretch of a metric, by statistic; all of them have the same start and step. */
export class Stretch {
  readonly columns: Partial<Record<RecordedStatistic, Points>> = {};
  readonly startMs: number;
  readonly stepMs: number;
  readonly length: number;
  readonly #levels: readonly BlockTotals[];

  constructor(startMs: number, stepMs: number, length: number) {
    this.startMs = startMs;
    this.stepMs = stepMs;
    this.length = length;
    this.#levels = BLOCKS.map((size) => new BlockTotals(size, length));
  }

  /** Adds the points that begin in a slot. */
  addSlot(total: Total, fromMs: number, toMs: number): void {
    const first = Math.max(0, Math.ceil((fromMs - this.startMs) / this.stepMs));
    const end = Math.min(this.length, Math.ceil((toMs - this.startMs) / this.stepMs));
    this.#addPoints(total, { first, end, level: 0 });
  }

  /** Whole blocks of a level are added as such, what is left at both ends by the levels of smaller ones. */
  #addPoints(total: Total, { first, end, level }: PointRange): void {
    const blocks = this.#levels[level];
    if (blocks === undefined) {
      total.addPoints(this.columns, first, end);
      return;
    }
    const { size } = blocks;
    const firstBlock = Math.ceil(first / size);
    const endBlock = Math.floor(end / size);
    const smaller = level + 1;
    if (firstBlock >= endBlock) {
      this.#addPoints(total, { first, end, level: smaller });
      return;
    }
    this.#addPoints(total, { first, end: firstBlock * size, level: smaller });
    for (let block = firstBlock; block < endBlock; block += 1) {
      if (!blocks.has(block)) blocks.put(block, this.#blockTotal({ block, size, level: smaller }));
      blocks.addTo(total, block);
    }
    this.#addPoints(total, { first: endBlock * size, end, level: smaller });
  }

  #blockTotal({
    block,
    size,
    level,
  }: {
    readonly block: number;
    readonly size: number;
    readonly level: number;
  }): Total {
    const total = new Total();
    this.#addPoints(total, { first: block * size, end: (block + 1) * size, level });
    return total;
  }
}

/** Points from `first` to before `end`, and the largest blocks that they are added up by. */
interface PointRange {
  readonly first: number;
  readonly end: number;
  readonly level: number;
}

/**
 * Points whose totals are kept: an hour that slides by minutes reads each point 60 times otherwise, a day
 * 1,440 times.
 */
const BLOCKS = [240, 15] as const;
const NONE: Points = [];

/**
 * What a slot has been given so far. Nothing is allocated for a point or a slot: a month of 500 alarms has
 * billions.
 */
class Total {
  count = 0;
  sum = 0;
  minimum = Infinity;
  maximum = -Infinity;

  clear(): void {
    this.count = 0;
    this.sum = 0;
    this.minimum = Infinity;
    this.maximum = -Infinity;
  }

  addPoints(columns: Stretch["columns"], first: number, end: number): void {
    const only = onlyColumn(columns);
    if (only === undefined) this.#addRows(columns, first, end);
    else this.#addValues(only, first, end);
  }

  /** What {@link #addRows} does of a stretch with one column. */
  #addValues(values: Points, first: number, end: number): void {
    let { count, sum, minimum, maximum } = this;
    for (let at = first; at < end; at += 1) {
      const value = values[at];
      if (value === undefined || value === null) continue;
      count += 1;
      sum += value;
      if (value < minimum) minimum = value;
      if (value > maximum) maximum = value;
    }
    this.count = count;
    this.sum = sum;
    this.minimum = minimum;
    this.maximum = maximum;
  }

  /** What was not recorded follows from what was, and a count is 1 then: nobody asks for it. */
  #addRows(columns: Stretch["columns"], first: number, end: number): void {
    const {
      SampleCount: counts = NONE,
      Sum: sums = NONE,
      Minimum: minima = NONE,
      Maximum: maxima = NONE,
    } = columns;
    for (let at = first; at < end; at += 1) {
      const count = counts[at];
      const value = sums[at] ?? maxima[at] ?? minima[at] ?? (typeof count === "number" ? 0 : undefined);
      if (value === undefined) continue;
      this.count += count ?? 1;
      this.sum += value;
      this.minimum = Math.min(this.minimum, minima[at] ?? value);
      this.maximum = Math.max(this.maximum, maxima[at] ?? value);
    }
  }
}

/** The values of a stretch that was recorded in a single statistic; counts alone say nothing of values. */
function onlyColumn(columns: Stretch["columns"]): Points | undefined {
  const { SampleCount, Sum, Minimum, Maximum } = columns;
  if (SampleCount !== undefined) return undefined;
  if (Minimum === undefined && Maximum === undefined) return Sum;
  if (Sum === undefined && Minimum === undefined) return Maximum;
  return Sum === undefined && Maximum === undefined ? Minimum : undefined;
}

/** Totals of whole blocks of a stretch's points, each added up when it is first asked for. */
class BlockTotals {
  readonly #counts: Float64Array;
  readonly #sums: Float64Array;
  readonly #minima: Float64Array;
  readonly #maxima: Float64Array;

  /** Points of a block. */
  readonly size: number;

  constructor(size: number, points: number) {
    this.size = size;
    const blocks = Math.floor(points / size);
    this.#counts = new Float64Array(blocks).fill(NaN);
    this.#sums = new Float64Array(blocks);
    this.#minima = new Float64Array(blocks);
    this.#maxima = new Float64Array(blocks);
  }

  has(block: number): boolean {
    return !Number.isNaN(this.#counts[block]);
  }

  put(block: number, total: Total): void {
    this.#counts[block] = total.count;
    this.#sums[block] = total.sum;
    this.#minima[block] = total.minimum;
    this.#maxima[block] = total.maximum;
  }

  addTo(total: Total, block: number): void {
    total.count += this.#counts[block] ?? 0;
    total.sum += this.#sums[block] ?? 0;
    const minimum = this.#minima[block] ?? Infinity;
    const maximum = this.#maxima[block] ?? -Infinity;
    if (minimum < total.minimum) total.minimum = minimum;
    if (maximum > total.maximum) total.maximum = maximum;
  }
}

/** Adds up the stretches of a metric over a grid. */
export function readStretches(stretches: readonly Stretch[], kind: SimpleStatistic, grid: Grid): Column {
  const values = new Array<number | undefined>(grid.slots);
  const sampleCounts = new Array<number | undefined>(grid.slots);
  const total = new Total();
  const statistic = STATISTICS[kind];
  const periodMs = grid.periodSeconds * 1000;
  for (let slot = 0; slot < grid.slots; slot += 1) {
    const fromMs = grid.startMs + slot * periodMs;
    total.clear();
    for (const stretch of stretches) stretch.addSlot(total, fromMs, fromMs + periodMs);
    values[slot] = total.count === 0 ? undefined : statistic(total);
    sampleCounts[slot] = total.count === 0 ? undefined : total.count;
  }
  return { values, sampleCounts };
}

const STATISTICS: Readonly<Record<SimpleStatistic, (total: Total) => number>> = {
  SampleCount: ({ count }) => count,
  Sum: ({ sum }) => sum,
  Average: ({ sum, count }) => sum / count,
  Minimum: ({ minimum }) => minimum,
  Maximum: ({ maximum }) => maximum,
};
