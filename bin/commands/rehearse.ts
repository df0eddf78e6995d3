import { readFile, writeFile } from "node:fs/promises";
import { Command } from "commander";
import { type Difference, CompareError, rehearsalDifferences } from "../../local/rehearsal/compare.ts";
import { type ScenarioSource, scenarioFrom } from "../../local/rehearsal/fault-definition.ts";
import { FaultFileError, readFaultFile } from "../../local/rehearsal/fault-file.ts";
import { minDays, parseBegin, simulationStart } from "../../local/rehearsal/fault-timing.ts";
import { htmlReport } from "../../local/rehearsal/html-report.ts";
import { valueText } from "../../local/rehearsal/html-text.ts";
import {
  exceededLimits,
  type Limit,
  LimitError,
  parseLimit,
  parseLimits,
} from "../../local/rehearsal/limits.ts";
import { readRecording, RecordingError } from "../../local/rehearsal/recorded-traffic.ts";
import { recordTimeline } from "../../local/rehearsal/record-timeline.ts";
import { rehearse, type Rehearsal } from "../../local/rehearsal/rehearse.ts";
import { type RehearsalReport, REHEARSED } from "../../local/rehearsal/rehearsal-report.ts";
import { RunPool } from "../../local/rehearsal/run-pool.ts";
import type { RunTask } from "../../local/rehearsal/run-task.ts";
import { FAULT_SCENARIOS } from "../../local/rehearsal/scenario.ts";
import { type Traffic, TRAFFIC_MODELS, USUAL_PER_DAY } from "../../local/rehearsal/traffic-models.ts";
import { errorMessage, Failure, UsageError } from "../cli/failure.ts";
import { onInterrupt, type Terminal } from "../cli/terminal.ts";
import { type AlarmSet, baselineAlarmSets, stageAlarmSet, templateAlarmSet } from "./rehearse/alarm-sets.ts";
import { addOptions, conditionsOf, type RehearseOptions, settingsOf } from "./rehearse/rehearse-options.ts";
import { spendLimits } from "./spend-limits.ts";
import { alarmShortName, differencesText, rehearsalText } from "./rehearse/report-text.ts";

/** `rehearse`: how fast the alarms of a stage find a fault, and how often they raise one without. */
export function rehearseCommand(terminal: Terminal): Command {
  const command = new Command("rehearse").description(
    "replay simulated days through a stage's alarms: time to detect and to notify, false positives, time to recover",
  );
  const listed = (rows: readonly (readonly [string, string])[]): string =>
    rows.map(([name, text]) => `  ${name.padEnd(16)}${text}`).join("\n");
  const scenarios = FAULT_SCENARIOS.map(({ name, description }) => [name, description] as const);
  return addOptions(command)
    .addHelpText(
      "after",
      `\nScenarios:\n${listed(scenarios)}\n\nTraffic:\n${listed(Object.entries(TRAFFIC_MODELS))}`,
    )
    .addHelpText(
      "after",
      "  recorded:FILE   a journal of npm start, or metrics that a backtest saved\n\nLimits and files of faults: docs/rehearsals.md",
    )
    .action((options: RehearseOptions) => runRehearsals(terminal, options));
}

async function runRehearsals(terminal: Terminal, options: RehearseOptions): Promise<void> {
  const stopping = new AbortController();
  const release = onInterrupt(() => stopping.abort(new Error("interrupted")));
  const pool = new RunPool(options.threads);
  const setting: Setting = { terminal, options, pool, signal: stopping.signal };
  try {
    const asked = await readRequest(options);
    const sets = await alarmSets(setting, asked.traffic);
    for (const notice of sets.flatMap(({ notices }) => notices)) terminal.err(notice);
    await report(setting, asked, await rehearseAll(setting, asked, sets));
  } catch (error) {
    if (!MISTAKES.some((kind) => error instanceof kind)) throw error;
    throw new UsageError(errorMessage(error), { cause: error });
  } finally {
    release();
    await pool.stop();
  }
}

/** What is wrong with a file or an option, whoever found it. */
const MISTAKES = [FaultFileError, RecordingError, LimitError, CompareError];

interface Setting {
  readonly terminal: Terminal;
  readonly options: RehearseOptions;
  readonly pool: RunPool;
  readonly signal: AbortSignal;
}

/** The options, read and checked before anything takes time. */
interface Request {
  readonly scenarios: readonly ScenarioSource[];
  readonly traffic: Traffic;
  readonly days: number;
  readonly limits: readonly Limit[];
  /** The reports of `--compare`; missing without it. */
  readonly before?: readonly RehearsalReport[];
}

