import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type AlarmDefinition, isComposite } from "@wrist-agent/cloudwatch/alarm";
import { spendLimits } from "../../bin/commands/spend-limits.ts";
import { probeServiceName } from "../../lambda/contract/metrics.ts";
import { PROBE_FULL_FORM, PROBE_LIMITS } from "../../lambda/contract/probe.ts";
import { wristAgentApp } from "../../lib/app.ts";
import { namesOf } from "../../lib/names.ts";
import { type Random, seededRandom } from "../../local/random.ts";
import { blipsOf, type DelayModel, USUAL_CONDITIONS } from "../../local/rehearsal/conditions.ts";
import {
  type AlarmsUnderTest,
  replay,
  type ReplayResult,
  type SentMail,
} from "../../local/rehearsal/replay.ts";
import { FAULT_SCENARIOS, type FaultScenario, type TimeRange } from "../../local/rehearsal/scenario.ts";
import {
  minSimulationDays,
  type ProbePlan,
  type SimulationPlan,
} from "../../local/rehearsal/simulated-world.ts";
import { simulate, type Simulation } from "../../local/rehearsal/simulation.ts";
import { loadStageAlarms } from "../../local/rehearsal/stage-alarms.ts";
import { PROJECT } from "./synthesise.ts";

/** One stage of which something is measured. */
export interface MeasuredStage {
  readonly profile: "default" | "full";
  readonly perDay: number;
  readonly delays: DelayModel;
}

/** A stage's alarms with everything that a simulation of it needs. */
export interface StageUnderTest {
  readonly alarms: AlarmsUnderTest;
  readonly plan: Omit<SimulationPlan, "scenario" | "days" | "seed">;
}

/** Synthesises production for a traffic and a profile, and reads its alarms as they would be deployed. */
export async function stageUnderTest(stage: MeasuredStage): Promise<StageUnderTest> {
  const outdir = await mkdtemp(join(tmpdir(), "wrist-agent-aims-"));
  try {
    const context = {
      "aws:cdk:bundling-stacks": [],
      stage: "production",
      monitoringProfile: stage.profile,
      requestsPerDay: String(stage.perDay),
      ...spendLimits(stage.perDay),
    };
    wristAgentApp({
      project: PROJECT,
      outdir,
      validation: "in the tests",
      context,
    }).synth();
    const { function: agent, probe } = namesOf("production");
    const found = await loadStageAlarms(outdir, { agent, probe });
    const { triesAtMs, tryMs } = PROBE_LIMITS;
    const asked: ProbePlan = {
      schedules: found.probeSchedules,
      triesAtMs,
      tryMs,
      publishes: "direct",
      fullForm: PROBE_FULL_FORM,
    };
    return {
      alarms: {
        home: found.home,
        regions: found.regions ?? {},
        definitions: found.definitions,
        probeService: probeServiceName("production"),
      },
      plan: {
        perDay: stage.perDay,
        probe: asked,
        deadlineMs: (found.timeoutSeconds - 1) * 1000,
        conditions: { ...USUAL_CONDITIONS, delays: stage.delays },
      },
    };
  } finally {
    await rm(outdir, { recursive: true });
  }
}

/** A scenario of the catalogue, with changes. */
export function scenarioNamed(name: string, changes: Partial<FaultScenario> = {}): FaultScenario {
  const found = FAULT_SCENARIOS.find((each) => each.name === name);
  if (found === undefined) throw new Error(`no scenario ${name}`);
  return { ...found, ...changes };
}

/** One run with its mails by topic. */
export interface AimRun extends ReplayResult {
  readonly simulation: Simulation;
  readonly pages: readonly SentMail[];
  readonly tickets: readonly SentMail[];
}

/** What of a plan is different in a run. */
export type RunChanges = Pick<SimulationPlan, "scenario" | "seed"> &
  Partial<Pick<SimulationPlan, "days" | "quietHours" | "conditions">>;

