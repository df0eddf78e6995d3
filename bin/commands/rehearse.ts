import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import { probeServiceOf } from "../../lambda/contract/metrics.ts";
import { isStage } from "../../lib/config/stage.ts";
import { namesOf } from "../../lib/names.ts";
import { synthesise } from "../../local/assembly/synthesise.ts";
import { rehearse, type Rehearsal } from "../../local/rehearsal/replay/rehearse.ts";
import { SCENARIOS, type Scenario } from "../../local/rehearsal/replay/scenario.ts";
import { stageCast, type StageCast } from "../../local/rehearsal/replay/stage-cast.ts";
import { leastDays } from "../../local/rehearsal/replay/story.ts";
import { UsageError } from "./failure.ts";
import { rehearsalReport } from "./rehearsal-report.ts";
import type { Terminal } from "./terminal.ts";

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
    .option("--requests-per-day <n>", "traffic on a weekday; alarms are synthesised for it", positive, 30)
    .option("--days <n>", "days per run", whole(1), 30)
    .option("--runs <n>", "runs per scenario, each with a seed of its own", whole(1), 10)
    .option("--seed <n>", "seed of the first run; equal seeds give equal days", whole(0), 1)
    .option(
      "--probe-minutes <n>",
      "minutes between two runs of the probe, 0 for none (default: the stage's)",
      whole(0),
    )
    .addOption(
      new Option(
        "--scenario <name...>",
        "what goes wrong; everything, one after the other, when missing",
      ).choices(SCENARIOS.map(({ name }) => name)),
    )
    .option("--json", "print one JSON line per scenario instead of text")
    .addHelpText(
      "after",
      `\nScenarios:\n${SCENARIOS.map(({ name, says }) => `  ${name.padEnd(16)}${says}`).join("\n")}`,
    )
    .action((options: RehearseOptions) => run(terminal, options));
}

async function run(terminal: Terminal, options: RehearseOptions): Promise<void> {
  const scenarios = SCENARIOS.filter(({ name }) => options.scenario?.includes(name) ?? true);
  for (const scenario of scenarios) requireDays(scenario, options.days);
  const stopping = new AbortController();
  const interrupt = (): void => stopping.abort(new Error("interrupted"));
  process.once("SIGINT", interrupt);
  try {
    const stage = await castOf(terminal, options, stopping.signal);
    for (const notice of stage.notices) terminal.err(notice);
    for (const scenario of scenarios)
      say(
        terminal,
        options,
        await rehearsed(terminal, { options, stage, scenario, signal: stopping.signal }),
      );
  } finally {
    process.off("SIGINT", interrupt);
  }
}

function requireDays(scenario: Scenario, days: number): void {
  const least = leastDays(scenario);
  if (days >= least) return;
  throw new UsageError(
    `--days ${days} is too short for ${scenario.name}: give ${least} or more, or another --scenario`,
  );
}

/** Synthesises the templates for the traffic that is rehearsed, in a directory that does not stay. */
async function castOf(terminal: Terminal, options: RehearseOptions, signal: AbortSignal): Promise<StageCast> {
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
    return await stageCast(outDirectory, isStage(stage) ? namesOf(stage).probe : "");
  } finally {
    await rm(outDirectory, { recursive: true });
  }
}

interface Rehearsing {
  readonly options: RehearseOptions;
  readonly stage: StageCast;
  readonly scenario: Scenario;
  readonly signal: AbortSignal;
}

async function rehearsed(
  terminal: Terminal,
  { options, stage, scenario, signal }: Rehearsing,
): Promise<Rehearsal> {
  const { days, runs, seed, requestsPerDay: perDay } = options;
  const { probeMinutes } = stage;
  const cast = { ...stage, probeService: probeServiceOf(options.stage) };
  const deadlineMs = (stage.timeoutSeconds - 1) * 1000;
  const work = rehearse({ cast, scenario, days, runs, seed, probeMinutes, perDay, deadlineMs, signal });
  return terminal.progress(`${scenario.name}: ${runs} runs of ${days} days`, work);
}

function say(terminal: Terminal, { stage, json }: RehearseOptions, rehearsal: Rehearsal): void {
  if (json === true) terminal.out(JSON.stringify(rehearsal));
  else rehearsalReport(rehearsal, stage).forEach(terminal.out);
}

function positive(value: string): number {
  const number = Number(value);
  if (Number.isFinite(number) && number > 0) return number;
  throw new InvalidArgumentError("give a number above 0.");
}

function whole(least: number): (value: string) => number {
  return (value) => {
    if (/^\d+$/.test(value) && Number(value) >= least) return Number(value);
    throw new InvalidArgumentError(`give a whole number of at least ${least}.`);
  };
}