async function readRequest(options: RehearseOptions): Promise<Request> {
  const scenarios = await scenarioSources(options);
  const limits = await readLimits(options.failOn ?? []);
  const before = options.compare === undefined ? undefined : await readReports(options.compare);
  const days = Math.max(...scenarios.map((source) => daysFor(source, options)));
  return { scenarios, traffic: await readTraffic(options), days, limits, ...(before && { before }) };
}

async function scenarioSources(options: RehearseOptions): Promise<readonly ScenarioSource[]> {
  const { scenario, faults = [], begins, timezone, comesAndGoes: recurs } = options;
  const begin = begins === undefined ? undefined : parseBegin(begins, timezone);
  if (typeof begin === "string") throw new UsageError(`--begins ${begin}`);
  const written = (await Promise.all(faults.map(readFaultFile))).flat();
  const all = scenario === undefined && written.length === 0;
  const named = FAULT_SCENARIOS.map(({ name }) => name).filter((name) => all || scenario?.includes(name));
  return [...named, ...written].map((fault) => ({
    fault,
    ...(begin && { begin }),
    ...(recurs && { recurs }),
  }));
}

const USUAL_DAYS = 30;

/** Days enough for the fault; fewer are refused where somebody asked for them. */
function daysFor(source: ScenarioSource, { days }: RehearseOptions): number {
  const scenario = scenarioFrom(source);
  const least = minDays(scenario, beginOf(source));
  if (days !== undefined && days < least)
    throw new UsageError(
      `--days ${days} is too short for ${scenario.name}: give ${least} or more, or another --scenario`,
    );
  return days ?? Math.max(USUAL_DAYS, least);
}

function beginOf({ fault, begin }: ScenarioSource): ScenarioSource["begin"] {
  return begin ?? (typeof fault === "string" ? undefined : fault.begin);
}

async function readLimits(given: readonly string[]): Promise<readonly Limit[]> {
  const read = await Promise.all(
    given.map(async (text) =>
      text.startsWith("@") ? parseLimits(await readText(text.slice(1))) : [parseLimit(text)],
    ),
  );
  return read.flat();
}

async function readText(file: string): Promise<string> {
  return readFile(file, "utf8").catch((cause: unknown) => {
    throw new UsageError(`cannot read ${file}: give the path of a readable file`, { cause });
  });
}

async function readReports(file: string): Promise<readonly RehearsalReport[]> {
  const lines = (await readText(file)).split("\n").filter((line) => line.trim() !== "");
  try {
    const reports = lines.map((line) => JSON.parse(line) as Partial<RehearsalReport>);
    if (reports.length > 0 && reports.every(isReport)) return reports;
  } catch {
    // Told below.
  }
  throw new UsageError(`--compare ${file}: give a file that rehearse --json wrote`);
}

function isReport(read: Partial<RehearsalReport>): read is RehearsalReport {
  return [read.alarms, read.topics, read.settings].every((member) => member !== undefined);
}

async function readTraffic({ traffic, requestsPerDay }: RehearseOptions): Promise<Traffic> {
  if (traffic.startsWith("recorded:")) {
    const recording = await readRecording(traffic.slice("recorded:".length));
    const perDay = Math.max(1, Math.round(recording.requests.length / recording.days));
    return { name: "recorded", perDay: requestsPerDay ?? perDay, recording };
  }
  const name = (Object.keys(TRAFFIC_MODELS) as (keyof typeof TRAFFIC_MODELS)[]).find(
    (each) => each === traffic,
  );
  if (name === undefined)
    throw new UsageError(
      `--traffic ${traffic}: use ${Object.keys(TRAFFIC_MODELS).join(", ")} or recorded:FILE`,
    );
  if (requestsPerDay !== undefined && (name === "busy" || name === "silent"))
    throw new UsageError(`--requests-per-day is part of --traffic ${name}: leave it out`);
  return { name, perDay: requestsPerDay ?? USUAL_PER_DAY[name] };
}

/** The alarms that are rehearsed, and the baselines where they are wanted. */
async function alarmSets(
  { terminal, options, signal }: Setting,
  traffic: Traffic,
): Promise<readonly AlarmSet[]> {
  const { template: path, stage, failures, profile, probeMinutes, baselines } = options;
  const settings = {
    // A stage cannot be made for nobody: a silent one is made for whoever asks rarely.
    requestsPerDay: String(Math.max(1, traffic.perDay)),
    ...spendLimits(traffic.perDay),
    ...(profile !== undefined && { monitoringProfile: profile }),
    ...(probeMinutes !== undefined && { probeMinutes: String(probeMinutes) }),
  };
  const own =
    path === undefined
      ? await stageAlarmSet(terminal, { stage, settings, signal })
      : await templateAlarmSet({ path, stage });
  const rehearsed = { ...own, ...(failures && { failures }) };
  return [rehearsed, ...(baselines === true ? await baselineAlarmSets() : [])];
}