/** Simulates and replays once. */
export function aimRun({ alarms, plan }: StageUnderTest, changes: RunChanges): AimRun {
  const simulation = simulate({ ...plan, days: minSimulationDays(changes.scenario), ...changes });
  const result = replay(alarms, simulation);
  const ofTopic = (severity: string): readonly SentMail[] =>
    result.mails.filter(({ topic }) => topic.includes(severity));
  return { ...result, simulation, pages: ofTopic("page"), tickets: ofTopic("ticket") };
}

/** The stage with the alarms alone that notify a topic by themselves. */
export function notifying(stage: StageUnderTest, severity: "page" | "ticket"): StageUnderTest {
  const { definitions } = stage.alarms;
  const notifies = ({ alarmActions = [] }: AlarmDefinition): boolean =>
    alarmActions.some((arn) => arn.includes(severity));
  const kept = definitions.filter((definition) => !isComposite(definition) && notifies(definition));
  return { ...stage, alarms: { ...stage.alarms, definitions: kept } };
}

/** Every kind of total outage, by the name of its scenario; the first four are the model's. */
export const OUTAGES = [
  "outage",
  "model-hangs",
  "configuration",
  "model-throttled",
  "crash",
  "function-hangs",
  "no-concurrency",
  "unreachable",
] as const;

/**
 * Minutes from the begin of each time that it goes wrong to the first page; `undefined` where none came
 * within the time.
 */
export function minutesToPage(run: AimRun, withinMinutes = 60): readonly (number | undefined)[] {
  return run.simulation.faults.map(({ beginMs }) => {
    const page = run.pages.find(({ state, atMs }) => state === "ALARM" && atMs > beginMs);
    const minutes = page === undefined ? Infinity : (page.atMs - beginMs) / 60_000;
    return minutes <= withinMinutes ? minutes : undefined;
  });
}

/**
 * Mails that said OK while it still went wrong, of alarms that had told of it; an alarm that was never up
 * clears nothing.
 */
export function allClears({ mails, simulation: { faults } }: AimRun): readonly SentMail[] {
  const toldOf = new Set<string>();
  return mails.filter(({ alarmName, state, atMs }) => {
    const isDuring = faults.some(({ beginMs, endMs }) => atMs > beginMs && atMs < endMs);
    if (isDuring && state === "ALARM") toldOf.add(alarmName);
    return isDuring && state === "OK" && toldOf.has(alarmName);
  });
}

const MINUTE_MS = 60_000;
const MONTH_MS = 30 * 24 * 60 * MINUTE_MS;

/** From a run's first try to its last. */
const TRIES_MS = Math.max(...PROBE_LIMITS.triesAtMs);

/** Whether an interruption that no run could outlast ended or went on in the minutes before a mail. */
export function isOfLongBlip({ atMs }: SentMail, { simulation: { blips } }: AimRun): boolean {
  return blips.some(
    ({ beginMs, endMs }) => endMs - beginMs > TRIES_MS && beginMs < atMs && atMs - endMs < 3 * MINUTE_MS,
  );
}

/**
 * Interruptions of so many months within which every try of a run of the probe falls: each is a page of a
 * healthy system.
 */
export function runsWithinBlips({ plan }: Pick<StageUnderTest, "plan">, months: number): number {
  const lastTryMs = Math.max(0, ...(plan.probe?.triesAtMs ?? []));
  const random = seededRandom(1);
  const span = { beginMs: 0, endMs: months * MONTH_MS };
  const long = blipsOf(random, plan.conditions, span).filter(
    ({ beginMs, endMs }) => endMs - beginMs > lastTryMs,
  );
  return long.filter((blip) =>
    runStarts(blip, plan.probe, random).some((atMs) => atMs >= blip.beginMs && atMs + lastTryMs < blip.endMs),
  ).length;
}

/** When runs start in the minutes of a span, each at a chance second. */
function runStarts({ beginMs, endMs }: TimeRange, probe: ProbePlan | undefined, random: Random): number[] {
  const starts: number[] = [];
  for (const { everyMinutes } of probe?.schedules ?? [])
    for (let minute = Math.floor(beginMs / MINUTE_MS); minute * MINUTE_MS < endMs; minute += 1)
      if (minute % everyMinutes === 0) starts.push((minute + random()) * MINUTE_MS);
  return starts;
}
