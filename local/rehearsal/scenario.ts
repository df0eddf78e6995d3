import type { SimulatedRequest } from "./synthetic-traffic.ts";
import type { Random } from "../random.ts";

/** Instants from `beginMs` (inclusive) to `endMs` (exclusive), epoch milliseconds. */
export interface TimeRange {
  readonly beginMs: number;
  readonly endMs: number;
}

/** Something that goes wrong for a while, or nothing. */
export interface FaultScenario {
  readonly name: string;
  /** What happens, in a sentence that begins in lower case. */
  readonly description: string;
  /** 0 where nothing goes wrong. */
  readonly durationHours: number;
  /** Goes wrong several times, so many minutes at least and at most apart; once when missing. */
  readonly repeats?: { readonly times: number; readonly gapMinutes: readonly [number, number] };
  /** When it begins, within the given times; at any instant of them when missing. */
  readonly beginsAt?: (within: TimeRange, random: Random) => number;
  /** What becomes of a user's request while it lasts; it goes as on any day when missing. */
  readonly injectFault?: (request: SimulatedRequest, random: Random) => SimulatedRequest;
  /** Requests beside the usual traffic; none when missing. */
  readonly extraTraffic?: (span: TimeRange, random: Random) => readonly SimulatedRequest[];
  /**
   * `model` where the agent itself is well, so that its health check succeeds; the whole agent when missing.
   */
  readonly reach?: "model" | "agent";
  /**
   * The one mode that it affects: of the probe's questions to the model those of this mode in full; every
   * request when missing.
   */
  readonly mode?: string;
  /**
   * Share of the probe's tries that it affects too, or that the probe does not run; as on any day when
   * missing.
   */
  readonly probe?: number | "silent";
}

type FaultInjection = NonNullable<FaultScenario["injectFault"]>;

const withOutcome =
  (
    outcome: SimulatedRequest["outcome"],
    extraMetrics: SimulatedRequest["extraMetrics"] = {},
  ): FaultInjection =>
  (request) => ({ ...request, outcome, extraMetrics: { ...request.extraMetrics, ...extraMetrics } });

/** The fault hits so large a share of requests, by chance. */
const forShare =
  (share: number, change: FaultInjection): FaultInjection =>
  (request, random) =>
    random() < share ? change(request, random) : request;

/** The fault hits the requests of one mode. */
export const forMode =
  (mode: string, change: FaultInjection): FaultInjection =>
  (request, random) =>
    request.mode === mode ? change(request, random) : request;

/** So many requests an hour that come at any time of the span. */
const flood =
  (perHour: number, request: Omit<SimulatedRequest, "atMs">): NonNullable<FaultScenario["extraTraffic"]> =>
  ({ beginMs, endMs }, random) => {
    const count = Math.round((perHour * (endMs - beginMs)) / 3_600_000);
    const instants = Array.from({ length: count }, () => beginMs + Math.floor(random() * (endMs - beginMs)));
    return instants.map((atMs) => ({ ...request, atMs }));
  };

const DAY_HOURS = 24;

/** Lambda's limit, and far beyond any handler's deadline. */
const LAMBDA_TIMEOUT_MS = 30_000;
const FOR_EVER_MS = 3_600_000;

/** Until the handler's deadline, which makes it a failure. */
const hanging: FaultInjection = (request) => ({ ...request, durationMs: FOR_EVER_MS });

