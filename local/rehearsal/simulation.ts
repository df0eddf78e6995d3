import {
  requestTimes,
  healthyRequest,
  SIMULATION_START_MS,
  type SimulatedRequest,
  type RequestOutcome,
} from "./synthetic-traffic.ts";
import { metricsOfRequest, metricsOfProbeRequest, type PublishedMetrics } from "./published-metrics.ts";
import { seededRandom, type Random } from "../random.ts";
import type { FaultScenario, TimeRange } from "./scenario.ts";

const SECOND_MS = 1000;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Days before a fault may begin, so that every window is full, and days after its end to come back in. */
const DAYS_BEFORE = 2;
const DAYS_AFTER = 2;

/** Share of requests, and of the probe's tries, that fail on any day. */
const BASELINE_FAILURE_SHARE = 0.01;

/** When the tries of a run begin: pauses of two and four seconds, and an answer of one. */
const PROBE_ANSWER_MS = SECOND_MS;
const PROBE_TRIES_MS = [0, 3 * SECOND_MS, 8 * SECOND_MS] as const;

/** Whoever gets no answer tries again so often, at most so many times, and so soon. */
const RETRY_PROBABILITY = 0.7;
const MAX_TRIES = 4;
const MIN_RETRY_PAUSE_MS = 15 * SECOND_MS;
const MAX_RETRY_PAUSE_MS = 60 * SECOND_MS;

/** Outcomes after which a person holds no note in the hand. */
const UNANSWERED: ReadonlySet<RequestOutcome> = new Set(["failed", "crashed", "throttled", "unreachable"]);

/** What to simulate. */
export interface SimulationPlan {
  readonly scenario: FaultScenario;
  readonly perDay: number;
  readonly days: number;
  readonly seed: number;
  /** Minutes between two runs of the probe; 0 where there is none. */
  readonly probeMinutes: number;
  /** When the handler gives up, milliseconds after the request. */
  readonly deadlineMs: number;
}

/** Some days as CloudWatch hears of them. */
export interface Simulation {
  /** Oldest first. */
  readonly published: readonly PublishedMetrics[];
  readonly endMs: number;
  /** Missing where nothing goes wrong. */
  readonly fault?: TimeRange;
  /** When the fault first touched a request of somebody; missing where it never did. */
  readonly firstAffectedMs?: number;
}

/** The least days that hold a scenario with quiet days on both sides. */
export function minSimulationDays({ durationHours: lastsHours }: FaultScenario): number {
  return DAYS_BEFORE + Math.ceil(lastsHours / 24) + 1 + DAYS_AFTER;
}

/** Simulates some days; the same plan always gives the same simulation. */
export function simulate(plan: SimulationPlan): Simulation {
  const random = seededRandom(plan.seed);
  const fault = faultRange(plan, random);
  const day = { random, perDay: plan.perDay, days: plan.days };
  const person = requestTimes(day).flatMap((atMs) => requestWithRetries(atMs, { plan, fault, random }));
  const extra = fault === undefined ? [] : (plan.scenario.extraTraffic?.(fault, random) ?? []);
  const requests = [...person, ...extra];
  const touched = requests.filter(({ atMs }) => fault !== undefined && isWithin(fault, atMs));
  const { injectFault, extraTraffic } = plan.scenario;
  const endMs = SIMULATION_START_MS + plan.days * DAY_MS;
  const published = [
    ...requests.flatMap(metricsOfRequest),
    ...probeRuns({ plan, fault, random }),
    ...chargesOf(requests, endMs),
  ];
  return {
    published: published.sort((a, b) => a.atMs - b.atMs),
    endMs,
    ...(fault && { fault }),
    ...((injectFault ?? extraTraffic) && touched.length > 0 && { firstAffectedMs: earliestMs(touched) }),
  };
}

function earliestMs(requests: readonly SimulatedRequest[]): number {
  return requests.reduce((least, { atMs }) => Math.min(least, atMs), Infinity);
}

/** At any minute of any hour: faults do not wait for daylight. */
function faultRange({ scenario, days }: SimulationPlan, random: Random): TimeRange | undefined {
  if (scenario.durationHours === 0) return undefined;
  const lastsMs = scenario.durationHours * HOUR_MS;
  const free = (days - DAYS_BEFORE - DAYS_AFTER) * DAY_MS - lastsMs;
  const beginMs = SIMULATION_START_MS + DAYS_BEFORE * DAY_MS + Math.floor(random() * Math.max(0, free));
  return { beginMs, endMs: beginMs + lastsMs };
}