interface Rehearsed {
  readonly rehearsal: Rehearsal;
  readonly task: RunTask;
}

/** Rehearses every scenario with every set of alarms, and prints each as soon as it is there. */
async function rehearseAll(
  setting: Setting,
  asked: Request,
  sets: readonly AlarmSet[],
): Promise<readonly Rehearsed[]> {
  const { terminal, options } = setting;
  const all: Rehearsed[] = [];
  for (const scenario of asked.scenarios)
    for (const set of sets) {
      const task = runTaskOf({ set, scenario, asked, options });
      const rehearsal = await rehearseSet(setting, { task, set, asked });
      all.push({ rehearsal, task });
      if (options.json === true) terminal.out(JSON.stringify(rehearsal.report));
      else rehearsalText(rehearsal.report, options.stage).forEach(terminal.out);
    }
  return all;
}

interface TaskParts {
  readonly set: AlarmSet;
  readonly scenario: ScenarioSource;
  readonly asked: Request;
  readonly options: RehearseOptions;
}

function runTaskOf({ set, scenario, asked, options }: TaskParts): RunTask {
  const { alarmsUnderTest, failures, probe, timeoutSeconds } = set;
  return {
    scenario,
    alarmsUnderTest,
    failures,
    traffic: asked.traffic,
    days: asked.days,
    conditions: conditionsOf(options),
    startMs: simulationStart(beginOf(scenario)),
    deadlineMs: (timeoutSeconds - 1) * 1000,
    ...(probe && { probe }),
  };
}

function rehearseSet(
  { terminal, options, pool, signal }: Setting,
  { task, set, asked }: { readonly task: RunTask; readonly set: AlarmSet; readonly asked: Request },
): Promise<Rehearsal> {
  const { runs, seed } = options;
  const { name } = scenarioFrom(task.scenario);
  const title = `${name}${set.name === REHEARSED ? "" : ` (${set.name})`}: ${task.days} days, run`;
  return terminal.progress(`${title} 0 of ${runs}`, (show) =>
    rehearse(
      {
        task,
        runs,
        seed,
        signal,
        alarmSet: set.name,
        settings: settingsOf(options, asked.traffic),
        onRun: (done) => show(`${title} ${done} of ${runs}`),
      },
      pool,
    ),
  );
}

/** What is said once everything is rehearsed: the comparison, the page, and limits that were exceeded. */
async function report(setting: Setting, asked: Request, all: readonly Rehearsed[]): Promise<void> {
  const { terminal, options } = setting;
  const reports = all.map(({ rehearsal }) => rehearsal.report);
  const changed = asked.before && rehearsalDifferences(asked.before, reports);
  if (changed)
    differencesText(changed, options.stage).forEach(options.json === true ? terminal.err : terminal.out);
  if (options.html !== undefined) await writePage(options.html, { setting, all, changed });
  failOnExceeded(asked.limits, reports, options.stage);
}

interface PageParts {
  readonly setting: Setting;
  readonly all: readonly Rehearsed[];
  readonly changed: readonly Difference[] | undefined;
}

async function writePage(file: string, { setting, all, changed }: PageParts): Promise<void> {
  const { terminal, options } = setting;
  const what = options.template ?? `alarms of ${options.stage}`;
  const settings = all[0]?.rehearsal.report.settings ?? {};
  const page = await htmlReport({
    title: `Rehearsal: ${what}`,
    subtitle: Object.entries(settings)
      .map(([name, value]) => `${name} ${value}`)
      .join(", "),
    scenarios: all.map(({ rehearsal, task }) => ({
      report: rehearsal.report,
      ...(rehearsal.report.alarmSet === REHEARSED && {
        timeline: recordTimeline(task, rehearsal.tellingSeed),
      }),
    })),
    ...(changed && { differences: changed }),
    nameOf: (alarmName) => alarmShortName(alarmName, options.stage),
  });
  await writeFile(file, page).catch((cause: unknown) => {
    throw new Failure(`cannot write ${file}: ${errorMessage(cause)}`, { cause });
  });
  terminal.err(`wrote ${file}`);
}

function failOnExceeded(limits: readonly Limit[], reports: readonly RehearsalReport[], stage: string): void {
  const exceeded = exceededLimits(limits, reports);
  if (exceeded.length === 0) return;
  const lines = exceeded.map(
    ({ limit, scenario, subject, value, kind }) =>
      `  ${limit.text}: ${alarmShortName(subject, stage)} has ${valueText(value, kind)} in ${scenario}`,
  );
  throw new Failure(["limits are exceeded:", ...lines].join("\n"));
}