/** Everything that can be rehearsed, by what a person would call it. */
export const FAULT_SCENARIOS: readonly FaultScenario[] = [
  {
    name: "healthy",
    description: "1 % of the requests fail by bad luck, and nothing else goes wrong",
    durationHours: 0,
  },
  {
    name: "outage",
    description:
      "every request and every try of the probe fails for a day, because the model does not answer",
    durationHours: DAY_HOURS,
    injectFault: withOutcome("failed"),
    probe: 1,
    reach: "model",
  },
  {
    name: "model-hangs",
    description: "the model takes every question for a day and answers none",
    durationHours: DAY_HOURS,
    injectFault: hanging,
    probe: 1,
    reach: "model",
  },
  {
    name: "model-throttled",
    description: "Bedrock throttles every attempt for a day",
    durationHours: DAY_HOURS,
    injectFault: (request) => ({ ...request, outcome: "failed", durationMs: 6000 }),
    probe: 1,
    reach: "model",
  },
  {
    name: "unreachable",
    description: "nothing reaches the function for a day: name, certificate or address is gone",
    durationHours: DAY_HOURS,
    injectFault: withOutcome("unreachable"),
    probe: 1,
  },
  {
    name: "configuration",
    description: "the model is refused for a day: no access, or no such profile",
    durationHours: DAY_HOURS,
    injectFault: withOutcome("failed", { ConfigFault: 1 }),
    probe: 1,
    reach: "model",
  },
  {
    name: "crash",
    description: "the function crashes on every request for a day",
    durationHours: DAY_HOURS,
    injectFault: withOutcome("crashed"),
    probe: 1,
  },
  {
    name: "function-hangs",
    description: "every request hangs in the function for a day, until Lambda stops it",
    durationHours: DAY_HOURS,
    injectFault: (request) => ({ ...request, outcome: "crashed", durationMs: LAMBDA_TIMEOUT_MS }),
    probe: 1,
  },
  {
    name: "no-concurrency",
    description: "Lambda refuses every request for a day, because the account's concurrency is used up",
    durationHours: DAY_HOURS,
    injectFault: withOutcome("throttled"),
    probe: 1,
  },
  {
    name: "throttling",
    description: "Bedrock throttles four of five requests for an hour",
    durationHours: 1,
    injectFault: forShare(0.8, withOutcome("failed")),
    probe: 0.8,
    reach: "model",
  },
  {
    name: "failing-share",
    description: "30 % of the requests fail for two days",
    durationHours: 2 * DAY_HOURS,
    injectFault: forShare(0.3, withOutcome("failed")),
    probe: 0.3,
    reach: "model",
  },
  {
    name: "failing-tenth",
    description: "10 % of the requests fail for a day",
    durationHours: DAY_HOURS,
    injectFault: forShare(0.1, withOutcome("failed")),
    probe: 0.1,
    reach: "model",
  },
  {
    name: "research-fails",
    description:
      "every request for research fails for two days, the probe's question of that mode too, and nothing else does",
    durationHours: 2 * DAY_HOURS,
    injectFault: forMode("research", withOutcome("failed")),
    mode: "research",
    probe: 1,
    reach: "model",
  },
  {
    name: "users-crash",
    description:
      "the function crashes on three of ten requests of users for two days, and never on the probe's",
    durationHours: 2 * DAY_HOURS,
    injectFault: forShare(0.3, withOutcome("crashed")),
  },
  {
    name: "second-outage",
    description:
      "the function crashes on every request for two hours, and again half an hour to six hours later",
    durationHours: 2,
    repeats: { times: 2, gapMinutes: [30, 360] },
    injectFault: withOutcome("crashed"),
    probe: 1,
  },
  {
    name: "latency",
    description: "everything takes five times as long for two days",
    durationHours: 2 * DAY_HOURS,
    injectFault: (request) => ({ ...request, durationMs: 5 * request.durationMs }),
    reach: "model",
  },
  {
    name: "degraded",
    description: "half of the replies have to be repaired for three days, because the model changed",
    durationHours: 3 * DAY_HOURS,
    injectFault: forShare(0.5, withOutcome("degraded")),
  },
  {
    name: "stale-token",
    description:
      "a Shortcut keeps the replaced token for two days after its grace time, and every request is refused",
    durationHours: 2 * DAY_HOURS,
    injectFault: withOutcome("unauthorized", { PreviousToken: 1 }),
  },
  {
    name: "scanner",
    description: "a stranger tries the address 300 times an hour for two hours",
    durationHours: 2,
    extraTraffic: flood(300, { durationMs: 5, costUsd: 0, outcome: "unauthorized" }),
  },
  {
    name: "runaway",
    description: "a Shortcut loops ten times a minute for three hours",
    durationHours: 3,
    extraTraffic: flood(600, { durationMs: 2000, costUsd: 0.002, outcome: "served" }),
  },
  {
    name: "cost-creep",
    description: "every request thinks for twenty times its price for three days",
    durationHours: 3 * DAY_HOURS,
    injectFault: (request) => ({ ...request, costUsd: 20 * request.costUsd }),
  },
  {
    name: "lost-metrics",
    description: "the agent's lines do not become metrics for a day",
    durationHours: DAY_HOURS,
    injectFault: withOutcome("unreadable"),
    probe: 1,
  },
  {
    name: "probe-dead",
    description: "the probe does not run for a day, and the agent is well",
    durationHours: DAY_HOURS,
    probe: "silent",
  },
];
