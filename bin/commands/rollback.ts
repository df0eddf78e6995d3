import { setTimeout } from "node:timers/promises";
import { Command, InvalidArgumentError, Option } from "commander";
import { Failure, UsageError } from "../cli/failure.ts";
import { addTargetOptions, resolveTarget, type TargetOptions } from "../cli/target.ts";
import { askAtTerminal, onInterrupt, type Terminal } from "../cli/terminal.ts";
import {
  DEFAULT_STEP_MINUTES,
  DEFAULT_STEPS,
  parseSteps,
  refuseStepsAlone,
  rollBackGradually,
} from "./rollback/gradual.ts";
import { moveAliasTo } from "./rollback/move-alias.ts";
import { rollbackAws } from "./rollback/rollback-aws.ts";
import type {
  Interaction,
  PublishedVersion,
  Rollback,
  RollbackAws,
  RollbackOptions,
  RollbackResult,
  Serving,
  VersionState,
} from "./rollback/rollback.ts";
import { endDeployment } from "./rollback/stop-deployment.ts";
import {
  chooseRollback,
  type RollbackChoice,
  versionListJson,
  versionListLines,
} from "./rollback/version-list.ts";

const ROLLBACK_EXAMPLES = `
Without --to it stops the deployment that is under way; when none is, it goes to the version before the live one.

Examples:
  npm run cli -- rollback --list --stage production --region us-west-2
  npm run cli -- rollback --stage production --region us-west-2
  npm run cli -- rollback --stage production --region us-west-2 --to 41 --yes
  npm run cli -- rollback --gradual --steps 10,50,100 --every 60 --stage production --region us-west-2

Exits 0 when the version serves, 1 when it does not, 2 on wrong usage. docs/rolling-back.md has the rest.`;

/**
 * `rollback`: a stage on its version before, within seconds; `around` stands in for the person and time in
 * tests.
 */
export function rollbackCommand(terminal: Terminal, around: Interaction = terminalInteraction()): Command {
  return addTargetOptions(new Command("rollback"))
    .description("return a stage to a good version within seconds; URL and token stay the same")
    .addOption(new Option("--to <version>", "number of the version; a newer one too").argParser(parseVersion))
    .addOption(
      new Option("--list", "print the versions, newest first, and change nothing").conflicts([
        "to",
        "yes",
        "dryRun",
      ]),
    )
    .addOption(
      new Option(
        "--gradual",
        "shift in steps while watching the alarms, and shift back when one is raised",
      ).conflicts("list"),
    )
    .addOption(
      new Option("--steps <percents>", "with --gradual: rising percentages of the requests, the last one 100")
        .argParser(parseStepsOption)
        .default(undefined, DEFAULT_STEPS.join(",")),
    )
    .addOption(
      new Option("--every <minutes>", "with --gradual: how long each step is watched")
        .argParser(parseMinutes)
        .default(undefined, String(DEFAULT_STEP_MINUTES)),
    )
    .option("--dry-run", "show what would change and stop")
    .option("--yes", "do not ask; needed where there is no terminal")
    .option("--json", "print one JSON line with what was done or listed; everything else goes to stderr")
    .addHelpText("after", ROLLBACK_EXAMPLES)
    .action(async (options: RollbackOptions & TargetOptions) => {
      refuseStepsAlone(options);
      requireConfirmable(options, around);
      const target = await resolveTarget(options);
      await runRollback({ terminal, target, options, around, aws: await rollbackAws(target) });
    });
}

function parseVersion(text: string): string {
  if (/^[1-9]\d*$/.test(text)) return text;
  if (text === "$LATEST")
    throw new InvalidArgumentError(
      "$LATEST changes with every deploy: give a number that rollback --list shows.",
    );
  throw new InvalidArgumentError(`"${text}" is no version: give a number that rollback --list shows.`);
}

function parseStepsOption(text: string): readonly number[] {
  const steps = parseSteps(text);
  if (steps !== undefined) return steps;
  throw new InvalidArgumentError("give rising percents that end with 100, as in 10,50,100.");
}

function parseMinutes(text: string): number {
  const minutes = Number(text);
  if (text.trim() !== "" && minutes >= 1 && minutes <= 24 * 60) return minutes;
  throw new InvalidArgumentError("give minutes from 1 to 1440.");
}

function terminalInteraction(): Interaction {
  const ask = askAtTerminal();
  return {
    ...(ask && { ask }),
    onInterrupt,
    wait: (milliseconds, signal) => setTimeout(milliseconds, undefined, { signal }),
  };
}

