import { seededRandom } from "../random.ts";
import { type Conditions, delayMs, type MetricRoute, strangerTimes } from "./conditions.ts";
import { type ProbeRun, probeRuns, withinDeadline } from "./probe-runs.ts";
import { metricsOfRequest, type Publisher, type PublishedMetrics } from "./published-metrics.ts";
import type { TimeRange } from "./scenario.ts";
import {
  interruptedRequest,
  simulatedWorld,
  type SimulatedWorld,
  type SimulationPlan,
} from "./simulated-world.ts";
import {
  healthyRequest,
  isAnswered,
  type RequestOutcome,
  requestTimes,
  type SimulatedRequest,
} from "./synthetic-traffic.ts";

const SECOND_MS = 1000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Whoever gets no answer tries again so often, at most so many times, and so soon after the answer. */
const RETRY_PROBABILITY = 0.7;
const MAX_TRIES = 4;
const MIN_RETRY_PAUSE_MS = 15 * SECOND_MS;
const MAX_RETRY_PAUSE_MS = 60 * SECOND_MS;

/** Outcomes after which a user holds no note in the hand. */
const UNANSWERED: ReadonlySet<RequestOutcome> = new Set(["failed", "crashed", "throttled", "unreachable"]);

/** Metrics with the time from which CloudWatch shows them. */
export interface VisibleMetrics extends PublishedMetrics {
  readonly visibleMs: number;
}

/** Some days as CloudWatch hears of them. */
export interface Simulation {
  /** In the order in which they become visible. */
  readonly published: readonly VisibleMetrics[];
  /** What users asked, tries included. */
  readonly requests: readonly SimulatedRequest[];
  readonly probeRuns: readonly ProbeRun[];
  readonly startMs: number;
  readonly endMs: number;
  /** From the first begin of a fault to its last end; missing where nothing goes wrong. */
  readonly fault?: TimeRange;
  /** Each time that it goes wrong, oldest first. */
  readonly faults: readonly TimeRange[];
  /** Short interruptions, which are no fault. */
  readonly blips: readonly TimeRange[];
  /** When the fault first touched a request of a user; missing where it never did. */
  readonly firstAffectedMs?: number;
  /** Decides the chance that follows: phases of alarms, delays of mails. */
  readonly seed: number;
  readonly conditions: Conditions;
}

/** Simulates some days; the same plan always gives the same simulation. */
export function simulate(plan: SimulationPlan): Simulation {
  const world = simulatedWorld(plan);
  const traffic = trafficIn(world);
  const published = publishedOf(traffic.requests, traffic.probeRuns, world);
  return { ...traffic, published: inOrderOfSight(published, world.startMs) };
}

/** Some days without what CloudWatch hears of them, which takes most of the time. */
export type SimulatedTraffic = Omit<Simulation, "published">;

/** The traffic of {@link simulate}, for who asks nothing of CloudWatch. */
export function simulateTraffic(plan: SimulationPlan): SimulatedTraffic {
  return trafficIn(simulatedWorld(plan));
}

function trafficIn(world: SimulatedWorld): SimulatedTraffic {
  const { faults, blips, startMs, endMs } = world;
  const { seed, conditions } = world.plan;
  const requests = userRequests(world);
  return {
    requests,
    probeRuns: probeRuns(world, requests),
    startMs,
    endMs,
    faults,
    blips,
    seed,
    conditions,
    ...wholeFault(faults),
    ...firstAffected(requests, world),
  };
}

const MINUTE_MS = 60 * SECOND_MS;

/** Sorts by minutes first, since there are a hundred thousand of them and a few in each. */
function inOrderOfSight(published: Iterable<VisibleMetrics>, startMs: number): readonly VisibleMetrics[] {
  const minutes: (VisibleMetrics[] | undefined)[] = [];
  for (const metrics of published) {
    const minute = Math.max(0, Math.floor((metrics.visibleMs - startMs) / MINUTE_MS));
    (minutes[minute] ??= []).push(metrics);
  }
  const sorted: VisibleMetrics[] = [];
  for (const minute of minutes) sorted.push(...(minute ?? []).sort((a, b) => a.visibleMs - b.visibleMs));
  return sorted;
}

function wholeFault(faults: readonly TimeRange[]): Pick<Simulation, "fault"> {
  const [first] = faults;
  return first === undefined
    ? {}
    : { fault: { beginMs: first.beginMs, endMs: faults.at(-1)?.endMs ?? first.endMs } };
}

function firstAffected(
  requests: readonly SimulatedRequest[],
  { plan: { scenario }, troubleAt }: SimulatedWorld,
): Pick<Simulation, "firstAffectedMs"> {
  if (scenario.injectFault === undefined && scenario.extraTraffic === undefined) return {};
  let firstMs = Infinity;
  for (const { atMs } of requests) if (atMs < firstMs && troubleAt(atMs) === "fault") firstMs = atMs;
  return firstMs === Infinity ? {} : { firstAffectedMs: firstMs };
}

