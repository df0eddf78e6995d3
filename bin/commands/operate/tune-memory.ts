import { setTimeout as wait } from "node:timers/promises";
import { Command } from "commander";
import { ALIAS_NAME, namesOf } from "../../../lib/names.ts";
import { PRICES } from "../../../local/bill/prices.ts";
import { Failure, UsageError } from "../failure.ts";
import { askAtTerminal, isYes, onInterrupt } from "../person.ts";
import type { Terminal } from "../terminal.ts";
import { currentToken } from "./current-token.ts";
import { targetOf, withTarget, type Target, type TargetOptions } from "./target.ts";
import { awsFunction, type AwsFunction } from "./tune-memory/aws-function.ts";
import { countUpTo, memorySizes, positive, share } from "./tune-memory/options.ts";
import { mostCost, questionEvent, tokenParameterOf } from "./tune-memory/question.ts";
import { NOT_IN_AWS, recommend } from "./tune-memory/recommend.ts";
import { runTuning } from "./tune-memory/run-tuning.ts";
import { putBack } from "./tune-memory/settle.ts";
import { LATEST, type Bench } from "./tune-memory/tuned-function.ts";
import { tuningLines } from "./tune-memory/tuning-lines.ts";

interface TuneOptions extends TargetOptions {
  readonly sizes: readonly number[];
  readonly cold: number;
  readonly warm: number;
  readonly coldShare: number;
  readonly requestsPerDay: number;
  readonly clean?: true;
  readonly yes?: true;
  readonly json?: true;
}

const EXPLAINED = `
Publishes a version of the deployed code for each size, asks each real questions that no metric counts, and removes
them again. The alias, and so every request of people, is not touched; $LATEST is changed for the seconds that
publishing takes. Do not deploy meanwhile. Needs lambda:GetFunctionConfiguration, UpdateFunctionConfiguration,
PublishVersion, ListVersionsByFunction, InvokeFunction and DeleteFunction on the function, and ssm:GetParameter on
the token's parameter.

Examples:
  npm run cli -- tune-memory --stage production --region us-west-2
  npm run cli -- tune-memory --stage staging --sizes 256,512 --cold 5 --warm 20 --json
  npm run cli -- tune-memory --stage staging --clean

Exits 0 when measured, 1 when it could not be, 2 on wrong usage.`;

/** `tune-memory`: how much memory the function needs, by asking the deployed code in several sizes. */
export function tuneMemoryCommand(terminal: Terminal): Command {
  return withTarget(new Command("tune-memory"))
    .description("measure the deployed function in several memory sizes, and say which one to choose")
    .option(
      "--sizes <list>",
      "sizes in MB, separated by commas",
      memorySizes,
      memorySizes("128,256,512,1024,1769"),
    )
    .option("--cold <count>", "questions at once that meet a new environment each, 1 to 10", countUpTo(10), 3)
    .option("--warm <count>", "questions one after the other, 1 to 100", countUpTo(100), 10)
    .option("--cold-share <share>", "share of people's requests that are cold, 0 to 1", share, 0.4)
    .option("--requests-per-day <number>", "requests of people in a day", positive, 30)
    .option("--clean", "only put back what a measurement left behind that was killed")
    .option("--yes", "do not ask before the questions, which cost the model's time")
    .option("--json", "print one JSON line")
    .addHelpText("after", EXPLAINED)
    .action(async (options: TuneOptions) => {
      const target = await targetOf(options);
      const tuned = functionOf(target);
      const stopping = new AbortController();
      const ignore = onInterrupt(() => stopping.abort());
      try {
        await tune({ terminal, target, tuned, options, signal: stopping.signal });
      } finally {
        ignore();
        tuned.close();
      }
    });
}

interface Work {
  readonly terminal: Terminal;
  readonly target: Target;
  readonly tuned: AwsFunction;
  readonly options: TuneOptions;
  readonly signal: AbortSignal;
}

function functionOf(target: Target): AwsFunction {
  let token: Promise<string> | undefined;
  const name = namesOf(target.stage).function;
  const tuned: AwsFunction = awsFunction(target, name, async () => {
    token ??= tuned.read(LATEST).then((state) => currentToken(target, tokenParameterOf(name, state)));
    return questionEvent(await token, Date.now());
  });
  return tuned;
}

async function tune({ terminal, target, tuned, options, signal }: Work): Promise<void> {
  const bench: Bench = {
    tuned,
    signal,
    wait: (milliseconds, stop) => wait(milliseconds, undefined, { signal: stop }),
    progress: terminal.progress,
  };
  const say = options.json === true ? terminal.err : terminal.out;
  const left = await terminal.progress("looking at the function", putBack(bench));
  left.forEach((line) => say(`${target.where}: ${line}`));
  if (options.clean === true) {
    if (left.length === 0) say(`${target.where}: nothing was left to put back`);
    return;
  }
  await requireConsent({ terminal, target, tuned, options, signal });
  const { sizes, cold, warm, coldShare, requestsPerDay } = options;
  const prices = { arm64: perUnit(PRICES.lambdaArm), x86_64: perUnit(PRICES.lambdaX86) };
  const tuning = { plan: { sizes, cold, warm }, traffic: { coldShare, requestsPerDay }, prices };
  const comparison = await runTuning(bench, tuning);
  const { stage, where, isLocal } = target;
  const advice = isLocal ? NOT_IN_AWS : recommend(comparison.sizes);
  const told = { stage, where, isLocal, coldShare, requestsPerDay, advice };
  if (options.json === true) terminal.out(JSON.stringify({ function: tuned.name, ...told, ...comparison }));
  else tuningLines(comparison, told).forEach(terminal.out);
}

function perUnit({ usd, per }: { readonly usd: number; readonly per: number }): number {
  return usd / per;
}

/** The stand-in of this machine costs nothing. */
async function requireConsent({ terminal, target, tuned, options, signal }: Work): Promise<void> {
  const latest = await tuned.read(LATEST);
  const live = await tuned.read(ALIAS_NAME);
  if (live.codeSha256 !== latest.codeSha256)
    terminal.err(
      `the newest code of the function is measured; the alias ${ALIAS_NAME} points at other code (a rollback, or a deployment that is under way)`,
    );
  if (target.isLocal || options.yes === true) return;
  const questions = options.sizes.length * (options.cold + options.warm);
  const ask = askAtTerminal();
  if (ask === undefined)
    throw new UsageError(
      `nobody can be asked here, as this is no terminal: pass --yes for ${questions} questions, ${mostCost(latest, questions)}`,
    );
  const answer = await ask(
    `Ask ${tuned.name} ${questions} questions (${mostCost(latest, questions)})? (y/n) `,
    signal,
  );
  if (!isYes(answer)) throw new Failure("nothing was measured");
}
