import type { Datum, DatumSeries, StatisticSet } from "../metric.ts";
import { Buckets } from "./buckets.ts";

/** One granularity of stored data, and for how long it is kept before it is rolled up into the next. */
export interface Tier {
  readonly granularitySeconds: number;
  readonly keptSeconds: number;
}

const HOUR = 3600;
const DAY = 24 * HOUR;

/**
 * How long CloudWatch keeps which granularity, finest first.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_concepts.html#metrics-retention
 */
export const RETENTION: readonly Tier[] = [
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

  constructor(unit: string) {
    this.unit = unit;
  }

  put(datum: Datum): void {
    if (datum.timestampMs > this.lastMs) this.lastMs = datum.timestampMs;
    const second = Math.floor(datum.timestampMs / 1000);
    addTo(this.#tier(1), second - (second % 60), datum);
    // High-resolution data are in both tiers: the fine one answers periods under a minute for three hours.
    if (datum.storageResolution === 1) addTo(this.#tier(0), second, datum);
  }

  putSeries({ startMs, intervalMs, values, counts, storageResolution }: DatumSeries): void {
    const minutes = this.#tier(1);
    const seconds = storageResolution === 1 ? this.#tier(0) : undefined;
    for (let i = 0; i < values.length; i++) {
      const value = values[i];
      if (value === undefined) continue;
      const timestampMs = startMs + i * intervalMs;
      const second = Math.floor(timestampMs / 1000);
      const count = counts?.[i] ?? 1;
      if (timestampMs > this.lastMs) this.lastMs = timestampMs;
      if (count <= 0) continue;
      minutes.add(second - (second % 60), value, count);
      seconds?.add(second, value, count);
    }
  }

  /** The buckets that answer a period: never coarser than it, and for a minute or more never the fine ones. */
  bucketsFor(periodSeconds: number): readonly Buckets[] {
    if (periodSeconds < 60) return [this.#tier(0)];
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
  return "sampleCount" in values;
}
