const SECOND_MS = 1000;

/** z of a two-sided interval of 95 %. */
const Z = 1.959964;

/** Durations over the runs in which something happened. */
export interface DurationSpread {
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly maxMs: number;
}

/** Durations counted by the second: the memory that they take does not grow with the number of runs. */
export class DurationCounts {
  readonly #counts = new Map<number, number>();
  #total = 0;

  get count(): number {
    return this.#total;
  }

  add(durationMs: number): void {
    const seconds = Math.ceil(durationMs / SECOND_MS);
    this.#counts.set(seconds, (this.#counts.get(seconds) ?? 0) + 1);
    this.#total += 1;
  }

  /** Missing when nothing was counted. */
  spread(): DurationSpread | undefined {
    if (this.#total === 0) return undefined;
    const seconds = [...this.#counts].sort(([a], [b]) => a - b);
    const at = (share: number): number => nth(seconds, Math.ceil(share * this.#total)) * SECOND_MS;
    return { p50Ms: at(0.5), p95Ms: at(0.95), maxMs: at(1) };
  }
}

/** The value of rank `rank`, counted from 1. */
function nth(counts: readonly (readonly [number, number])[], rank: number): number {
  let left = rank;
  return counts.find(([, count]) => (left -= count) <= 0)?.[0] ?? 0;
}

/** Limits between which the true value lies in 95 % of such measurements. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/**
 * The Wilson score interval of a share: `count` of `total`. It stays within 0 and 1 and is honest at both
 * ends.
 */
export function wilsonInterval(count: number, total: number): Interval {
  if (total === 0) return { low: 0, high: 1 };
  const share = count / total;
  const spread = Z * Math.sqrt((share * (1 - share)) / total + (Z * Z) / (4 * total * total));
  const middle = share + (Z * Z) / (2 * total);
  const scale = 1 + (Z * Z) / total;
  return {
    low: count === 0 ? 0 : (middle - spread) / scale,
    high: count === total ? 1 : (middle + spread) / scale,
  };
}

/**
 * The interval of a Poisson count by Byar's approximation, which needs no table and errs by a few hundredths.
 */
export function poissonInterval(count: number): Interval {
  const limit = (n: number, sign: number): number =>
    n * (1 - 1 / (9 * n) + (sign * Z) / (3 * Math.sqrt(n))) ** 3;
  return { low: count === 0 ? 0 : limit(count, -1), high: limit(count + 1, 1) };
}
