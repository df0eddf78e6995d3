import type { Random } from "../random.ts";
import { beginningAt, type FaultBegin, type Recurrence, recurringScenario } from "./fault-timing.ts";
import { FAULT_SCENARIOS, type FaultScenario, forMode, type TimeRange } from "./scenario.ts";
import type { RequestOutcome, SimulatedRequest } from "./synthetic-traffic.ts";

const HOUR_MS = 3_600_000;

/** What becomes of people's requests while a fault lasts. */
export interface FaultyTraffic {
  /** Share of the requests, by chance. */
  readonly share: number;
  /** As on any day when missing. */
  readonly outcome?: RequestOutcome;
  /** Times as slow; as on any day when missing. */
  readonly latencyFactor?: number;
  /** Times as expensive; as on any day when missing. */
  readonly costFactor?: number;
  /** Further metrics of the agent's line, or other values of them; none when missing. */
  readonly metrics?: Readonly<Record<string, number>>;
}

/** A fault as plain data, such as a file holds it. */
export interface FaultDefinition {
  readonly name: string;
  readonly description: string;
  /** From its first begin to its last end. */
  readonly durationMs: number;
  /** At any minute of any day when missing. */
  readonly begin?: FaultBegin;
  /** All the time when missing. */
  readonly recurs?: Recurrence;
  readonly requests?: FaultyTraffic;
  /** Requests beside the usual traffic. */
  readonly extra?: {
    readonly perHour: number;
    readonly outcome: RequestOutcome;
    readonly durationMs: number;
    readonly costUsd: number;
  };
  /**
   * Share of the probe's tries that it affects too, or that the probe does not run; as on any day when
   * missing.
   */
  readonly probe?: number | "silent";
  /**
   * `model` where the agent itself is well, so that its health check succeeds; the whole agent when missing.
   */
  readonly reach?: "model" | "agent";
  /** The one mode whose requests, and full questions of the probe, it affects; all of them when missing. */
  readonly mode?: string;
}

/**
 * A scenario as plain data, such as another thread can be sent: one by its name, or one that somebody wrote
 * down.
 */
export interface ScenarioSource {
  readonly fault: string | FaultDefinition;
  /** In place of its own. */
  readonly begin?: FaultBegin;
  /** In place of its own. */
  readonly recurs?: Recurrence;
}

/** The scenario of a source. */
export function scenarioFrom({ fault, begin, recurs }: ScenarioSource): FaultScenario {
  const scenario = typeof fault === "string" ? builtIn(fault) : definedScenario(fault);
  const own = typeof fault === "string" ? undefined : fault;
  const [beginOfAll, recurrence] = [begin ?? own?.begin, recurs ?? own?.recurs];
  const begun = beginOfAll === undefined ? scenario : beginningAt(scenario, beginOfAll);
  return recurrence === undefined ? begun : recurringScenario(begun, recurrence);
}

function builtIn(name: string): FaultScenario {
  const scenario = FAULT_SCENARIOS.find((each) => each.name === name);
  if (scenario === undefined) throw new Error(`no scenario is called ${name}`);
  return scenario;
}

function definedScenario(fault: FaultDefinition): FaultScenario {
  const { name, description, requests, extra, probe, reach, mode } = fault;
  return {
    name,
    description,
    durationHours: fault.durationMs / HOUR_MS,
    ...(requests && { injectFault: injectionOf(requests, mode) }),
    ...(extra && { extraTraffic: (span, random) => extraRequests(extra, span, random) }),
    ...(probe !== undefined && { probe }),
    ...(reach && { reach }),
    ...(mode !== undefined && { mode }),
  };
}

type FaultInjection = NonNullable<FaultScenario["injectFault"]>;

function injectionOf(traffic: FaultyTraffic, mode: string | undefined): FaultInjection {
  const change = changeOf(traffic);
  return mode === undefined ? change : forMode(mode, change);
}

function changeOf({
  share,
  outcome,
  latencyFactor = 1,
  costFactor = 1,
  metrics,
}: FaultyTraffic): FaultInjection {
  return (request, random) => {
    if (random() >= share) return request;
    return {
      ...request,
      durationMs: request.durationMs * latencyFactor,
      costUsd: request.costUsd * costFactor,
      ...(outcome && { outcome }),
      ...(metrics && { extraMetrics: { ...request.extraMetrics, ...metrics } }),
    };
  };
}

function extraRequests(
  { perHour, ...request }: NonNullable<FaultDefinition["extra"]>,
  { beginMs, endMs }: TimeRange,
  random: Random,
): readonly SimulatedRequest[] {
  const count = Math.round((perHour * (endMs - beginMs)) / HOUR_MS);
  return Array.from({ length: count }, () => ({
    ...request,
    atMs: beginMs + Math.floor(random() * (endMs - beginMs)),
  }));
}
