import { type Command, InvalidArgumentError, Option } from "commander";
import { parseDuration } from "cw-alarm-test/alarm-test";
import {
  DELAY_MODELS,
  type Conditions,
  USUAL_CONDITIONS,
  type DelayModel,
} from "../../../local/rehearsal/conditions.ts";
import type { Recurrence } from "../../../local/rehearsal/fault-timing.ts";
import type { RehearsalSettings } from "../../../local/rehearsal/rehearsal-report.ts";
import { FAULT_SCENARIOS } from "../../../local/rehearsal/scenario.ts";
import { type Traffic, TRAFFIC_MODELS } from "../../../local/rehearsal/traffic-models.ts";
import type { FailureReport } from "../../../local/rehearsal/run-task.ts";

/** What `rehearse` was asked for. */
export interface RehearseOptions {
  readonly stage: string;
  readonly profile?: string;
  readonly template?: string;
  readonly failures?: FailureReport;
  readonly baselines?: true;
  readonly traffic: string;
  readonly requestsPerDay?: number;
  readonly days?: number;
  readonly runs: number;
  readonly seed: number;
  readonly threads?: number;
  readonly probeMinutes?: number;
  readonly scenario?: readonly string[];
  readonly faults?: readonly string[];
  readonly begins?: string;
  readonly timezone: string;
  readonly comesAndGoes?: Recurrence;
  readonly delays: DelayModel;
  readonly blipsPerDay: number;
  readonly blipSeconds: number;
  readonly strangersPerDay: number;
  readonly omittedRuns: number;
  readonly coldRuns: number;
  readonly environmentHours: number;
  readonly mailSeconds: readonly [number, number];
  readonly json?: true;
  readonly html?: string;
  readonly compare?: string;
  readonly failOn?: readonly string[];
}

/** Adds every option of the command. */
export function addOptions(command: Command): Command {
  return addReportOptions(addConditionOptions(addFaultOptions(addAlarmOptions(command))));
}

function addAlarmOptions(command: Command): Command {
  return command
    .option("--stage <stage>", "stage whose alarms are rehearsed", "production")
    .addOption(
      new Option("--profile <profile>", "alarms of which profile; the stage's own when missing").choices([
        "default",
        "full",
      ]),
    )
    .option(
      "--template <path>",
      "alarms of a template or of an assembly such as cdk.out, in place of a stage's",
    )
    .addOption(
      new Option(
        "--failures <how>",
        "how the function reports a failure: replied, a 5xx that Lambda does not count, or thrown (default: replied for the agent, thrown for a template)",
      ).choices(["replied", "thrown"]),
    )
    .option("--baselines", "rehearse the alarms of bench/baselines in the same days too")
    .option(
      "--probe-minutes <n>",
      "minutes between two runs of the probe, 0 for none (default: the stage's)",
      wholeFrom(0),
    );
}

function addFaultOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        "--scenario <name...>",
        "what goes wrong; everything, one after the other, when missing",
      ).choices(FAULT_SCENARIOS.map(({ name }) => name)),
    )
    .option(
      "--faults <file...>",
      "YAML files of faults to rehearse; with --scenario beside those, else in their place",
    )
    .option("--begins <when>", "when faults begin: midnight, a time like 14:30, summer-time or winter-time")
    .option("--timezone <zone>", "whose clock --begins means", "UTC")
    .option(
      "--comes-and-goes <for/every>",
      "faults are there for a part of each period only, as 10m/1h",
      parseRecurrence,
    );
}

function addConditionOptions(command: Command): Command {
  const usual = USUAL_CONDITIONS;
  return command
    .option(
      "--traffic <model>",
      `who asks: ${Object.keys(TRAFFIC_MODELS).join(", ")} or recorded:FILE`,
      "personal",
    )
    .option(
      "--requests-per-day <n>",
      "traffic on a weekday; alarms are synthesised for it (default: the model's)",
      parsePositive,
    )
    .addOption(
      new Option("--delays <model>", "how late metrics are")
        .choices(Object.keys(DELAY_MODELS))
        .default(usual.delays),
    )
    .option(
      "--blips-per-day <n>",
      "short interruptions that hit everybody",
      parseAtLeastZero,
      usual.blips.perDay,
    )
    .option("--blip-seconds <n>", "mean length of one, in seconds", parsePositive, usual.blips.meanSeconds)
    .option(
      "--strangers-per-day <n>",
      "requests without a token, at most",
      wholeFrom(0),
      usual.strangersPerDay,
    )
    .option(
      "--omitted-runs <share>",
      "share of the probe's runs that Scheduler leaves out",
      parseShare,
      usual.omittedRuns,
    )
    .option("--cold-runs <share>", "share of the probe's runs that start cold", parseShare, usual.coldRuns)
    .option(
      "--environment-hours <n>",
      "mean time that Lambda keeps an environment of the agent",
      parsePositive,
      usual.environmentHours,
    )
    .addOption(
      new Option("--mail-seconds <from-to>", "from an action to the mail in the inbox")
        .argParser(parseSeconds)
        .default(usual.mailSeconds, usual.mailSeconds.join("-")),
    );
}