/** Requests with a token: those of users, and what the scenario adds. */
function userRequests(world: SimulatedWorld): readonly SimulatedRequest[] {
  const { plan, random, startMs, faults } = world;
  const times = (plan.requestTimes ?? requestTimes)({
    random,
    perDay: plan.perDay,
    days: Math.ceil(plan.days),
    startMs,
  });
  const extra = faults.flatMap((fault) => plan.scenario.extraTraffic?.(fault, random) ?? []);
  return [...times.flatMap((atMs) => requestWithRetries(atMs, world)), ...extra];
}

/** A request, and the tries that follow while nothing comes back. */
function requestWithRetries(firstMs: number, world: SimulatedWorld): readonly SimulatedRequest[] {
  const { random } = world;
  const tries = [requestAt(firstMs, world)];
  for (let last = tries[0]; last !== undefined && tries.length < MAX_TRIES; last = tries.at(-1)) {
    if (!UNANSWERED.has(last.outcome) || random() >= RETRY_PROBABILITY) break;
    const pauseMs = MIN_RETRY_PAUSE_MS + Math.floor(random() * (MAX_RETRY_PAUSE_MS - MIN_RETRY_PAUSE_MS));
    tries.push(requestAt(last.atMs + Math.round(last.durationMs) + pauseMs, world));
  }
  return tries;
}

function requestAt(atMs: number, { plan, random, troubleAt }: SimulatedWorld): SimulatedRequest {
  const healthy = (plan.request ?? healthyRequest)(random, atMs);
  const trouble = troubleAt(atMs);
  if (trouble === "blip") return interruptedRequest(healthy);
  const request = trouble === undefined ? healthy : (plan.scenario.injectFault?.(healthy, random) ?? healthy);
  return withinDeadline(request, plan.deadlineMs);
}

/** Everything that anybody publishes, each with the time from which it can be read. */
function* publishedOf(
  requests: readonly SimulatedRequest[],
  runs: readonly ProbeRun[],
  world: SimulatedWorld,
): Generator<VisibleMetrics> {
  const { plan } = world;
  const late = lateness(plan);
  for (const request of requests)
    for (const metrics of metricsOfRequest(request)) yield late(metrics, request.atMs + request.durationMs);
  for (const request of strangerRequests(world))
    for (const metrics of metricsOfRequest(request)) yield late(metrics, request.atMs);
  for (const { endMs, ofTries, ofRun } of runs) {
    for (const metrics of ofTries) yield late(metrics, endMs);
    yield late(ofRun, endMs, plan.probe?.publishes);
  }
  for (const charges of chargesOf(requests, world)) yield late(charges, charges.atMs);
}

const ROUTE: Readonly<Record<Publisher, MetricRoute>> = {
  lambda: "service",
  logs: "service",
  agent: "emf",
  probe: "emf",
  billing: "bill",
};

/** Delays have chances of their own, so that the days stay the same whatever is late. */
const DELAY_SEED = 0x5eed;

type Late = (metrics: PublishedMetrics, sentMs: number, route?: MetricRoute) => VisibleMetrics;

function lateness({ seed, conditions }: SimulationPlan): Late {
  const random = seededRandom(seed ^ DELAY_SEED);
  return ({ publisher, atMs, values, count }, sentMs, route = ROUTE[publisher]) => {
    const visibleMs = sentMs + delayMs(random, conditions.delays, route);
    return count === undefined
      ? { publisher, atMs, values, visibleMs }
      : { publisher, atMs, values, count, visibleMs };
  };
}

/** What a request of a stranger comes to: refused within milliseconds, as it has no token. */
const STRANGER = { durationMs: 5, costUsd: 0, outcome: "anonymous" } as const;

function strangerRequests({ plan, random, startMs }: SimulatedWorld): readonly SimulatedRequest[] {
  return Array.from({ length: Math.ceil(plan.days) }, (_, day) =>
    strangerTimes(random, plan.conditions, startMs + day * DAY_MS),
  ).flatMap((times) => times.map((atMs) => ({ ...STRANGER, atMs })));
}

const CHARGES_EVERY_MS = 6 * HOUR_MS;

/** The month's charges so far, every six hours: what the model cost, from 0 on the first day. */
function chargesOf(
  requests: readonly SimulatedRequest[],
  { startMs, endMs }: SimulatedWorld,
): readonly PublishedMetrics[] {
  const figures: PublishedMetrics[] = [];
  const oldestFirst = requests.toSorted((a, b) => a.atMs - b.atMs);
  let usd = 0;
  let next = 0;
  for (let atMs = startMs + CHARGES_EVERY_MS; atMs < endMs; atMs += CHARGES_EVERY_MS) {
    for (let paid = oldestFirst[next]; paid !== undefined && paid.atMs < atMs; paid = oldestFirst[next]) {
      usd += isAnswered(paid.outcome) ? paid.costUsd * (paid.count ?? 1) : 0;
      next += 1;
    }
    figures.push({ publisher: "billing", atMs, values: { EstimatedCharges: usd } });
  }
  return figures;
}
