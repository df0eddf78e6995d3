import { standardNormal, type Random } from "../random.ts";
import type { TimeRange } from "./scenario.ts";

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/**
 * How long points take from their sender to the first read that sees them. AWS publishes no figures: these
 * are assumed.
 */
export const DELAY_MODELS = {
  none: "no point is late: CloudWatch as no account has it",
  prompt: "EMF: median 11 s, p99 36 s, one in 2,000 late by another 60 s and more",
  usual: "EMF: median 22 s, p99 70 s, one in 1,000 late by another 60 s and more",
  slow: "EMF: 10 to 90 s, one in 100 late by another minute in the mean",
} as const;

/** One of {@link DELAY_MODELS}. */
export type DelayModel = keyof typeof DELAY_MODELS;

/**
 * How a metric reaches CloudWatch: a line of a log, a service's own metric, a call of PutMetricData, a bill.
 */
export type MetricRoute = "emf" | "service" | "direct" | "bill";

/** What surrounds the agent on any day, whatever else goes wrong. */
export interface Conditions {
  readonly delays: DelayModel;
  /**
   * Short interruptions that hit people and the probe alike: so many a day in the mean, so long in the mean.
   */
  readonly blips: { readonly perDay: number; readonly meanSeconds: number };
  /** Requests of strangers without a token: from none to so many a day, in clumps. */
  readonly strangersPerDay: number;
  /** Share of the probe's runs that EventBridge Scheduler leaves out. */
  readonly omittedRuns: number;
  /** Share of the probe's runs that start cold. */
  readonly coldRuns: number;
  /**
   * Hours that Lambda keeps an environment of the agent, in the mean; what it remembers of the probe's
   * questions ends with it.
   */
  readonly environmentHours: number;
  /** Seconds from an action to the mail in the inbox, at least and at most. */
  readonly mailSeconds: readonly [number, number];
}

/** CloudWatch, Scheduler, Lambda and the internet as they are on most days. */
export const USUAL_CONDITIONS: Conditions = {
  delays: "usual",
  blips: { perDay: 1, meanSeconds: 20 },
  strangersPerDay: 50,
  omittedRuns: 1 / 10_000,
  coldRuns: 1 / 100,
  environmentHours: 4,
  mailSeconds: [2, 10],
};

/** Nothing is late, nobody else calls, nothing interrupts: what an alarm does by itself. */
export const IDEAL_CONDITIONS: Conditions = {
  delays: "none",
  blips: { perDay: 0, meanSeconds: 0 },
  strangersPerDay: 0,
  omittedRuns: 0,
  coldRuns: 0,
  environmentHours: Infinity,
  mailSeconds: [0, 0],
};

interface LogNormalDelay {
  readonly medianMs: number;
  readonly p99Ms: number;
  readonly lateShare: number;
}

const P99_SIGMAS = 2.326;
const LATE_BY_MS = MINUTE_MS;
const LATE_TAIL_MS = 90 * SECOND_MS;

/** How late lines of a log become points where the delay is drawn from a log-normal distribution. */
export const LINE_DELAYS = {
  prompt: { medianMs: 11 * SECOND_MS, p99Ms: 36 * SECOND_MS, lateShare: 1 / 2000 },
  usual: { medianMs: 22 * SECOND_MS, p99Ms: 70 * SECOND_MS, lateShare: 1 / 1000 },
} as const satisfies Readonly<Partial<Record<DelayModel, LogNormalDelay>>>;

/** A draw of how long a point takes on its route, in milliseconds. */
export function delayMs(random: Random, model: DelayModel, route: MetricRoute): number {
  if (model === "none") return 0;
  if (route === "direct") return uniform(random, SECOND_MS, 5 * SECOND_MS);
  if (route === "service") return uniform(random, MINUTE_MS, 3 * MINUTE_MS);
  if (route === "bill") return uniform(random, HOUR_MS / 2, 6 * HOUR_MS);
  return model === "slow" ? slowDelayMs(random) : logNormalDelayMs(random, LINE_DELAYS[model]);
}

function logNormalDelayMs(random: Random, { medianMs, p99Ms, lateShare }: LogNormalDelay): number {
  const sigma = Math.log(p99Ms / medianMs) / P99_SIGMAS;
  const usualMs = medianMs * Math.exp(sigma * standardNormal(random));
  return random() < lateShare ? usualMs + LATE_BY_MS + exponentialDelay(random, LATE_TAIL_MS) : usualMs;
}

function slowDelayMs(random: Random): number {
  const usualMs = uniform(random, 10 * SECOND_MS, 90 * SECOND_MS);
  return random() < 0.01 ? usualMs + exponentialDelay(random, MINUTE_MS) : usualMs;
}

/** A draw of when a mail arrives after its action, in milliseconds. */
export function mailDelayMs(random: Random, { mailSeconds: [least, most] }: Conditions): number {
  return uniform(random, least * SECOND_MS, most * SECOND_MS);
}

/** Its length is the sum of four exponential ones: half of the mean is one standard deviation. */
const BLIP_STAGES = 4;

/** The short interruptions of a span, oldest first. */
export function blipsOf(random: Random, { blips }: Conditions, span: TimeRange): readonly TimeRange[] {
  const found: TimeRange[] = [];
  if (blips.perDay <= 0) return found;
  const everyMs = DAY_MS / blips.perDay;
  const stageMs = (blips.meanSeconds * SECOND_MS) / BLIP_STAGES;
  for (let beginMs = span.beginMs + exponentialDelay(random, everyMs); beginMs < span.endMs;) {
    let endMs = beginMs;
    for (let stage = 0; stage < BLIP_STAGES; stage += 1) endMs += exponentialDelay(random, stageMs);
    found.push({ beginMs, endMs });
    beginMs = endMs + exponentialDelay(random, everyMs);
  }
  return found;
}

const MAX_CLUMP = 25;
const MAX_CLUMP_PAUSE_MS = 10 * SECOND_MS;

/** When strangers call on the day that begins at `midnightMs`. */
export function strangerTimes(
  random: Random,
  { strangersPerDay }: Conditions,
  midnightMs: number,
): readonly number[] {
  const times: number[] = [];
  const count = Math.floor(random() * (strangersPerDay + 1));
  while (times.length < count) {
    let atMs = midnightMs + random() * DAY_MS;
    for (let left = 1 + Math.floor(random() * MAX_CLUMP); left > 0 && times.length < count; left -= 1) {
      times.push(Math.floor(atMs));
      atMs += random() * MAX_CLUMP_PAUSE_MS;
    }
  }
  return times;
}

function uniform(random: Random, least: number, most: number): number {
  return least + random() * (most - least);
}

/** A draw of how long it takes to something that happens at any time. */
export function exponentialDelay(random: Random, mean: number): number {
  return -Math.log(1 - random()) * mean;
}