function isWithin({ beginMs, endMs }: TimeRange, atMs: number): boolean {
  return atMs >= beginMs && atMs < endMs;
}

interface SimulationContext {
  readonly plan: SimulationPlan;
  readonly fault: TimeRange | undefined;
  readonly random: Random;
}

/** A request, and the tries that follow while nothing comes back. */
function requestWithRetries(firstMs: number, context: SimulationContext): readonly SimulatedRequest[] {
  const { random } = context;
  const tries = [simulatedRequestAt(firstMs, context)];
  for (let last = tries[0]; last !== undefined && tries.length < MAX_TRIES; last = tries.at(-1)) {
    if (!UNANSWERED.has(last.outcome) || random() >= RETRY_PROBABILITY) break;
    const pauseMs = MIN_RETRY_PAUSE_MS + Math.floor(random() * (MAX_RETRY_PAUSE_MS - MIN_RETRY_PAUSE_MS));
    tries.push(simulatedRequestAt(last.atMs + pauseMs, context));
  }
  return tries;
}

function simulatedRequestAt(atMs: number, { plan, fault, random }: SimulationContext): SimulatedRequest {
  const request = healthyRequest(random, atMs, BASELINE_FAILURE_SHARE);
  const isWrong = fault !== undefined && isWithin(fault, atMs);
  const simulated = isWrong ? (plan.scenario.injectFault?.(request, random) ?? request) : request;
  if (simulated.durationMs <= plan.deadlineMs) return simulated;
  return { ...simulated, durationMs: plan.deadlineMs, outcome: "failed" };
}

const failedRequest = (request: SimulatedRequest): SimulatedRequest => ({ ...request, outcome: "failed" });

/** Chance that lets happen whatever may happen. */
const alwaysZero: Random = () => 0;

/** The runs of the probe, and what the agent says of each try. */
function probeRuns(context: SimulationContext): readonly PublishedMetrics[] {
  const { plan, fault, random } = context;
  if (plan.probeMinutes === 0) return [];
  const everyMs = plan.probeMinutes * MINUTE_MS;
  const published: PublishedMetrics[] = [];
  for (
    let atMs = SIMULATION_START_MS + Math.floor(random() * everyMs);
    atMs < SIMULATION_START_MS + plan.days * DAY_MS;
    atMs += everyMs
  ) {
    const isWrong = fault !== undefined && isWithin(fault, atMs);
    if (!isWrong || plan.scenario.probe !== "silent") published.push(...probeRunAt(atMs, isWrong, context));
  }
  return published;
}

/** Tries until one is answered; a run whose tries all fail says 1. */
function probeRunAt(
  atMs: number,
  isWrong: boolean,
  { plan, random }: SimulationContext,
): readonly PublishedMetrics[] {
  const { probe, injectFault } = isWrong ? plan.scenario : {};
  const share = typeof probe === "number" ? probe : BASELINE_FAILURE_SHARE;
  const wrong = typeof probe === "number" ? (injectFault ?? failedRequest) : failedRequest;
  const all = PROBE_TRIES_MS.map((afterMs): SimulatedRequest => {
    const served = {
      atMs: atMs + afterMs,
      durationMs: PROBE_ANSWER_MS,
      costUsd: 0,
      outcome: "served",
    } as const;
    return random() < share ? wrong(served, alwaysZero) : served;
  });
  const answered = all.findIndex(({ outcome }) => !UNANSWERED.has(outcome));
  const tries = answered < 0 ? all : all.slice(0, answered + 1);
  const values = { Failure: answered < 0 ? 1 : 0 };
  return [...tries.flatMap(metricsOfProbeRequest), { publisher: "probe", atMs, values }];
}

const CHARGES_EVERY_MS = 6 * HOUR_MS;

/** The month's charges so far, every six hours: what the model cost, from 0 on the first day. */
function chargesOf(requests: readonly SimulatedRequest[], endMs: number): readonly PublishedMetrics[] {
  const figures: PublishedMetrics[] = [];
  const oldestFirst = requests.toSorted((a, b) => a.atMs - b.atMs);
  let usd = 0;
  let next = 0;
  for (let atMs = SIMULATION_START_MS + CHARGES_EVERY_MS; atMs < endMs; atMs += CHARGES_EVERY_MS) {
    for (let paid = oldestFirst[next]; paid !== undefined && paid.atMs < atMs; paid = oldestFirst[next]) {
      usd += paid.outcome === "served" || paid.outcome === "degraded" ? paid.costUsd : 0;
      next += 1;
    }
    figures.push({ publisher: "billing", atMs, values: { EstimatedCharges: usd } });
  }
  return figures;
}
