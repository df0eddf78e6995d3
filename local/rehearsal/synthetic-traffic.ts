import { standardNormal, overdispersedCount, pickByShare, type Random } from "../random.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Midnight of the Monday on which the simulated days begin. */
export const SIMULATION_START_MS = Date.UTC(2026, 8, 14);

/** Percent of a day's requests in each hour; 00-05 share one percent. */
const HOUR_PERCENT = [0.2, 0.2, 0.2, 0.2, 0.1, 0.1, 2, 6, 9, 8, 7, 6, 7, 5, 5, 5, 6, 8, 7, 5, 5, 4, 3, 1];
const WEEKEND_SHARE = 0.6;
const BURST_SHARE = 0.3;

/** Share of requests, and of the probe's tries, that fail on any day. */
export const BASELINE_FAILURE_SHARE = 0.01;

/** Mode mix and the median of its latency; the 95th percentile is 2.4 times as much. */
const MODES = [
  { mode: "note", share: 0.45, medianMs: 3000, costUsd: 0.002 },
  { mode: "reminder", share: 0.3, medianMs: 1500, costUsd: 0.0009 },
  { mode: "event", share: 0.13, medianMs: 1900, costUsd: 0.0012 },
  { mode: "research", share: 0.09, medianMs: 6500, costUsd: 0.0044 },
  { mode: "deepthink", share: 0.03, medianMs: 9200, costUsd: 0.0064 },
] as const;

/** Every mode of a {@link SimulatedRequest}. */
export const REQUEST_MODES: readonly string[] = MODES.map(({ mode }) => mode);
const LATENCY_SIGMA = Math.log(2.4) / 1.645;

/** Every outcome of a {@link SimulatedRequest}. */
export const REQUEST_OUTCOMES = [
  "served",
  "degraded",
  "rejected",
  "unauthorized",
  "anonymous",
  "failed",
  "crashed",
  "throttled",
  "unreadable",
  "unreachable",
] as const;

/**
 * What became of a request: a fenced reply is degraded, a wrong field rejected, a token that is not valid
 * unauthorized, a request without one anonymous; `throttled` and `crashed` are Lambda's, the metrics of an
 * unreadable line are lost, and an unreachable URL never hears of it.
 */
export type RequestOutcome = (typeof REQUEST_OUTCOMES)[number];

/** Whether the model answered. */
export function isAnswered(outcome: RequestOutcome): boolean {
  return outcome === "served" || outcome === "degraded";
}

/** What the metrics say of one request; everything that is missing did not happen. */
export interface SimulatedRequest {
  readonly atMs: number;
  readonly durationMs: number;
  readonly costUsd: number;
  readonly outcome: RequestOutcome;
  /** The mode that a user chose; missing where it does not matter. */
  readonly mode?: string;
  /** Further metrics of the agent's line, or other values of them; none when missing. */
  readonly extraMetrics?: Readonly<Record<string, number>>;
  /** How many such requests came at once; one when missing. */
  readonly count?: number;
}

/** Some days of one person's requests; days hold a varying number around `perDay`, fewer at weekends. */
export interface TrafficPlan {
  readonly random: Random;
  readonly perDay: number;
  readonly days: number;
  /** Midnight of a Monday; {@link SIMULATION_START_MS} when missing. */
  readonly startMs?: number;
}

/** Instants of requests, oldest first: by the hour, in bursts, overdispersed from day to day. */
export function requestTimes({
  random,
  perDay,
  days,
  startMs = SIMULATION_START_MS,
}: TrafficPlan): readonly number[] {
  return Array.from({ length: days }, (_, day) => {
    const mean = day % 7 < 5 ? perDay : perDay * WEEKEND_SHARE;
    return requestTimesOfDay(random, overdispersedCount(random, mean), startMs + day * DAY_MS);
  }).flat();
}

/** `count` instants of the day that begins at `midnightMs`, oldest first. */
export function requestTimesOfDay(random: Random, count: number, midnightMs: number): readonly number[] {
  const times: number[] = [];
  for (let n = 0; n < count; n += 1) {
    const before = times[Math.floor(random() * times.length)];
    times.push(
      before !== undefined && random() < BURST_SHARE
        ? before + random() * 60_000
        : midnightMs + (hourOfDay(random) + random()) * HOUR_MS,
    );
  }
  return times.map(Math.floor).toSorted((a, b) => a - b);
}

/** A request as the healthy agent serves it, except for `failing` of them. */
export function healthyRequest(
  random: Random,
  atMs: number,
  failing = BASELINE_FAILURE_SHARE,
): SimulatedRequest {
  const { mode, medianMs, costUsd } = pickByShare(random, MODES);
  const durationMs = medianMs * Math.exp(LATENCY_SIGMA * standardNormal(random));
  const draw = random();
  const outcome =
    draw < failing
      ? "failed"
      : draw < failing + 0.02
        ? "rejected"
        : draw < failing + 0.06
          ? "degraded"
          : "served";
  return { atMs, durationMs, costUsd, outcome, mode };
}

function hourOfDay(random: Random): number {
  let left = random() * 100;
  const hour = HOUR_PERCENT.findIndex((percent) => (left -= percent) < 0);
  return hour < 0 ? 23 : hour;
}
