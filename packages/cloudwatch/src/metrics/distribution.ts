import type { Bounds, DistributionStatistic } from "./statistic.ts";

/** Single values and how often each occurred; gathered for one period, then asked for a statistic. */
export class Distribution {
  #values = new Float64Array(64);
  #counts = new Float64Array(64);
  #length = 0;
  /** All counts are 1, so that values can be sorted without them. */
  #isSimple = true;

  /** Forgets everything, so that one instance serves many periods. */
  clear(): void {
    this.#length = 0;
    this.#isSimple = true;
  }

  add(value: number, count: number): void {
    if (this.#length === this.#values.length) this.#enlarge();
    this.#values[this.#length] = value;
    this.#counts[this.#length] = count;
    this.#length++;
    if (count !== 1) this.#isSimple = false;
  }

  /**
   * The exact statistic of what was added; `undefined` when nothing lies within its bounds.
   * CloudWatch itself approximates with logarithmic bins: expect its figures to differ by up to a tenth.
   */
  statistic(statistic: DistributionStatistic): number | undefined {
    const sorted = this.#sorted();
    if (sorted.total === 0) return undefined;
    if (statistic.kind === "percentile") return quantile(sorted, statistic.percent / 100);
    return trimmed(sorted, statistic.kind, statistic.bounds);
  }

  #sorted(): Sorted {
    const values = this.#values.subarray(0, this.#length);
    const counts = this.#counts.subarray(0, this.#length);
    if (this.#isSimple) return { values: values.sort(), counts, total: this.#length };
    const countOf = new Map<number, number>();
    for (let i = 0; i < this.#length; i++) {
      const value = values[i] ?? 0;
      countOf.set(value, (countOf.get(value) ?? 0) + (counts[i] ?? 0));
    }
    const distinct = Float64Array.from(countOf.keys()).sort();
    return {
      values: distinct,
      counts: distinct.map((value) => countOf.get(value) ?? 0),
      total: counts.reduce((sum, count) => sum + count, 0),
    };
  }

  #enlarge(): void {
    const [values, counts] = [this.#values, this.#counts];
    this.#values = new Float64Array(2 * values.length);
    this.#counts = new Float64Array(2 * counts.length);
    this.#values.set(values);
    this.#counts.set(counts);
  }
}

interface Sorted {
  readonly values: Float64Array;
  readonly counts: Float64Array;
  readonly total: number;
}

/** Nearest rank: the smallest value that at least this fraction of the samples does not exceed. */
function quantile(sorted: Sorted, fraction: number): number {
  const rank = fraction * sorted.total;
  let seen = 0;
  for (let i = 0; i < sorted.values.length; i++) {
    seen += sorted.counts[i] ?? 0;
    // Against 0.1 * 10 * ... not being whole: a rank is reached when it is reached to 12 digits.
    if (seen >= rank - 1e-12 * sorted.total) return sorted.values[i] ?? 0;
  }
  return sorted.values.at(-1) ?? 0;
}

type Trimmed = Exclude<DistributionStatistic["kind"], "percentile">;

function trimmed(sorted: Sorted, kind: Trimmed, bounds: Bounds): number | undefined {
  if (kind === "WM") return winsorized(sorted, bounds);
  const within = bounds.of === "percent" ? massWithin(sorted, bounds) : valuesWithin(sorted, bounds);
  if (kind === "TC") return within.count;
  if (kind === "TS") return within.sum;
  if (kind === "PR") return (100 * within.count) / sorted.total;
  return within.count === 0 ? undefined : within.sum / within.count;
}

interface Within {
  count: number;
  sum: number;
}

/** Fixed bounds are exclusive below and inclusive above. */
function valuesWithin(sorted: Sorted, bounds: Bounds): Within {
  const { lower = -Infinity, upper = Infinity } = bounds;
  const within = { count: 0, sum: 0 };
  sorted.values.forEach((value, index) => {
    if (value <= lower || value > upper) return;
    const count = sorted.counts[index] ?? 0;
    within.count += count;
    within.sum += value * count;
  });
  return within;
}

/** The samples between two percentages; a sample on the edge counts with the part that lies inside. */
function massWithin(sorted: Sorted, bounds: Bounds): Within {
  const from = ((bounds.lower ?? 0) / 100) * sorted.total;
  const to = ((bounds.upper ?? 100) / 100) * sorted.total;
  const within = { count: 0, sum: 0 };
  let seen = 0;
  sorted.values.forEach((value, index) => {
    const next = seen + (sorted.counts[index] ?? 0);
    const inside = Math.max(0, Math.min(next, to) - Math.max(seen, from));
    within.count += inside;
    within.sum += value * inside;
    seen = next;
  });
  return within;
}

function winsorized(sorted: Sorted, bounds: Bounds): number {
  const edge = (bound: number): number => (bounds.of === "percent" ? quantile(sorted, bound / 100) : bound);
  const low = bounds.lower === undefined ? -Infinity : edge(bounds.lower);
  const high = bounds.upper === undefined ? Infinity : edge(bounds.upper);
  const sum = sorted.values.reduce(
    (total, value, index) => total + Math.min(Math.max(value, low), high) * (sorted.counts[index] ?? 0),
    0,
  );
  return sum / sorted.total;
}
