/** Draws from 0 (included) to 1 (excluded), the same ones for the same seed. */
export type Random = () => number;

/** The mulberry32 generator: small, and even enough for simulated latencies, faults and traffic. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A count, Poisson with a mean that varies itself, so that the variance is three times the mean. */
export function overdispersedCount(random: Random, mean: number): number {
  let gamma = 0;
  for (let n = 0; n < mean / 2; n += 1) gamma -= Math.log(1 - random());
  return poissonCount(random, 2 * gamma);
}

function poissonCount(random: Random, mean: number): number {
  let count = 0;
  for (let at = -Math.log(1 - random()); at < mean; at -= Math.log(1 - random())) count += 1;
  return count;
}

/** One of the rows, each as often as its share says. */
export function pickByShare<Row extends { readonly share: number }>(
  random: Random,
  rows: readonly Row[],
): Row {
  let left = random();
  const row = rows.find(({ share }) => (left -= share) < 0) ?? rows[0];
  if (row === undefined) throw new Error("nothing to pick from");
  return row;
}

/** A draw from the standard normal distribution (Box-Muller). */
export function standardNormal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
