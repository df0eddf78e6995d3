/** Numbers from 0 to 1, made of nothing but a seed. */
export type Random = () => number;

/** Numbers from 0 to 1, the same ones for the same seed. */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** A count, Poisson with a mean that varies itself, so that the variance is three times the mean. */
export function overdispersed(random: Random, mean: number): number {
  let gamma = 0;
  for (let n = 0; n < mean / 2; n += 1) gamma -= Math.log(1 - random());
  return poisson(random, 2 * gamma);
}

function poisson(random: Random, mean: number): number {
  let count = 0;
  for (let at = -Math.log(1 - random()); at < mean; at -= Math.log(1 - random())) count += 1;
  return count;
}

/** One of the rows, each as often as its share says. */
export function pick<Row extends { readonly share: number }>(random: Random, rows: readonly Row[]): Row {
  let left = random();
  const row = rows.find(({ share }) => (left -= share) < 0) ?? rows[0];
  if (row === undefined) throw new Error("nothing to pick from");
  return row;
}

/** Normally distributed around 0 with a deviation of 1. */
export function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
