import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import { agentServiceName, probeServiceName } from "../../lambda/contract/metrics.ts";
import { PROBE_LIMITS } from "../../lambda/contract/probe.ts";
import { isStage } from "../../lib/config/stage.ts";
import { namesOf } from "../../lib/names.ts";
import { synthesise } from "../../local/assembly/synthesise.ts";
import type { AlarmSummary, DurationSpread } from "../../local/rehearsal/detection.ts";
import { type Rehearsal, rehearse } from "../../local/rehearsal/rehearse.ts";
import { loadStageAlarms, type StageAlarms } from "../../local/rehearsal/stage-alarms.ts";
import { USUAL_CONDITIONS } from "../../local/rehearsal/conditions.ts";
import { FAULT_SCENARIOS, type FaultScenario } from "../../local/rehearsal/scenario.ts";
import { minSimulationDays, type ProbePlan } from "../../local/rehearsal/simulated-world.ts";
import { UsageError } from "../cli/failure.ts";
import { type Align, alignedColumns, type Terminal } from "../cli/terminal.ts";

const PROJECT = resolve(import.meta.dirname, "..", "..");

interface RehearseOptions {
  readonly stage: string;
  readonly profile?: string;
  readonly requestsPerDay: number;
  readonly days: number;
  readonly runs: number;
  readonly seed: number;
  readonly probeMinutes?: number;
  readonly scenario?: readonly string[];
  readonly json?: true;
}

/** `rehearse`: how fast the alarms of a stage find a fault, and how often they cry wolf. */
export function rehearseCommand(terminal: Terminal): Command {
  return new Command("rehearse")
    .description("replay simulated days through a stage's alarms: time to detect, false alarms, time to OK")
    .option("--stage <stage>", "stage whose alarms are rehearsed", "production")
    .addOption(
      new Option("--profile <profile>", "alarms of which profile; the stage's own when missing").choices([
        "default",
        "full",
      ]),
    )
    .option(
      "--requests-per-day <n>",
      "traffic on a weekday; alarms are synthesised for it",
      parsePositive,
      30,
    )
    .option("--days <n>", "days per run", wholeFrom(1), 30)
    .option("--runs <n>", "runs per scenario, each with a seed of its own", wholeFrom(1), 10)
    .option("--seed <n>", "seed of the first run; equal seeds give equal days", wholeFrom(0), 1)
    .option(
      "--probe-minutes <n>",
      "minutes between two runs of the probe, 0 for none (default: the stage's)",
      wholeFrom(0),
    )
    .addOption(
      new Option(
        "--scenario <name...>",
        "what goes wrong; everything, one after the other, when missing",
      ).choices(FAULT_SCENARIOS.map(({ name }) => name)),
    )
    .option("--json", "print one JSON line per scenario instead of text")
    .addHelpText(
      "after",
      `\nScenarios:\n${FAULT_SCENARIOS.map(({ name, description: says }) => `  ${name.padEnd(16)}${says}`).join("\n")}`,
    )
    .action((options: RehearseOptions) => runRehearsals(terminal, options));
}

async function runRehearsals(terminal: Terminal, options: RehearseOptions): Promise<void> {
  const scenarios = FAULT_SCENARIOS.filter(({ name }) => options.scenario?.includes(name) ?? true);
  for (const scenario of scenarios) requireDays(scenario, options.days);
  const stopping = new AbortController();
  const interrupt = (): void => stopping.abort(new Error("interrupted"));
  process.once("SIGINT", interrupt);
  try {
    const stage = await synthesiseAlarms(terminal, options, stopping.signal);
    for (const notice of stage.notices) terminal.err(notice);
    for (const scenario of scenarios)
      printRehearsal(
        terminal,
        options,
        await runScenario(terminal, { options, stage, scenario, signal: stopping.signal }),
      );
  } finally {
    process.off("SIGINT", interrupt);
  }
}

function requireDays(scenario: FaultScenario, days: number): void {
  const least = minSimulationDays(scenario);
  if (days >= least) return;
  throw new UsageError(
    `--days ${days} is too short for ${scenario.name}: give ${least} or more, or another --scenario`,
  );
}

/** Synthesises the templates for the traffic that is rehearsed, in a directory that does not stay. */
async function synthesiseAlarms(
  terminal: Terminal,
  options: RehearseOptions,
  signal: AbortSignal,
): Promise<StageAlarms> {
  const outDirectory = await mkdtemp(join(tmpdir(), "wrist-agent-rehearse-"));
  try {
    const context = {
      requestsPerDay: String(options.requestsPerDay),
      ...(options.profile !== undefined && { monitoringProfile: options.profile }),
      ...(options.probeMinutes !== undefined && { probeMinutes: String(options.probeMinutes) }),
    };
    const { stage } = options;
    const request = { projectDirectory: PROJECT, stage, outDirectory, context, signal };
    const work = synthesise({ ...request, assets: "skipped" });
    await terminal.progress(`synthesising the stacks of ${stage}`, work);
    const { function: agent, probe } = isStage(stage) ? namesOf(stage) : { function: "", probe: "" };
    return await loadStageAlarms(outDirectory, { agent, probe });
  } finally {
    await rm(outDirectory, { recursive: true });
  }
}

interface ScenarioRun {
  readonly options: RehearseOptions;
  readonly stage: StageAlarms;
  readonly scenario: FaultScenario;
  readonly signal: AbortSignal;
}

