import type { Datum, DatumSeries, StatisticSet } from "../metric.ts";
import type { Distribution } from "./distribution.ts";

/** All samples of the bucket are equal, so that its minimum and count say everything. */
const UNIFORM = -1;
/** A statistic set whose single values were never known. */
const OPAQUE = -2;
/** How many samples of a bucket are searched for an equal value before another one is added. */
const MERGE_DEPTH = 4;

/** Shared by all that are empty: three of the four granularities of most metrics are. */
const NO_STARTS = new Uint32Array(0);
const NO_NUMBERS = new Float64Array(0);
const NO_PLACES = new Int32Array(0);

/**
 * Sums, extremes and single values per bucket of one stream, in columns ordered by time.
 * 40 bytes for a bucket, and 20 more for each further value of a bucket that holds different ones.
 */
export class Buckets {
  /** Buckets in use; the columns are longer. */
  length = 0;
  /** Start of each bucket, epoch seconds. */
  starts: Uint32Array = NO_STARTS;
  sampleCounts: Float64Array = NO_NUMBERS;
  sums: Float64Array = NO_NUMBERS;
  minima: Float64Array = NO_NUMBERS;
  maxima: Float64Array = NO_NUMBERS;
  #heads: Int32Array = NO_PLACES;

  #samples = 0;
  #sampleValues: Float64Array = NO_NUMBERS;
  #sampleWeights: Float64Array = NO_NUMBERS;
  #sampleNext: Int32Array = NO_PLACES;

  /**
   * Makes room for so many more buckets at once, so that a whole series does not move the columns again and
   * again.
   */
  reserve(buckets: number): void {
    if (this.length + buckets > this.starts.length) this.#enlarge(this.length + buckets);
  }

  /** Adds `count` samples of `value` to the bucket that starts at `second`. */
  add(second: number, value: number, count: number): void {
    const i = this.#bucket(second);
    const before = this.sampleCounts[i] ?? 0;
    if (before > 0) this.#keepValue(i, value, count);
    this.sampleCounts[i] = before + count;
    this.sums[i] = (this.sums[i] ?? 0) + value * count;
    if (before === 0 || value < (this.minima[i] ?? 0)) this.minima[i] = value;
    if (before === 0 || value > (this.maxima[i] ?? 0)) this.maxima[i] = value;
  }

  /** Adds values that are only known by their statistics; the bucket loses its percentiles. */
  addOpaque(second: number, set: StatisticSet): void {
    const i = this.#bucket(second);
    const before = this.sampleCounts[i] ?? 0;
    this.sampleCounts[i] = before + set.sampleCount;
    this.sums[i] = (this.sums[i] ?? 0) + set.sum;
    if (before === 0 || set.minimum < (this.minima[i] ?? 0)) this.minima[i] = set.minimum;
    if (before === 0 || set.maximum > (this.maxima[i] ?? 0)) this.maxima[i] = set.maximum;
    this.#heads[i] = OPAQUE;
  }

