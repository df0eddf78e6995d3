import type { Grid } from "../metric.ts";
import { Distribution } from "./distribution.ts";
import type { Buckets, MetricStream } from "./metric-stream.ts";
import {
  type DistributionStatistic,
  needsDistribution,
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

/** Buckets `from` (inclusive) to `to` (exclusive), which lie in one slot. */
interface Span {
  readonly buckets: Buckets;
  readonly from: number;
  readonly to: number;
}

/** Numbers that are kept for each slot while its buckets are added up. */
const COUNT = 0;
const SUM = 1;
const MINIMUM = 2;
const MAXIMUM = 3;
const WIDTH = 4;

/** Reads are short and never overlap: they share this memory. */
let cells = new Float64Array(64 * WIDTH);
const distribution = new Distribution();

/** Reads one stream over a grid; `undefined` for a stream has no points. */
export function readStream(stream: MetricStream | undefined, statistic: Statistic, grid: Grid): Column {
  clearCells(grid.slots);
  const sources = (stream?.bucketsFor(grid.periodSeconds) ?? []).filter((buckets) => buckets.length > 0);
  for (const buckets of sources) addBuckets(buckets, grid);
  return {
    values: needsDistribution(statistic)
      ? distributionValues(sources, statistic, grid)
      : simpleValues(statistic.kind, grid.slots),
    sampleCounts: simpleValues("SampleCount", grid.slots),
  };
}

function clearCells(slots: number): void {
  if (cells.length < slots * WIDTH) cells = new Float64Array(2 * slots * WIDTH);
  else cells.fill(0, 0, slots * WIDTH);
}

/** Adds buckets up in the cells of the slots that they lie in. */
function addBuckets(buckets: Buckets, { startMs, periodSeconds, slots }: Grid): void {
  const start = startMs / 1000;
  const to = buckets.from(start + slots * periodSeconds);
  for (let i = buckets.from(start); i < to;) {
    const slot = Math.floor(((buckets.starts[i] ?? 0) - start) / periodSeconds);
    i = addToCell(buckets, i, { cell: slot * WIDTH, end: start + (slot + 1) * periodSeconds });
  }
}

interface CellOfSlot {
  readonly cell: number;
  /** When the slot ends, epoch seconds. */
  readonly end: number;
}

/** Adds bucket `from` and those after it in the same slot; gives the first of the next one. */
function addToCell(buckets: Buckets, from: number, { cell, end }: CellOfSlot): number {
  let count = cells[cell + COUNT] ?? 0;
  let sum = cells[cell + SUM] ?? 0;
  let minimum = count === 0 ? Infinity : (cells[cell + MINIMUM] ?? 0);
  let maximum = count === 0 ? -Infinity : (cells[cell + MAXIMUM] ?? 0);
  const { starts, length, sampleCounts, sums, minima, maxima } = buckets;
  let i = from;
  do {
    count += sampleCounts[i] ?? 0;
    sum += sums[i] ?? 0;
    minimum = Math.min(minimum, minima[i] ?? 0);
    maximum = Math.max(maximum, maxima[i] ?? 0);
    i++;
  } while (i < length && (starts[i] ?? 0) < end);
  cells[cell + COUNT] = count;
  cells[cell + SUM] = sum;
  cells[cell + MINIMUM] = minimum;
  cells[cell + MAXIMUM] = maximum;
  return i;
}

const CELL_OF: Readonly<Record<SimpleStatistic, number>> = {
  SampleCount: COUNT,
  Sum: SUM,
  Average: SUM,
  Minimum: MINIMUM,
  Maximum: MAXIMUM,
};

function simpleValues(kind: SimpleStatistic, slots: number): (number | undefined)[] {
  const values = new Array<number | undefined>(slots);
  const offset = CELL_OF[kind];
  for (let slot = 0; slot < slots; slot++) {
    const count = cells[slot * WIDTH + COUNT] ?? 0;
    const value = cells[slot * WIDTH + offset] ?? 0;
    values[slot] = count === 0 ? undefined : kind === "Average" ? value / count : value;
  }
  return values;
}

/** CloudWatch has no distribution for a period with a negative value or with an opaque statistic set. */
function distributionValues(
  sources: readonly Buckets[],
  statistic: DistributionStatistic,
  grid: Grid,
): (number | undefined)[] {
  const spans = new Array<readonly Span[] | undefined>(grid.slots).fill(undefined);
  for (const buckets of sources)
    forEachSlot(buckets, grid, (slot, span) => (spans[slot] = [...(spans[slot] ?? []), span]));
  return spans.map((parts, slot) => {
    if (parts === undefined || (cells[slot * WIDTH + MINIMUM] ?? 0) < 0) return undefined;
    distribution.clear();
    return parts.every(collect) ? distribution.statistic(statistic) : undefined;
  });
}

function collect({ buckets, from, to }: Span): boolean {
  for (let i = from; i < to; i++) if (!buckets.collect(i, distribution)) return false;
  return true;
}

/** Calls `visit` for each slot that has buckets. */
function forEachSlot(buckets: Buckets, grid: Grid, visit: (slot: number, span: Span) => void): void {
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
    visit(slot, { buckets, from, to: i });
  }
}