function addReportOptions(command: Command): Command {
  return command
    .option("--days <n>", "days per run (default: 30, more where a fault needs them)", wholeFrom(1))
    .option("--runs <n>", "runs per scenario, each with a seed of its own", wholeFrom(1), 10)
    .option("--seed <n>", "seed of the first run; equal seeds give equal days", wholeFrom(0), 1)
    .option("--threads <n>", "threads that simulate (default: one per core)", wholeFrom(1))
    .option("--json", "print one JSON line per scenario and set of alarms instead of text")
    .option("--html <file>", "write a page with a timeline of each fault to a file")
    .option("--compare <file>", "report what is slower or noisier than in a file that --json wrote")
    .option("--fail-on <limit...>", "exit with 1 when a limit is exceeded; @FILE reads limits from a file");
}

/** What surrounds the agent, as the options have it. */
export function conditionsOf(options: RehearseOptions): Conditions {
  const { delays, blipsPerDay, blipSeconds, strangersPerDay, omittedRuns, coldRuns } = options;
  const { environmentHours, mailSeconds } = options;
  const blips = { perDay: blipsPerDay, meanSeconds: blipSeconds };
  return { delays, blips, strangersPerDay, omittedRuns, coldRuns, environmentHours, mailSeconds };
}

function parsePositive(value: string): number {
  const number = Number(value);
  if (Number.isFinite(number) && number > 0) return number;
  throw new InvalidArgumentError("give a number above 0.");
}

function parseAtLeastZero(value: string): number {
  const number = Number(value);
  if (value.trim() !== "" && Number.isFinite(number) && number >= 0) return number;
  throw new InvalidArgumentError("give a number, 0 for none.");
}

function parseShare(value: string): number {
  const number = parseAtLeastZero(value);
  if (number <= 1) return number;
  throw new InvalidArgumentError("give a share from 0 to 1.");
}

function wholeFrom(least: number): (value: string) => number {
  return (value) => {
    if (/^\d+$/.test(value) && Number(value) >= least) return Number(value);
    throw new InvalidArgumentError(`give a whole number of at least ${least}.`);
  };
}

function parseSeconds(value: string): readonly [number, number] {
  const [, from, to] = /^(\d+(?:\.\d+)?)-(\d+(?:\.\d+)?)$/.exec(value) ?? [];
  if (from !== undefined && to !== undefined && Number(from) <= Number(to)) return [Number(from), Number(to)];
  throw new InvalidArgumentError("give two numbers of seconds, the lower one first, as 2-10.");
}

function parseRecurrence(value: string): Recurrence {
  const [forMs, everyMs, ...more] = value.split("/").map(parseDuration);
  if (forMs !== undefined && everyMs !== undefined && more.length === 0 && forMs >= 60_000 && forMs < everyMs)
    return { forMs, everyMs };
  throw new InvalidArgumentError("give a time of a minute and more and a longer one, as 10m/1h.");
}

/** Everything that must be equal for two rehearsals to be comparable; the alarms are what may differ. */
export function settingsOf(options: RehearseOptions, { name, perDay }: Traffic): RehearsalSettings {
  const { delays, blipsPerDay, blipSeconds, strangersPerDay, begins, comesAndGoes } = options;
  return {
    traffic: name,
    requestsPerDay: perDay,
    delays,
    blipsPerDay,
    blipSeconds,
    strangersPerDay,
    omittedRuns: options.omittedRuns,
    coldRuns: options.coldRuns,
    environmentHours: options.environmentHours,
    mailSeconds: options.mailSeconds.join("-"),
    ...(begins !== undefined && { begins: `${begins} ${options.timezone}` }),
    ...(comesAndGoes && {
      comesAndGoes: `${comesAndGoes.forMs / 60_000}/${comesAndGoes.everyMs / 60_000} min`,
    }),
  };
}
