import { setTimeout as wait } from "node:timers/promises";
import { Command, InvalidArgumentError } from "commander";
import { ALIAS_NAME, namesOf } from "../../lib/names.ts";
import { PRICES } from "../../local/bill/prices.ts";
import { currentToken } from "../cli/aws-calls.ts";
import { errorMessage, Failure, UsageError } from "../cli/failure.ts";
import { lockStage, stageLockFile } from "../cli/stage-lock.ts";
import { addTargetOptions, resolveTarget, type Target, type TargetOptions } from "../cli/target.ts";
import { askAtTerminal, isYes, onInterrupt, type Terminal } from "../cli/terminal.ts";
import {
  awsFunction,
  type AwsFunction,
  maxCostText,
  questionEvent,
  tokenParameterName,
} from "./tune-memory/aws-function.ts";
import {
  compareSizes,
  type Comparison,
  LOCAL_ADVICE,
  recommendSize,
  tuningLines,
} from "./tune-memory/comparison.ts";
import {
  type Measurement,
  type MeasurementPlan,
  measureVersion,
  publishSizes,
} from "./tune-memory/measure.ts";
import {
  type FunctionState,
  LATEST_VERSION,
  restoreFunction,
  type TuningPorts,
} from "./tune-memory/tuned-function.ts";

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

