/**
 * How many small changes of the code the tests notice: `npm run mutation -- --help`.
 *
 * A chance sample of an area's mutants is tried, each with the test files that reach it, the nearest first,
 * until one of them fails. The share is given with its 95 % interval (Wilson).
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { seededRandom } from "../local/random.ts";
import { importsWithin } from "./imports.ts";
import { triedMutants, UnchangedCodeFails, type Tried } from "./mutation/measure.ts";
import { mutantsOf } from "./mutation/mutants.ts";
import { AREAS, HELP, readMutationOptions, type MutationOptions } from "./mutation/options.ts";
import {
  areaResult,
  equivalence,
  resultLine,
  survivorLine,
  type AreaResult,
  type Equivalent,
} from "./mutation/result.ts";
import { compilingMutants, typeChecker } from "./mutation/type-check.ts";
import { runProgram } from "./program.ts";

const ROOT = join(import.meta.dirname, "..");

/** Where the files between a test and a mutant are. */
const FOLDERS = ["lib", "dashboards", "lambda", "packages", "local", "bin", "test"];

/** The same order for the same seed. */
function shuffled<Item>(items: readonly Item[], seed: number): readonly Item[] {
  const random = seededRandom(seed);
  return items
    .map((item) => ({ item, order: random() }))
    .sort((one, other) => one.order - other.order)
    .map(({ item }) => item);
}

interface Choice extends Omit<MutationOptions, "files"> {
  readonly area: string;
  readonly files: readonly string[];
  readonly signal: AbortSignal;
}

const textOf = (file: string): string => readFileSync(join(ROOT, file), "utf8");

async function measure(choice: Choice): Promise<AreaResult> {
  const { area, files, count, seed, signal } = choice;
  const all = files.flatMap((file) => mutantsOf(file, textOf(file)));
  const list = join(import.meta.dirname, "mutation/equivalent.json");
  const isEquivalent = equivalence(JSON.parse(readFileSync(list, "utf8")) as Equivalent[], textOf);
  const startedAt = performance.now();
  const progress = (text: string): void => showProgress(`${area}: ${text}, ${seconds(startedAt)}`);
  const { mutants, refused } = await compilingMutants(shuffled(all, seed), count, {
    compiles: typeChecker(ROOT, files),
    progress: (found) => progress(`${found} mutants that compile`),
    signal,
  });
  const sample = { area, seed, mutants: all.length, refused };
  const result = (): AreaResult => areaResult(sample, tried, isEquivalent);
  const tried: Tried[] = [];
  const tests = AREAS[area] ?? { folders: [], without: [] };
  const imports = importsWithin(FOLDERS);
  for await (const each of triedMutants({ mutants, tests, imports, progress, signal })) {
    tried.push(each);
    const isSurvivor = result().survivors.at(-1) === each;
    if (isSurvivor && !choice.isJson) print(survivorLine(each));
  }
  return result();
}

function seconds(startedAt: number): string {
  return `${Math.round((performance.now() - startedAt) / 1000)} s`;
}

/** On a terminal, one line that is written over. */
function showProgress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001B[K${text}`);
}

function print(line: string): void {
  showProgress("");
  process.stdout.write(`${line}\n`);
}

function wrongUsage(message: string): number {
  process.stderr.write(`${message}\n--help lists what there is\n`);
  return 2;
}

async function main(): Promise<number> {
  const wanted = readMutationOptions(process.argv.slice(2));
  if (wanted === "help") {
    process.stdout.write(HELP);
    return 0;
  }
  if (typeof wanted === "string") return wrongUsage(wanted);
  const interrupted = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => interrupted.abort());
  for (const [area, files] of wanted.files) {
    if (interrupted.signal.aborted) break;
    const result = await measured({ ...wanted, area, files, signal: interrupted.signal });
    if (result === undefined) return 1;
    print(wanted.isJson ? JSON.stringify(result) : resultLine(result));
  }
  return interrupted.signal.aborted ? 1 : 0;
}

async function measured(choice: Choice): Promise<AreaResult | undefined> {
  try {
    return await measure(choice);
  } catch (error) {
    if (!(error instanceof UnchangedCodeFails)) throw error;
    showProgress("");
    process.stderr.write(`${error.message}\n`);
    return undefined;
  }
}

await runProgram(main);
