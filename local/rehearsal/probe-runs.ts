import type { Random } from "../random.ts";
import { metricsOfProbeRequest, type PublishedMetrics } from "./published-metrics.ts";
import {
  interrupted,
  type ProbePlan,
  type ProbeQuestion,
  type ProbeSchedule,
  type SimulatedWorld,
} from "./simulated-world.ts";
import { BASELINE_FAILURE_SHARE, isAnswered, type SimulatedRequest } from "./synthetic-traffic.ts";

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;

/** What a run made known, and when it ended. */
export interface ProbeRun {
  readonly endMs: number;
  /** What Lambda and the agent say of its tries. */
  readonly ofTries: readonly PublishedMetrics[];
  /** What it says itself, stamped with its start. */
  readonly ofRun: PublishedMetrics;
}

/** How long a healthy agent takes for each question. */
const ANSWER_MS: Readonly<Record<ProbeQuestion, number>> = { model: SECOND_MS, health: 60 };

/** Warm and cold, what Lambda takes before the code runs. */
const WARM_START_MS = 50;
const COLD_START_MS = 1500;

/** Chance that lets happen whatever may happen. */
const alwaysZero: Random = () => 0;

/** Every run of the probe: at a chance second of its minute, now and then left out. */
export function probeRuns(world: SimulatedWorld): readonly ProbeRun[] {
  const { probe } = world.plan;
  return probe?.schedules.flatMap((schedule) => runsOf(schedule, probe, world)) ?? [];
}

function runsOf(schedule: ProbeSchedule, probe: ProbePlan, world: SimulatedWorld): readonly ProbeRun[] {
  const { random, plan } = world;
  const { omittedRuns, coldRuns } = plan.conditions;
  const runs: ProbeRun[] = [];
  for (let minuteMs = world.startMs; minuteMs < world.endMs; minuteMs += schedule.everyMinutes * MINUTE_MS) {
    const startMs = minuteMs + Math.floor(random() * MINUTE_MS);
    if (random() < omittedRuns) continue;
    const atMs = startMs + (random() < coldRuns ? COLD_START_MS : WARM_START_MS);
    if (world.troubleAt(atMs) === "fault" && plan.scenario.probe === "silent") continue;
    runs.push(probeRun({ atMs, asks: schedule.asks, probe }, world));
  }
  return runs;
}

interface RunStart {
  readonly atMs: number;
  readonly asks: ProbeQuestion;
  readonly probe: ProbePlan;
}

/** Tries until one is answered in time; the run's value is the share of its tries that failed. */
function probeRun({ atMs, asks, probe }: RunStart, world: SimulatedWorld): ProbeRun {
  const ofTries: PublishedMetrics[] = [];
  let failed = 0;
  let endMs = atMs;
  for (const afterMs of probe.triesAtMs) {
    const request = tryAt(Math.max(endMs, atMs + afterMs), asks, world);
    ofTries.push(...metricsOfProbeRequest(request));
    endMs = request.atMs + Math.min(request.durationMs, probe.tryMs);
    if (isAnswered(request.outcome) && request.durationMs <= probe.tryMs) break;
    failed += 1;
  }
  const values = { Failure: failed / probe.triesAtMs.length };
  return { endMs, ofTries, ofRun: { publisher: "probe", atMs, values } };
}

function tryAt(atMs: number, asks: ProbeQuestion, world: SimulatedWorld): SimulatedRequest {
  const { random, plan } = world;
  const healthy = { atMs, durationMs: ANSWER_MS[asks], costUsd: 0, outcome: "served" } as const;
  const trouble = world.troubleAt(atMs);
  const { probe: share, injectFault, reach = "agent" } = plan.scenario;
  const isReached = trouble === "fault" && (reach === "agent" || asks === "model");
  if (isReached && typeof share === "number" && random() < share)
    return withinDeadline(injectFault?.(healthy, alwaysZero) ?? interrupted(healthy), plan.deadlineMs);
  return trouble === "blip" || random() < BASELINE_FAILURE_SHARE ? interrupted(healthy) : healthy;
}

/** A request as the handler's deadline leaves it: one that would take longer fails then. */
export function withinDeadline(request: SimulatedRequest, deadlineMs: number): SimulatedRequest {
  if (request.durationMs <= deadlineMs || request.outcome === "crashed") return request;
  return { ...request, durationMs: deadlineMs, outcome: "failed" };
}
