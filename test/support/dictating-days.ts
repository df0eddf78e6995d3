const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Midnight of the Monday on which the simulated days begin. */
export const MONDAY_MS = Date.UTC(2026, 8, 14);

/** Numbers from 0 to 1, the same ones for the same seed. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Percent of a day's requests in each hour; 00-05 share one percent. */
const BY_HOUR = [
  ...[0.2, 0.2, 0.2, 0.2, 0.1, 0.1],
  ...[2, 7, 9, 8, 7, 6, 7, 5, 5, 5, 6, 8, 7, 5, 5, 4, 3, 1],
];
const WEEKEND_SHARE = 0.6;
const IN_A_BURST = 0.3;

/** Mode mix and the median of its latency; the 95th percentile is 2.4 times as much. */
const MODES = [
  { share: 0.45, medianMs: 3000, costUsd: 0.002 },
  { share: 0.3, medianMs: 1500, costUsd: 0.0009 },
  { share: 0.13, medianMs: 1900, costUsd: 0.0012 },
  { share: 0.09, medianMs: 6500, costUsd: 0.0044 },
  { share: 0.03, medianMs: 9200, costUsd: 0.0064 },
] as const;
const LATENCY_SIGMA = Math.log(2.4) / 1.645;

/** What the metrics say of one request; everything that is missing did not happen. */
export interface DictatedRequest {
  readonly atMs: number;
  readonly durationMs: number;
  readonly costUsd: number;
  readonly fate: "served" | "degraded" | "rejected" | "failed" | "crashed" | "throttled" | "unreadable";
}

/** Some days of one person's requests; days hold a varying number around `perDay`, fewer at weekends. */
export interface Days {
  readonly random: () => number;
  readonly perDay: number;
  readonly days: number;
}

/** Instants of requests, oldest first: by the hour, in bursts, overdispersed from day to day. */
export function dictatedAt({ random, perDay, days }: Days): readonly number[] {
  return Array.from({ length: days }, (_, day) => {
    const mean = day % 7 < 5 ? perDay : perDay * WEEKEND_SHARE;
    return timesOfDay(random, overdispersed(random, mean), MONDAY_MS + day * DAY_MS);
  }).flat();
}

/** `count` instants of the day that begins at `midnightMs`, oldest first. */
export function timesOfDay(random: () => number, count: number, midnightMs: number): readonly number[] {
  const times: number[] = [];
  for (let n = 0; n < count; n += 1) {
    const before = times[Math.floor(random() * times.length)];
    times.push(
      before !== undefined && random() < IN_A_BURST
        ? before + random() * 60_000
        : midnightMs + (hourOfDay(random) + random()) * HOUR_MS,
    );
  }
  return times.map(Math.floor).toSorted((a, b) => a - b);
}

/** A request as the healthy agent serves it, except for `failing` of them. */
export function healthy(random: () => number, atMs: number, failing = 0.01): DictatedRequest {
  const mode = pick(random, MODES);
  const durationMs = mode.medianMs * Math.exp(LATENCY_SIGMA * normal(random));
  const draw = random();
  const fate =
    draw < failing
      ? "failed"
      : draw < failing + 0.02
        ? "rejected"
        : draw < failing + 0.06
          ? "degraded"
          : "served";
  return { atMs, durationMs, costUsd: mode.costUsd, fate };
}

/** Poisson with a mean that varies itself, so that the variance is three times the mean. */
function overdispersed(random: () => number, mean: number): number {
  let gamma = 0;
  for (let n = 0; n < mean / 2; n += 1) gamma -= Math.log(1 - random());
  return poisson(random, 2 * gamma);
}

function poisson(random: () => number, mean: number): number {
  let count = 0;
  for (let at = -Math.log(1 - random()); at < mean; at -= Math.log(1 - random())) count += 1;
  return count;
}

function hourOfDay(random: () => number): number {
  let left = random() * 100;
  const hour = BY_HOUR.findIndex((percent) => (left -= percent) < 0);
  return hour < 0 ? 23 : hour;
}

function pick<Row extends { readonly share: number }>(random: () => number, rows: readonly Row[]): Row {
  let left = random();
  const row = rows.find(({ share }) => (left -= share) < 0) ?? rows[0];
  if (row === undefined) throw new Error("nothing to pick from");
  return row;
}

function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