/** Refuses before anything is asked of AWS where nobody could answer the question. */
export function requireConfirmable({ list, yes, dryRun }: RollbackOptions, { ask }: Interaction): void {
  if (list === true || yes === true || dryRun === true || ask !== undefined) return;
  throw new UsageError(
    "this is not a terminal, so it cannot ask: pass --yes, or --dry-run to see what would change",
  );
}

/** Reads what serves, and lists it or goes back. */
export async function runRollback(work: Omit<Rollback, "signal" | "say">): Promise<void> {
  const stopping = new AbortController();
  const ignore = work.around.onInterrupt(() => stopping.abort());
  const say = work.options.json === true ? work.terminal.err : work.terminal.out;
  const rollback: Rollback = { ...work, say, signal: stopping.signal };
  try {
    if (work.options.list === true) await printVersions(rollback);
    else await rollBack(rollback);
  } finally {
    ignore();
    work.aws.close();
  }
}

async function printVersions(rollback: Rollback): Promise<void> {
  const { terminal, target, options } = rollback;
  const found = await terminal.progress(
    "reading the versions",
    withStates(rollback, await readServing(rollback)),
  );
  if (options.json === true) terminal.out(JSON.stringify(versionListJson(target.stage, found)));
  else versionListLines(terminal, target.where, found).forEach(terminal.out);
}

async function readServing({ terminal, aws, signal }: Rollback): Promise<Serving> {
  const serving = await terminal.progress("reading the versions", aws.read(signal));
  serving.unasked.forEach((reason) => terminal.err(terminal.colours.yellow(reason)));
  return serving;
}

const STATE_READS_AT_ONCE = 10;

/** Lambda reports the state of one version at a time, and takes few questions a second. */
async function withStates({ aws, signal }: Rollback, serving: Serving): Promise<Serving> {
  const versions: PublishedVersion[] = [];
  for (let from = 0; from < serving.versions.length; from += STATE_READS_AT_ONCE) {
    const some = serving.versions.slice(from, from + STATE_READS_AT_ONCE);
    versions.push(...(await Promise.all(some.map((each) => withState(each, aws.stateOf, signal)))));
  }
  return { ...serving, versions };
}

async function withState(
  version: PublishedVersion,
  stateOf: RollbackAws["stateOf"],
  signal: AbortSignal,
): Promise<PublishedVersion> {
  if (version.state !== undefined) return version;
  const state = await stateOf(version.version, signal);
  return state === undefined ? version : { ...version, state };
}

async function rollBack(rollback: Rollback): Promise<void> {
  if (rollback.options.gradual === true) return rollBackBySteps(rollback);
  const { serving, choice } = await decideWithState(rollback, await readServing(rollback));
  if (choice.kind === "refused") throw new Failure(`${rollback.target.where}: ${choice.reason}`);
  const did =
    choice.kind === "move"
      ? await moveAliasTo(rollback, serving, choice)
      : await endDeployment(rollback, serving, choice);
  if (rollback.options.json === true) rollback.terminal.out(resultJson(rollback, serving, did));
}

async function rollBackBySteps(rollback: Rollback): Promise<void> {
  const { serving } = await decideWithState(rollback, await readServing(rollback));
  const did = await rollBackGradually(rollback, serving);
  if (rollback.options.json === true) rollback.terminal.out(resultJson(rollback, serving, did));
}

/** Asks the state of a version only once it is about to be chosen: of fifty, one matters. */
async function decideWithState(
  rollback: Rollback,
  serving: Serving,
): Promise<{ readonly serving: Serving; readonly choice: RollbackChoice }> {
  const choice = chooseRollback(serving, rollback.options.to);
  if (choice.kind !== "move" || choice.to.state !== undefined) return { serving, choice };
  const state = await rollback.aws.stateOf(choice.to.version, rollback.signal);
  if (state === undefined) return { serving, choice };
  return decideWithState(rollback, withVersionState(serving, choice.to.version, state));
}

function withVersionState(serving: Serving, version: string, state: VersionState): Serving {
  const versions = serving.versions.map((each) => (each.version === version ? { ...each, state } : each));
  return { ...serving, versions };
}

function resultJson({ target }: Rollback, { region, functionName }: Serving, did: RollbackResult): string {
  return JSON.stringify({ stage: target.stage, region, function: functionName, ...did });
}
