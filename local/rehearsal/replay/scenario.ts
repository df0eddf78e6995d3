import type { DictatedRequest } from "../traffic/dictating-days.ts";
import type { Random } from "../traffic/random.ts";

/** Instants from `beginMs` (inclusive) to `endMs` (exclusive), epoch milliseconds. */
export interface Span {
  readonly beginMs: number;
  readonly endMs: number;
}

/** Something that goes wrong for a while, or nothing. */
export interface Scenario {
  readonly name: string;
  /** What happens, in a sentence that begins in lower case. */
  readonly says: string;
  /** 0 where nothing goes wrong. */
  readonly lastsHours: number;
  /** What becomes of a person's request while it lasts; it goes as on any day when missing. */
  readonly befalls?: (request: DictatedRequest, random: Random) => DictatedRequest;
  /** Requests that nobody dictated; none when missing. */
  readonly intrudes?: (span: Span, random: Random) => readonly DictatedRequest[];
  /** Share of the probe's tries that it befalls too, or that the probe does not run; as on any day when missing. */
  readonly probe?: number | "silent";
}

type Change = NonNullable<Scenario["befalls"]>;

const ending =
  (fate: DictatedRequest["fate"], also: DictatedRequest["also"] = {}): Change =>
  (request) => ({ ...request, fate, also: { ...request.also, ...also } });

/** The change befalls so large a share of requests, by chance. */
const some =
  (share: number, change: Change): Change =>
  (request, random) =>
    random() < share ? change(request, random) : request;

/** So many requests an hour that come at any time of the span. */
const flood =
  (perHour: number, request: Omit<DictatedRequest, "atMs">): NonNullable<Scenario["intrudes"]> =>
  ({ beginMs, endMs }, random) => {
    const count = Math.round((perHour * (endMs - beginMs)) / 3_600_000);
    const instants = Array.from({ length: count }, () => beginMs + Math.floor(random() * (endMs - beginMs)));
    return instants.map((atMs) => ({ ...request, atMs }));
  };

const DAY_HOURS = 24;

/** Everything that can be rehearsed, by what a person would call it. */
export const SCENARIOS: readonly Scenario[] = [
  {
    name: "healthy",
    says: "1 % of the requests fail by bad luck, and nothing else goes wrong",
    lastsHours: 0,
  },
  {
    name: "outage",
    says: "every request and every try of the probe fails for a day, because the model does not answer",
    lastsHours: DAY_HOURS,
    befalls: ending("failed"),
    probe: 1,
  },
  {
    name: "unreachable",
    says: "nothing reaches the function for a day: name, certificate or address is gone",
    lastsHours: DAY_HOURS,
    befalls: ending("unreachable"),
    probe: 1,
  },
  {
    name: "configuration",
    says: "the model is refused for a day: no access, or no such profile",
    lastsHours: DAY_HOURS,
    befalls: ending("failed", { ConfigFault: 1 }),
    probe: 1,
  },
  {
    name: "crash",
    says: "the function crashes on every request for a day",
    lastsHours: DAY_HOURS,
    befalls: ending("crashed"),
    probe: 1,
  },
  {
    name: "no-concurrency",
    says: "Lambda refuses every request for a day, because the account's concurrency is used up",
    lastsHours: DAY_HOURS,
    befalls: ending("throttled"),
    probe: 1,
  },
  {
    name: "throttling",
    says: "Bedrock throttles four of five requests for an hour",
    lastsHours: 1,
    befalls: some(0.8, ending("failed")),
    probe: 0.8,
  },
  {
    name: "failing-share",
    says: "30 % of the requests fail for two days",
    lastsHours: 2 * DAY_HOURS,
    befalls: some(0.3, ending("failed")),
    probe: 0.3,
  },
  {
    name: "latency",
    says: "everything takes five times as long for two days",
    lastsHours: 2 * DAY_HOURS,
    befalls: (request) => ({ ...request, durationMs: 5 * request.durationMs }),
  },
  {
    name: "degraded",
    says: "half of the replies have to be repaired for three days, because the model changed",
    lastsHours: 3 * DAY_HOURS,
    befalls: some(0.5, ending("degraded")),
  },
  {
    name: "stale-token",
    says: "a Shortcut keeps the replaced token for two days after its grace time, and every request is refused",
    lastsHours: 2 * DAY_HOURS,
    befalls: ending("unauthorized", { PreviousToken: 1 }),
  },
  {
    name: "scanner",
    says: "a stranger tries the address 300 times an hour for two hours",
    lastsHours: 2,
    intrudes: flood(300, { durationMs: 5, costUsd: 0, fate: "unauthorized" }),
  },
  {
    name: "runaway",
    says: "a Shortcut loops ten times a minute for three hours",
    lastsHours: 3,
    intrudes: flood(600, { durationMs: 2000, costUsd: 0.002, fate: "served" }),
  },
  {
    name: "cost-creep",
    says: "every request thinks for twenty times its price for three days",
    lastsHours: 3 * DAY_HOURS,
    befalls: (request) => ({ ...request, costUsd: 20 * request.costUsd }),
  },
  {
    name: "lost-metrics",
    says: "the agent's lines do not become metrics for a day",
    lastsHours: DAY_HOURS,
    befalls: ending("unreadable"),
    probe: 1,
  },
  {
    name: "probe-dead",
    says: "the probe does not run for a day, and the agent is well",
    lastsHours: DAY_HOURS,
    probe: "silent",
  },
];
