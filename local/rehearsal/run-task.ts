import { type ScenarioSource, scenarioFrom } from "./fault-definition.ts";
import type { AlarmsUnderTest, ObserveEvaluation, ReplayResult } from "./replay.ts";
import { replay } from "./replay.ts";
import { type RunResult, runResult } from "./run-result.ts";
import type { SimulationPlan } from "./simulated-world.ts";
import { simulate, type Simulation, type VisibleMetrics } from "./simulation.ts";
import { type Traffic, trafficSource } from "./traffic-models.ts";

/** What a run simulates and which alarms it replays, as plain data: another thread can be sent it. */
export interface RunTask extends Pick<
  SimulationPlan,
  "days" | "probe" | "deadlineMs" | "conditions" | "startMs"
> {
  readonly scenario: ScenarioSource;
  readonly traffic: Traffic;
  readonly alarmsUnderTest: AlarmsUnderTest;
  readonly failures: FailureReport;
}

/**
 * How a function reports a failure: `replied` as the agent does, with a status of 5xx that Lambda does not
 * count, or `thrown`, so that Lambda counts an error.
 */
export type FailureReport = "replied" | "thrown";

/** A run with everything in it. */
export interface Run extends ReplayResult {
  readonly simulation: Simulation;
}

/** Simulates and replays one run; a task and a seed always give the same one. */
export function makeRun(task: RunTask, seed: number, observe?: ObserveEvaluation): Run {
  const { traffic, alarmsUnderTest, failures } = task;
  const { days, probe, deadlineMs, conditions, startMs } = task;
  const simulation = simulate({
    scenario: scenarioFrom(task.scenario),
    perDay: traffic.perDay,
    days,
    seed,
    deadlineMs,
    conditions,
    ...(probe && { probe }),
    ...(startMs !== undefined && { startMs }),
    ...trafficSource(traffic),
  });
  const heard = failures === "thrown" ? withErrors(simulation) : simulation;
  return { simulation: heard, ...replay(alarmsUnderTest, heard, observe) };
}

/** Makes one run and keeps what is reported of it. */
export function runTask(task: RunTask, seed: number): RunResult {
  const run = makeRun(task, seed);
  return runResult(task.alarmsUnderTest.definitions, run.simulation, run);
}

/** Every failed request is an error of Lambda too. */
function withErrors(simulation: Simulation): Simulation {
  return { ...simulation, published: simulation.published.map(withError) };
}

function withError(metrics: VisibleMetrics): VisibleMetrics {
  if (metrics.publisher !== "lambda" || metrics.values.Url5xxCount !== 1) return metrics;
  return { ...metrics, values: { ...metrics.values, Errors: 1 } };
}