  /** Index of the first bucket that starts at or after `second`. */
  from(second: number): number {
    let low = 0;
    let high = this.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.starts[middle] ?? 0) < second) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Adds the single values of bucket `i` to `into`; false when they are not known. */
  collect(i: number, into: Distribution): boolean {
    let sample = this.#heads[i] ?? OPAQUE;
    if (sample === OPAQUE) return false;
    if (sample === UNIFORM) into.add(this.minima[i] ?? 0, this.sampleCounts[i] ?? 0);
    for (; sample >= 0; sample = this.#sampleNext[sample] ?? UNIFORM)
      into.add(this.#sampleValues[sample] ?? 0, this.#sampleWeights[sample] ?? 0);
    return true;
  }

  /** Moves every bucket that starts before `second` into buckets of `granularity` seconds in `target`. */
  rollUp(second: number, target: Buckets, granularity: number): void {
    const end = this.from(second);
    for (let i = 0; i < end; i++) {
      const start = this.starts[i] ?? 0;
      this.#copy(i, target, start - (start % granularity));
    }
    this.dropBefore(second);
  }

  /** Forgets every bucket that starts before `second`, and gives the memory back. */
  dropBefore(second: number): void {
    const end = this.from(second);
    if (end === 0) return;
    const kept = new Buckets();
    for (let i = end; i < this.length; i++) this.#copy(i, kept, this.starts[i] ?? 0);
    this.#become(kept);
  }

  /** Bytes held by the columns. */
  get bytes(): number {
    return this.starts.length * 40 + this.#sampleValues.length * 20;
  }

  #become(other: Buckets): void {
    this.length = other.length;
    this.starts = other.starts;
    this.sampleCounts = other.sampleCounts;
    this.sums = other.sums;
    this.minima = other.minima;
    this.maxima = other.maxima;
    this.#heads = other.#heads;
    this.#samples = other.#samples;
    this.#sampleValues = other.#sampleValues;
    this.#sampleWeights = other.#sampleWeights;
    this.#sampleNext = other.#sampleNext;
  }

  #copy(i: number, target: Buckets, second: number): void {
    let sample = this.#heads[i] ?? OPAQUE;
    if (sample === UNIFORM) target.add(second, this.minima[i] ?? 0, this.sampleCounts[i] ?? 0);
    if (sample === OPAQUE)
      target.addOpaque(second, {
        sampleCount: this.sampleCounts[i] ?? 0,
        sum: this.sums[i] ?? 0,
        minimum: this.minima[i] ?? 0,
        maximum: this.maxima[i] ?? 0,
      });
    for (; sample >= 0; sample = this.#sampleNext[sample] ?? UNIFORM)
      target.add(second, this.#sampleValues[sample] ?? 0, this.#sampleWeights[sample] ?? 0);
  }

  #keepValue(i: number, value: number, count: number): void {
    const head = this.#heads[i] ?? OPAQUE;
    if (head === OPAQUE) return;
    if (head === UNIFORM) {
      if (value === this.minima[i]) return;
      this.#heads[i] = this.#addSample(this.minima[i] ?? 0, this.sampleCounts[i] ?? 0, UNIFORM);
    }
    this.#mergeSample(i, value, count);
  }

  #mergeSample(i: number, value: number, count: number): void {
    const head = this.#heads[i] ?? UNIFORM;
    let sample = head;
    for (let depth = 0; depth < MERGE_DEPTH && sample >= 0; depth++) {
      if (this.#sampleValues[sample] === value) {
        this.#sampleWeights[sample] = (this.#sampleWeights[sample] ?? 0) + count;
        return;
      }
      sample = this.#sampleNext[sample] ?? UNIFORM;
    }
    this.#heads[i] = this.#addSample(value, count, head);
  }

  #addSample(value: number, count: number, next: number): number {
    const index = this.#samples++;
    if (index >= this.#sampleValues.length) {
      const capacity = grown(index);
      this.#sampleValues = enlarged(this.#sampleValues, new Float64Array(capacity));
      this.#sampleWeights = enlarged(this.#sampleWeights, new Float64Array(capacity));
      this.#sampleNext = enlarged(this.#sampleNext, new Int32Array(capacity));
    }
    this.#sampleValues[index] = value;
    this.#sampleWeights[index] = count;
    this.#sampleNext[index] = next;
    return index;
  }

  /** Index of the bucket that starts at `second`; made, in its place in time, if it was not there. */
  #bucket(second: number): number {
    const last = this.length - 1;
    if (last >= 0 && this.starts[last] === second) return last;
    const i = last < 0 || (this.starts[last] ?? 0) < second ? this.length : this.from(second);
    if (i < this.length && this.starts[i] === second) return i;
    this.#insert(i);
    this.starts[i] = second;
    this.sampleCounts[i] = 0;
    this.sums[i] = 0;
    this.#heads[i] = UNIFORM;
    return i;
  }

  #insert(i: number): void {
    if (this.length === this.starts.length) this.#enlarge(grown(this.length));
    if (i < this.length) for (const column of this.#columns()) column.copyWithin(i + 1, i, this.length);
    this.length++;
  }

  #columns(): readonly (Float64Array | Uint32Array | Int32Array)[] {
    return [this.starts, this.sampleCounts, this.sums, this.minima, this.maxima, this.#heads];
  }

  #enlarge(capacity: number): void {
    this.starts = enlarged(this.starts, new Uint32Array(capacity));
    this.sampleCounts = enlarged(this.sampleCounts, new Float64Array(capacity));
    this.sums = enlarged(this.sums, new Float64Array(capacity));
    this.minima = enlarged(this.minima, new Float64Array(capacity));
    this.maxima = enlarged(this.maxima, new Float64Array(capacity));
    this.#heads = enlarged(this.#heads, new Int32Array(capacity));
  }
}

function grown(length: number): number {
  return Math.max(8, Math.ceil(length * 1.5));
}

function enlarged<Column extends Float64Array | Uint32Array | Int32Array>(from: Column, to: Column): Column {
  to.set(from);
  return to;
}

/** One granularity of stored data, and for how long it is kept before it is rolled up into the next. */
interface Tier {
  readonly granularitySeconds: number;
  readonly keptSeconds: number;
}

const HOUR = 3600;
const DAY = 24 * HOUR;

/**
 * How long CloudWatch keeps which granularity, finest first.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_concepts.html#metrics-retention
 */