async function runScenario(
  terminal: Terminal,
  { options, stage, scenario, signal }: ScenarioRun,
): Promise<Rehearsal> {
  const { days, runs, seed, requestsPerDay: perDay } = options;
  const probe = probePlan(stage);
  const cast = { ...stage, probeService: probeServiceName(options.stage) };
  const deadlineMs = (stage.timeoutSeconds - 1) * 1000;
  const work = rehearse({
    alarmsUnderTest: cast,
    scenario,
    days,
    runs,
    seed,
    ...(probe && { probe }),
    conditions: USUAL_CONDITIONS,
    perDay,
    deadlineMs,
    signal,
  });
  return terminal.progress(`${scenario.name}: ${runs} runs of ${days} days`, work);
}

/** The probe as it is deployed. */
function probePlan({ probeSchedules: schedules }: StageAlarms): ProbePlan | undefined {
  if (schedules.length === 0) return undefined;
  const { pausesMs, tryMs } = PROBE_LIMITS;
  const triesAtMs = [0, ...pausesMs.map((_, index) => sum(pausesMs.slice(0, index + 1)) + index * 1000)];
  return { schedules, triesAtMs, tryMs, publishes: "emf" };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function printRehearsal(terminal: Terminal, { stage, json }: RehearseOptions, rehearsal: Rehearsal): void {
  if (json === true) terminal.out(JSON.stringify(rehearsal));
  else rehearsalReport(rehearsal, stage).forEach(terminal.out);
}

function parsePositive(value: string): number {
  const number = Number(value);
  if (Number.isFinite(number) && number > 0) return number;
  throw new InvalidArgumentError("give a number above 0.");
}

function wholeFrom(least: number): (value: string) => number {
  return (value) => {
    if (/^\d+$/.test(value) && Number(value) >= least) return Number(value);
    throw new InvalidArgumentError(`give a whole number of at least ${least}.`);
  };
}

const REPORT_HEAD = [
  "alarm",
  "found",
  "median",
  "worst",
  "since request",
  "worst",
  "OK after",
  "worst",
  "false OK",
  "false alarms / 30 d",
];
const REPORT_ALIGN: readonly Align[] = ["left", ...REPORT_HEAD.slice(1).map(() => "right" as const)];

/** A rehearsal in lines of text: first what happens, then a row for each alarm that ever rose. */
export function rehearsalReport(rehearsal: Rehearsal, stage: string): readonly string[] {
  const { scenario, says, runs, days, perDay, firstMail, alarms, unpublished } = rehearsal;
  const nameOf = ({ alarmName }: AlarmSummary): string => alarmShortName(alarmName, stage);
  const rose = alarms.filter((alarm) => alarm.found > 0 || alarm.falseAlarmsIn30Days > 0);
  const quiet = alarms.filter((alarm) => !rose.includes(alarm)).map(nameOf);
  const mail = { ...firstMail, alarmName: "(first mail)", neverCleared: 0 };
  const rows = [
    ...(firstMail.found > 0 ? [reportRow("(first mail)", mail, runs)] : []),
    ...rose.map((alarm) => reportRow(nameOf(alarm), alarm, runs)),
  ];
  return [
    `${scenario}: ${says}`,
    `  ${runs} runs of ${days} days at ${perDay} requests a day`,
    ...(rows.length === 0
      ? []
      : alignedColumns([REPORT_HEAD, ...rows], REPORT_ALIGN).map((line) => `  ${line}`)),
    ...(quiet.length === 0 ? [] : [`  never rose: ${quiet.join(", ")}`]),
    ...(unpublished.length === 0
      ? []
      : [`  not part of this: alarms on ${unpublished.join(", ")} saw no data`]),
    "",
  ];
}

function alarmShortName(alarmName: string, stage: string): string {
  const prefix = [stage, "billing"]
    .map((name) => `${agentServiceName(name)}-`)
    .find((each) => alarmName.startsWith(each));
  return alarmName.slice(prefix?.length ?? 0);
}

type ReportRow = Pick<AlarmSummary, "found" | "foundAfter" | "foundAfterFirstRequest" | "neverCleared"> &
  Partial<AlarmSummary>;

function reportRow(name: string, alarm: ReportRow, runs: number): readonly string[] {
  const { found, foundAfter, foundAfterFirstRequest, clearedAfter, neverCleared } = alarm;
  return [
    name,
    found === 0 ? "" : `${found} of ${runs}`,
    ...spreadText(foundAfter),
    ...spreadText(foundAfterFirstRequest),
    ...(neverCleared > 0 && clearedAfter !== undefined
      ? [durationText(clearedAfter.medianMs), `never (${neverCleared})`]
      : spreadText(clearedAfter)),
    alarm.falseAllClears === undefined || found === 0 ? "" : String(alarm.falseAllClears),
    alarm.falseAlarmsIn30Days === undefined ? "" : alarm.falseAlarmsIn30Days.toFixed(2),
  ];
}

function spreadText(spread: DurationSpread | undefined): readonly [string, string] {
  return spread === undefined ? ["", ""] : [durationText(spread.medianMs), durationText(spread.worstMs)];
}

const DURATION_UNITS = [
  { unit: "d", ms: 86_400_000 },
  { unit: "h", ms: 3_600_000 },
  { unit: "min", ms: 60_000 },
] as const;

/** One unit, the largest that fits: `3.5 min`, `2.0 h`. */
function durationText(ms: number): string {
  const { unit, ms: size } = DURATION_UNITS.find((each) => ms >= each.ms) ?? DURATION_UNITS[2];
  return `${(ms / size).toFixed(1)} ${unit}`;
}
