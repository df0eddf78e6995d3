import type { Grid } from "../metric.ts";
import type { Buckets } from "./buckets.ts";
import { Distribution } from "./distribution.ts";
import type { MetricStream } from "./metric-stream.ts";
import {
  needsDistribution,
  type DistributionStatistic,
  type SimpleStatistic,
  type Statistic,
} from "./statistic.ts";

/** One value and its number of samples for each slot of a grid. */
export interface Column {
  /** `undefined` where there is no point. */
  readonly values: (number | undefined)[];
  /** `undefined` where there is no sample, which may be less often than there is no point. */
  readonly sampleCounts: (number | undefined)[];
}

/** Reads one stream over a grid; `undefined` for a stream has no points. */
export function readStream(stream: MetricStream | undefined, statistic: Statistic, grid: Grid): Column {
  const slots = new Slots(grid);
  for (const buckets of stream?.bucketsFor(grid.periodSeconds) ?? []) slots.add(buckets);
  return { values: slots.values(statistic), sampleCounts: slots.sampleCounts() };
}

/** Sums and extremes of each slot, and which buckets are behind it. */
class Slots {
  readonly #grid: Grid;
  readonly #count: Float64Array;
  readonly #sum: Float64Array;
  readonly #minimum: Float64Array;
  readonly #maximum: Float64Array;
  readonly #sources: Buckets[] = [];

  constructor(grid: Grid) {
    const columns = new Float64Array(4 * grid.slots);
    this.#grid = grid;
    this.#count = columns.subarray(0, grid.slots);
    this.#sum = columns.subarray(grid.slots, 2 * grid.slots);
    this.#minimum = columns.subarray(2 * grid.slots, 3 * grid.slots);
    this.#maximum = columns.subarray(3 * grid.slots);
  }

  add(buckets: Buckets): void {
    if (buckets.length === 0) return;
    this.#sources.push(buckets);
    forEachSlot(buckets, this.#grid, (slot, from, to) => this.#addSlot(buckets, slot, [from, to]));
  }

  values(statistic: Statistic): (number | undefined)[] {
    return needsDistribution(statistic) ? this.#distributions(statistic) : this.#simple(statistic.kind);
  }

  sampleCounts(): (number | undefined)[] {
    return this.#simple("SampleCount");
  }

  #addSlot(buckets: Buckets, slot: number, [from, to]: readonly [number, number]): void {
    let count = this.#count[slot] ?? 0;
    let sum = this.#sum[slot] ?? 0;
    let minimum = count === 0 ? Infinity : (this.#minimum[slot] ?? 0);
    let maximum = count === 0 ? -Infinity : (this.#maximum[slot] ?? 0);
    for (let i = from; i < to; i++) {
      count += buckets.sampleCounts[i] ?? 0;
      sum += buckets.sums[i] ?? 0;
      minimum = Math.min(minimum, buckets.minima[i] ?? 0);
      maximum = Math.max(maximum, buckets.maxima[i] ?? 0);
    }
    this.#count[slot] = count;
    this.#sum[slot] = sum;
    this.#minimum[slot] = minimum;
    this.#maximum[slot] = maximum;
  }

  #simple(kind: SimpleStatistic): (number | undefined)[] {
    const values = new Array<number | undefined>(this.#grid.slots);
    const column = this.#columnOf(kind);
    for (let slot = 0; slot < values.length; slot++) {
      const count = this.#count[slot] ?? 0;
      const value = column[slot] ?? 0;
      values[slot] = count === 0 ? undefined : kind === "Average" ? value / count : value;
    }
    return values;
  }

  #columnOf(kind: SimpleStatistic): Float64Array {
    if (kind === "SampleCount") return this.#count;
    if (kind === "Minimum") return this.#minimum;
    return kind === "Maximum" ? this.#maximum : this.#sum;
  }

  /** CloudWatch has no distribution for a period with a negative value or with an opaque statistic set. */
  #distributions(statistic: DistributionStatistic): (number | undefined)[] {
    const values = new Array<number | undefined>(this.#grid.slots).fill(undefined);
    const gathered = values.map((): Distribution | undefined => undefined);
    const unknown = new Set<number>();
    for (const buckets of this.#sources)
      forEachSlot(buckets, this.#grid, (slot, from, to) => {
        const distribution = (gathered[slot] ??= new Distribution());
        for (let i = from; i < to; i++) if (!buckets.collect(i, distribution)) unknown.add(slot);
      });
    gathered.forEach((distribution, slot) => {
      if (distribution === undefined || unknown.has(slot) || (this.#minimum[slot] ?? 0) < 0) return;
      values[slot] = distribution.statistic(statistic);
    });
    return values;
  }
}

/** Calls `visit(slot, from, to)` for each slot that has buckets `from` (inclusive) to `to` (exclusive). */
function forEachSlot(
  buckets: Buckets,
  grid: Grid,
  visit: (slot: number, from: number, to: number) => void,
): void {
  const { periodSeconds: period, slots } = grid;
  const start = grid.startMs / 1000;
  const { starts, length } = buckets;
  let i = buckets.from(start);
  while (i < length) {
    const slot = Math.floor(((starts[i] ?? 0) - start) / period);
    if (slot >= slots) return;
    const end = start + (slot + 1) * period;
    const from = i;
    while (i < length && (starts[i] ?? 0) < end) i++;
    visit(slot, from, i);
  }
}