const RETENTION: readonly Tier[] = [
  { granularitySeconds: 1, keptSeconds: 3 * HOUR },
  { granularitySeconds: 60, keptSeconds: 15 * DAY },
  { granularitySeconds: 300, keptSeconds: 63 * DAY },
  { granularitySeconds: 3600, keptSeconds: 455 * DAY },
];

/** Everything that was put for one metric in one unit. */
export class MetricStream {
  readonly unit: string;
  /** Epoch milliseconds of the newest datum. */
  lastMs = 0;
  readonly #tiers = RETENTION.map(() => new Buckets());
  #isHighResolution = false;

  constructor(unit: string) {
    this.unit = unit;
  }

  put(datum: Datum): void {
    if (datum.timestampMs > this.lastMs) this.lastMs = datum.timestampMs;
    addTo(this.#tier(1), minuteOf(datum.timestampMs), datum);
    // High-resolution data are in both tiers: the fine one answers periods under a minute for three hours.
    if (datum.storageResolution !== 1) return;
    this.#isHighResolution = true;
    addTo(this.#tier(0), Math.floor(datum.timestampMs / 1000), datum);
  }

  /** What {@link put} does with one value of standard resolution. */
  putValue(timestampMs: number, value: number, count: number): void {
    if (timestampMs > this.lastMs) this.lastMs = timestampMs;
    if (count > 0) this.#tier(1).add(minuteOf(timestampMs), value, count);
  }

  putSeries({ startMs, intervalMs, values, counts, storageResolution }: DatumSeries): void {
    const minutes = this.#tier(1);
    const seconds = storageResolution === 1 ? this.#tier(0) : undefined;
    this.#isHighResolution ||= storageResolution === 1;
    minutes.reserve(Math.min(values.length, Math.ceil((values.length * intervalMs) / 60_000)));
    for (let i = 0; i < values.length; i++) {
      const value = values[i];
      if (value === undefined) continue;
      const timestampMs = startMs + i * intervalMs;
      const count = counts?.[i] ?? 1;
      if (timestampMs > this.lastMs) this.lastMs = timestampMs;
      if (count <= 0) continue;
      minutes.add(minuteOf(timestampMs), value, count);
      seconds?.add(Math.floor(timestampMs / 1000), value, count);
    }
  }

  /**
   * The buckets that answer a period: never coarser than it, and for a minute or more never the fine ones.
   * Data of standard resolution answer shorter periods with a point at each whole minute.
   */
  bucketsFor(periodSeconds: number): readonly Buckets[] {
    if (periodSeconds < 60) return [this.#tier(this.#isHighResolution ? 0 : 1)];
    if (periodSeconds < 300) return [this.#tier(1)];
    return periodSeconds < 3600 ? this.#tiers.slice(1, 3) : this.#tiers.slice(1);
  }

  /** Rolls data up into the next granularity, and drops them in the end, as CloudWatch does with age. */
  retain(nowMs: number): void {
    const now = Math.floor(nowMs / 1000);
    RETENTION.forEach((tier, index) => {
      const next = RETENTION[index + 1];
      const limit = now - tier.keptSeconds;
      const boundary = limit - (limit % (next?.granularitySeconds ?? tier.granularitySeconds));
      // The minute tier holds high-resolution data already.
      if (index === 0 || next === undefined) this.#tier(index).dropBefore(boundary);
      else this.#tier(index).rollUp(boundary, this.#tier(index + 1), next.granularitySeconds);
    });
  }

  get isEmpty(): boolean {
    return this.#tiers.every((tier) => tier.length === 0);
  }

  /** Bytes held by the columns. */
  get bytes(): number {
    return this.#tiers.reduce((sum, tier) => sum + tier.bytes, 0);
  }

  #tier(index: number): Buckets {
    const tier = this.#tiers[index];
    if (tier === undefined) throw new RangeError(`no tier ${index}`);
    return tier;
  }
}

/** The second at which the minute of a time began. Numbers of this size take ten times as long by `%`. */
function minuteOf(timestampMs: number): number {
  return Math.floor(timestampMs / 60_000) * 60;
}

function addTo(buckets: Buckets, second: number, datum: Datum): void {
  const { values, counts } = datum;
  if (isStatisticSet(values)) addSet(buckets, second, values);
  else
    for (let i = 0; i < values.length; i++) {
      const count = counts?.[i] ?? 1;
      if (count > 0) buckets.add(second, values[i] ?? 0, count);
    }
}

/** A set with equal minimum and maximum says as much as its single values. */
function addSet(buckets: Buckets, second: number, set: StatisticSet): void {
  if (set.sampleCount <= 0) return;
  if (set.minimum === set.maximum && set.sum === set.minimum * set.sampleCount)
    buckets.add(second, set.minimum, set.sampleCount);
  else buckets.addOpaque(second, set);
}

function isStatisticSet(values: Datum["values"]): values is StatisticSet {
  return !Array.isArray(values);
}
