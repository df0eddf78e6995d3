import { setImmediate } from "node:timers/promises";
import type { AlarmDefinition } from "@wrist-agent/cloudwatch/alarm";
import {
  type AlarmSummary,
  type Detection,
  detectionOf,
  detectionSummary,
  type JudgedRun,
} from "./detection.ts";
import { type AlarmsUnderTest, replay, type ReplayResult } from "./replay.ts";
import type { SimulationPlan } from "./simulated-world.ts";
import { simulate, type Simulation } from "./simulation.ts";

/** How often to simulate what, and for which alarms. */
export interface RehearsalPlan extends Omit<SimulationPlan, "seed"> {
  readonly alarmsUnderTest: AlarmsUnderTest;
  readonly runs: number;
  /** Seed of the first run; the others follow it. */
  readonly seed: number;
  readonly signal?: AbortSignal;
}

/** When somebody first heard of a fault, from whichever alarm. */
export type FirstNotification = Pick<AlarmSummary, "found" | "foundAfter" | "foundAfterFirstRequest">;

/** What all runs of one scenario gave. */
export interface Rehearsal {
  readonly scenario: string;
  readonly says: string;
  readonly runs: number;
  readonly days: number;
  readonly perDay: number;
  /** The first alarm that notified somebody, whichever it was. */
  readonly firstMail: FirstNotification;
  /** In the order of the templates. */
  readonly alarms: readonly AlarmSummary[];
  /** Metrics that alarms read and that no run published: those alarms saw no data. */
  readonly unpublished: readonly string[];
}

/** Runs a scenario as often as asked, and gives way to other work between two runs. */
export async function rehearse(plan: RehearsalPlan): Promise<Rehearsal> {
  const { alarmsUnderTest, runs, days, perDay } = plan;
  const { name: scenario, description } = plan.scenario;
  const simulationRuns: SimulationRun[] = [];
  for (let run = 0; run < runs; run += 1) {
    await setImmediate();
    plan.signal?.throwIfAborted();
    const simulation = simulate({ ...plan, seed: plan.seed + run });
    simulationRuns.push({ simulation, ...replay(alarmsUnderTest, simulation) });
  }
  const widestMs = Math.max(0, ...alarmsUnderTest.definitions.map(windowMs));
  return {
    scenario,
    says: description,
    runs,
    days,
    perDay,
    firstMail: firstNotification(simulationRuns, { days, widestMs }),
    alarms: alarmsUnderTest.definitions.map((definition) => {
      const ms = "alarmRule" in definition ? widestMs : windowMs(definition);
      return alarmSummary(definition.alarmName, simulationRuns, { days, windowMs: ms });
    }),
    unpublished: (simulationRuns[0]?.unpublished ?? []).filter((name) =>
      simulationRuns.every(({ unpublished }) => unpublished.includes(name)),
    ),
  };
}

interface SimulationRun extends ReplayResult {
  readonly simulation: Simulation;
}

function alarmSummary(
  alarmName: string,
  simulationRuns: readonly SimulationRun[],
  { days, windowMs }: { readonly days: number; readonly windowMs: number },
): AlarmSummary {
  const runs = simulationRuns.map(({ simulation, changes }) => {
    const own = changes.filter((change) => change.alarmName === alarmName);
    return judgedRun(simulation, detectionOf(own, simulation.fault && { ...simulation.fault, windowMs }));
  });
  return detectionSummary(alarmName, runs, days);
}

function firstNotification(
  simulationRuns: readonly SimulationRun[],
  { days, widestMs }: { readonly days: number; readonly widestMs: number },
): FirstNotification {
  const runs = simulationRuns.map(({ simulation, mails }) => {
    const beginMs = simulation.fault?.beginMs ?? 0;
    const first = mails.filter(({ state, atMs }) => state === "ALARM" && atMs >= beginMs);
    return judgedRun(
      simulation,
      detectionOf(first, simulation.fault && { ...simulation.fault, windowMs: widestMs }),
    );
  });
  const { found, foundAfter, foundAfterFirstRequest } = detectionSummary("first mail", runs, days);
  return {
    found,
    ...(foundAfter && { foundAfter }),
    ...(foundAfterFirstRequest && { foundAfterFirstRequest }),
  };
}

function judgedRun({ fault, firstAffectedMs: firstWrongMs }: Simulation, outcome: Detection): JudgedRun {
  if (fault === undefined || firstWrongMs === undefined) return { detection: outcome };
  return { detection: outcome, untilFirstRequestMs: firstWrongMs - fault.beginMs };
}

/** How far back an alarm looks, and two periods more for what CloudWatch fetches beyond. */
function windowMs(definition: AlarmDefinition): number {
  if ("alarmRule" in definition) return 0;
  const { periodSeconds, metrics = [], evaluationPeriods } = definition;
  const longest = metrics.map(({ metricStat, periodSeconds: own }) => metricStat?.periodSeconds ?? own ?? 0);
  return Math.max(periodSeconds ?? 0, ...longest) * (evaluationPeriods + 2) * 1000;
}
