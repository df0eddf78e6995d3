import { overdispersedCount, type Random } from "../random.ts";
import {
  healthyRequest,
  requestTimes,
  SIMULATION_START_MS,
  type SimulatedRequest,
  type TrafficPlan,
} from "./synthetic-traffic.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Who asks, and how often. */
export const TRAFFIC_MODELS = {
  personal:
    "one person with a watch: --requests-per-day on weekdays (30), fewer at weekends, in bursts, hardly any at night",
  office:
    "colleagues on weekdays from 8 to 18 h UTC: --requests-per-day (1,000), one in a hundred of it at weekends",
  busy: "ten requests a second, day and night, drawn as one every two seconds that counts twenty times",
  silent: "nobody asks: only the probe and strangers do",
} as const;

/** One of {@link TRAFFIC_MODELS}, or `recorded`: what a journal or saved metrics hold. */
export type TrafficName = keyof typeof TRAFFIC_MODELS | "recorded";

/** Traffic as plain data. */
export interface Traffic {
  readonly name: TrafficName;
  /** On a weekday. */
  readonly perDay: number;
  /** Only of `recorded`. */
  readonly recording?: Recording;
}

/** Requests of somebody, oldest first, over whole days that begin at midnight (UTC). */
export interface Recording {
  readonly requests: readonly SimulatedRequest[];
  readonly startMs: number;
  readonly days: number;
}

/** Requests on a weekday where nobody says how many. */
export const USUAL_PER_DAY: Readonly<Record<keyof typeof TRAFFIC_MODELS, number>> = {
  personal: 30,
  office: 1000,
  busy: 864_000,
  silent: 0,
};

/** A simulated request of `busy` stands for so many. */
const BUSY_COUNT = 20;

/** What a simulation draws its requests from. */
export interface TrafficSource {
  readonly requestTimes: (plan: TrafficPlan) => readonly number[];
  readonly request: (random: Random, atMs: number) => SimulatedRequest;
}

/** Requests of a traffic model. */
export function trafficSource({ name, recording }: Traffic): TrafficSource {
  if (name === "recorded") return recordedSource(recording ?? { requests: [], startMs: 0, days: 1 });
  return SOURCES[name];
}

const usualRequest: TrafficSource["request"] = (random, atMs) => healthyRequest(random, atMs);

const SOURCES: Readonly<Record<keyof typeof TRAFFIC_MODELS, TrafficSource>> = {
  personal: { requestTimes, request: usualRequest },
  office: { requestTimes: officeTimes, request: usualRequest },
  busy: {
    requestTimes: busyTimes,
    request: (random, atMs) => ({ ...healthyRequest(random, atMs), count: BUSY_COUNT }),
  },
  silent: { requestTimes: () => [], request: usualRequest },
};

const OFFICE_BEGIN_HOUR = 8;
const OFFICE_HOURS = 10;
const OFFICE_WEEKEND_SHARE = 0.01;

function officeTimes({
  random,
  perDay,
  days,
  startMs = SIMULATION_START_MS,
}: TrafficPlan): readonly number[] {
  return Array.from({ length: days }, (_, day) => {
    const mean = day % 7 < 5 ? perDay : perDay * OFFICE_WEEKEND_SHARE;
    const opensMs = startMs + day * DAY_MS + OFFICE_BEGIN_HOUR * HOUR_MS;
    return uniformTimes(random, overdispersedCount(random, mean), {
      fromMs: opensMs,
      lengthMs: OFFICE_HOURS * HOUR_MS,
    });
  }).flat();
}

function busyTimes({ random, perDay, days, startMs = SIMULATION_START_MS }: TrafficPlan): readonly number[] {
  const count = Math.round((perDay * days) / BUSY_COUNT);
  return uniformTimes(random, count, { fromMs: startMs, lengthMs: days * DAY_MS });
}

function uniformTimes(
  random: Random,
  count: number,
  { fromMs, lengthMs }: { readonly fromMs: number; readonly lengthMs: number },
): readonly number[] {
  return Array.from({ length: count }, () => fromMs + Math.floor(random() * lengthMs)).sort((a, b) => a - b);
}

/** The recording over and over; a week and more begins on the weekday of the simulation. */
function recordedSource({ requests, startMs: recordedMs, days: recordedDays }: Recording): TrafficSource {
  const byTime = new Map<number, SimulatedRequest>();
  return {
    requestTimes: ({ days, startMs = SIMULATION_START_MS }) => {
      byTime.clear();
      const shift = recordedDays >= 7 ? weekdayShift(startMs - recordedMs) : 0;
      const lengthMs = recordedDays * DAY_MS;
      for (let round = 0; round * recordedDays < days + recordedDays; round += 1)
        for (const request of requests) {
          const atMs = request.atMs - recordedMs - shift * DAY_MS + round * lengthMs + startMs;
          if (atMs >= startMs && atMs < startMs + days * DAY_MS) byTime.set(atMs, { ...request, atMs });
        }
      return [...byTime.keys()].sort((a, b) => a - b);
    },
    request: (random, atMs) => byTime.get(atMs) ?? healthyRequest(random, atMs),
  };
}

/** Days by which a recording must be moved so that its weekdays are those of the simulation. */
function weekdayShift(apartMs: number): number {
  const days = Math.round(apartMs / DAY_MS);
  return ((days % 7) + 7) % 7;
}