const TUNE_MEMORY_HELP = `
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
  return addTargetOptions(new Command("tune-memory"))
    .description("measure the deployed function in several memory sizes, and say which one to choose")
    .option(
      "--sizes <list>",
      "sizes in MB, separated by commas",
      parseMemorySizes,
      parseMemorySizes("128,256,512,1024,1769"),
    )
    .option("--cold <count>", "concurrent questions, each to a new environment, 1 to 10", countParser(10), 3)
    .option("--warm <count>", "questions one after the other, 1 to 100", countParser(100), 10)
    .option("--cold-share <share>", "share of people's requests that are cold, 0 to 1", parseShare, 0.4)
    .option("--requests-per-day <number>", "requests of people in a day", parsePositive, 30)
    .option("--clean", "only restore what a killed measurement left behind")
    .option("--yes", "do not ask before the questions, which cost the model's time")
    .option("--json", "print one JSON line")
    .addHelpText("after", TUNE_MEMORY_HELP)
    .action(async (options: TuneOptions) => {
      const target = await resolveTarget(options);
      const tuned = functionUnderTest(target);
      // A second measurement would take the first one's versions for what a killed run left behind.
      const { stage, client } = target;
      const { endpoint = process.env.AWS_ENDPOINT_URL } = client;
      const unlock = await lockStage(
        stageLockFile("tune-memory", { stage, endpoint }),
        `the memory of ${target.where} is being measured`,
      );
      const stopping = new AbortController();
      const ignore = onInterrupt(() => stopping.abort());
      try {
        await tuneMemory({ terminal, target, tuned, options, signal: stopping.signal });
      } finally {
        ignore();
        tuned.close();
        await unlock();
      }
    });
}

interface TuneWork {
  readonly terminal: Terminal;
  readonly target: Target;
  readonly tuned: AwsFunction;
  readonly options: TuneOptions;
  readonly signal: AbortSignal;
}

function functionUnderTest(target: Target): AwsFunction {
  let token: Promise<string> | undefined;
  const name = namesOf(target.stage).function;
  const tuned: AwsFunction = awsFunction(target, name, async () => {
    token ??= tuned
      .read(LATEST_VERSION)
      .then((state) => currentToken(target, tokenParameterName(name, state)));
    return questionEvent(await token, Date.now());
  });
  return tuned;
}

async function tuneMemory({ terminal, target, tuned, options, signal }: TuneWork): Promise<void> {
  const bench: TuningPorts = {
    tuned,
    signal,
    wait: (milliseconds, stop) => wait(milliseconds, undefined, { signal: stop }),
    progress: terminal.progress,
  };
  const say = options.json === true ? terminal.err : terminal.out;
  const left = await terminal.progress("looking at the function", restoreFunction(bench));
  left.forEach((line) => say(`${target.where}: ${line}`));
  if (options.clean === true) {
    if (left.length === 0) say(`${target.where}: nothing was left to put back`);
    return;
  }
  await requireConsent({ terminal, target, tuned, options, signal });
  const { sizes, cold, warm, coldShare, requestsPerDay } = options;
  const prices = { arm64: unitPrice(PRICES.lambdaArm), x86_64: unitPrice(PRICES.lambdaX86) };
  const tuning = { plan: { sizes, cold, warm }, traffic: { coldShare, requestsPerDay }, prices };
  const comparison = await runTuning(bench, tuning);
  const { stage, where, isLocal } = target;
  const advice = isLocal ? LOCAL_ADVICE : recommendSize(comparison.sizes);
  const context = { stage, where, isLocal, coldShare, requestsPerDay, advice };
  if (options.json === true)
    terminal.out(JSON.stringify({ function: tuned.name, ...context, ...comparison }));
  else tuningLines(comparison, context).forEach(terminal.out);
}

function unitPrice({ usd, per }: { readonly usd: number; readonly per: number }): number {
  return usd / per;
}

/** The stand-in of this machine costs nothing. */
async function requireConsent({ terminal, target, tuned, options, signal }: TuneWork): Promise<void> {
  const latest = await tuned.read(LATEST_VERSION);
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
      `this is not a terminal, so it cannot ask: pass --yes for ${questions} questions, ${maxCostText(latest, questions)}`,
    );
  const answer = await ask(
    `Ask ${tuned.name} ${questions} questions (${maxCostText(latest, questions)})? (y/n) `,
    signal,
  );
  if (!isYes(answer)) throw new Failure("nothing was measured");
}

/** What Lambda takes. https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html */
const MEMORY_LIMITS = { least: 128, most: 10_240 } as const;

/** A list of memory sizes, ascending and without repetition. */
export function parseMemorySizes(text: string): readonly number[] {
  const sizes = text.split(",").map((part) => parseMemorySize(part.trim()));
  return [...new Set(sizes)].toSorted((a, b) => a - b);
}

function parseMemorySize(text: string): number {
  const size = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (size >= MEMORY_LIMITS.least && size <= MEMORY_LIMITS.most) return size;
  throw new InvalidArgumentError(
    `"${text}" is no memory size: give whole megabytes from ${MEMORY_LIMITS.least} to ${MEMORY_LIMITS.most}, separated by commas.`,
  );
}

/** A whole number from 1 to `most`. */
export function countParser(most: number): (text: string) => number {
  return (text) => {
    const count = /^\d+$/.test(text) ? Number(text) : 0;
    if (count >= 1 && count <= most) return count;
    throw new InvalidArgumentError(`"${text}" is no count: give a whole number from 1 to ${most}.`);
  };
}

/** A share between 0 and 1. */
export function parseShare(text: string): number {
  const value = /^\d*\.?\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= 0 && value <= 1) return value;
  throw new InvalidArgumentError(`"${text}" is no share: give a number from 0 to 1, such as 0.4.`);
}

/** A number above 0. */
export function parsePositive(text: string): number {
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : 0;
  if (value > 0) return value;
  throw new InvalidArgumentError(`"${text}" is no number above 0: give one such as 30.`);
}

/** What a measurement is for. */
export interface Tuning {
  readonly plan: MeasurementPlan;
  readonly traffic: { readonly coldShare: number; readonly requestsPerDay: number };
  /** US dollars for a gigabyte-second by architecture. */
  readonly prices: Readonly<Record<FunctionState["architecture"], number>>;
}

/** Measures the sizes of a plan; whatever happens, the function is as it was afterwards. */
export async function runTuning(bench: TuningPorts, { plan, traffic, prices }: Tuning): Promise<Comparison> {
  const { memoryMb, architecture } = await bench.tuned.read(LATEST_VERSION);
  const measurements = await restoringAfterwards(bench, () => measureAll(bench, plan));
  const usdPerGigabyteSecond = prices[architecture];
  return compareSizes(measurements, { ...traffic, usdPerGigabyteSecond, currentMemoryMb: memoryMb });
}

async function measureAll(bench: TuningPorts, plan: MeasurementPlan): Promise<readonly Measurement[]> {
  const { sizes, cold, warm } = plan;
  const publishing = publishSizes(bench, sizes);
  const versions = await bench.progress(`publishing ${sizes.length} versions to measure`, publishing);
  const done: Measurement[] = [];
  for (const version of versions) {
    const text = `${version.memoryMb} MB: ${cold + warm} questions (size ${done.length + 1} of ${sizes.length})`;
    done.push(await bench.progress(text, measureVersion(bench, version, plan)));
  }
  return done;
}

async function restoringAfterwards<T>(bench: TuningPorts, act: () => Promise<T>): Promise<T> {
  const ended = await act().then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  await bench.progress("putting everything back", restoreFunction(bench)).catch((error: unknown) => {
    throw new Failure(
      `${bench.tuned.name} may not be as it was: run tune-memory --clean (${errorMessage(error)})`,
      { cause: error },
    );
  });
  if (!("error" in ended)) return ended.value;
  if (!bench.signal.aborted) throw ended.error;
  throw new Failure("interrupted: nothing is left of the measurement", { cause: ended.error });
}
