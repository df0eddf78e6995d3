/**
 * How many small changes of the code the tests notice: `npm run mutation -- [--area NAME…] [--mutants N] [--seed N] [--json]`.
 *
 * A chance sample of an area's mutants is run, each against the test files that import the changed file, in the memory of
 * a worker, which is stopped when a mutant never ends: no file of the repository is written. The share is given with its 95 % interval (Wilson).
 */
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { seededRandom } from "../local/random.ts";
import { wilsonInterval } from "../local/rehearsal/tally.ts";
import { sourceFiles } from "./imports.ts";
import { mutantsOf, type Mutant } from "./mutation/mutants.ts";
import type { MutationLine, MutationOrder } from "./mutation/worker.ts";
import { runProgram } from "./program.ts";

const ROOT = join(import.meta.dirname, "..");

/** The areas whose tests are asked for, and the folders where those tests are. */
const AREAS: Readonly<Record<string, readonly string[]>> = {
  "lambda/agent": ["test/lambda/agent"],
  "lib/monitoring": ["test/lib", "test/alarms"],
  "packages/cloudwatch": ["test/packages/cloudwatch"],
};

const HELP = `usage: npm run mutation -- [--area NAME] [--mutants N] [--seed N] [--list] [--json]

  --area NAME   ${Object.keys(AREAS).join(", ")}; each of them without it
  --mutants N   how many mutants of an area are tried, chosen by chance (100)
  --seed N      which chance: the same number tries the same mutants (1)
  --list        prints each surviving mutant as it is found
  --json        one JSON object an area
`;

interface AreaResult {
  readonly area: string;
  readonly mutants: number;
  readonly tried: number;
  readonly killed: number;
  readonly survivors: readonly Mutant[];
}

function sample<Item>(items: readonly Item[], count: number, seed: number): readonly Item[] {
  const random = seededRandom(seed);
  return items
    .map((item) => ({ item, order: random() }))
    .sort((one, other) => one.order - other.order)
    .slice(0, count)
    .map(({ item }) => item);
}

interface Choice {
  readonly area: string;
  readonly count: number;
  readonly seed: number;
  readonly found: (mutant: Mutant) => void;
}

async function measure({ area, count, seed, found }: Choice): Promise<AreaResult> {
  const all = sourceFiles(area).flatMap((file) => mutantsOf(file, readFileSync(join(ROOT, file), "utf8")));
  const chosen = sample(all, count, seed);
  const survivors: Mutant[] = [];
  let tried = 0;
  while (tried < chosen.length) {
    const order: MutationOrder = {
      testFolders: AREAS[area] ?? [],
      mutants: chosen.slice(tried, tried + MUTANTS_PER_WORKER),
      checksBaseline: tried === 0,
    };
    for await (const line of linesOfWorker(order)) {
      if ("baselineFails" in line)
        throw new Error(`the tests of ${area} fail without any change: mend them first`);
      const mutant = chosen[tried];
      tried += 1;
      if (mutant === undefined || line.killed) continue;
      survivors.push(mutant);
      found(mutant);
    }
    if (process.stderr.isTTY) process.stderr.write(`\r${area}: ${tried} of ${chosen.length} `);
  }
  return { area, mutants: all.length, tried, killed: tried - survivors.length, survivors };
}

/** A worker's memory grows with every mutant. */
const MUTANTS_PER_WORKER = 20;

/** Longer than the tests of an area take on a busy machine: a mutant that makes them take longer never ends. */
const LIMIT_MS = 180_000;

/** The lines of a new worker; one that never ends or dies has noticed the mutant that it was at, and is the last. */
async function* linesOfWorker(order: MutationOrder): AsyncGenerator<MutationLine> {
  const worker = spawn(
    process.execPath,
    [...process.execArgv, join(import.meta.dirname, "mutation/worker.ts")],
    {
      stdio: ["pipe", "pipe", "ignore"],
      // A group of its own: what it started ends with it.
      detached: true,
    },
  );
  worker.stdin.end(JSON.stringify(order));
  const end = (): void => {
    if (worker.pid !== undefined && worker.exitCode === null) process.kill(-worker.pid, "SIGKILL");
  };
  process.once("exit", end);
  let timer = setTimeout(end, LIMIT_MS);
  let lines = 0;
  for await (const line of createInterface({ input: worker.stdout })) {
    clearTimeout(timer);
    timer = setTimeout(end, LIMIT_MS);
    lines += 1;
    yield JSON.parse(line) as MutationLine;
    if (lines === order.mutants.length) break;
  }
  clearTimeout(timer);
  end();
  process.off("exit", end);
  if (lines < order.mutants.length) yield { killed: true };
}

function resultLine({ area, mutants, tried, killed }: AreaResult): string {
  const { low, high } = wilsonInterval(killed, tried);
  const percent = (share: number): string => (share * 100).toFixed(0);
  return `${area}: ${killed} of ${tried} noticed, ${percent(killed / tried)} % (${percent(low)} to ${percent(high)} %), of ${mutants} mutants`;
}

function mutantLine({ file, line, before, after }: Mutant): string {
  const short = (text: string): string => text.replaceAll(/\s+/g, " ").slice(0, 60);
  return `  survived: ${file}:${line}  ${short(before)}  ->  ${short(after)}`;
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      area: { type: "string", multiple: true },
      mutants: { type: "string", default: "100" },
      seed: { type: "string", default: "1" },
      list: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  const areas = values.area ?? Object.keys(AREAS);
  const wrong = areas.find((area) => !Object.hasOwn(AREAS, area));
  const [count, seed] = [Number(values.mutants), Number(values.seed)];
  if (
    wrong !== undefined ||
    !Number.isInteger(count) ||
    count < 1 ||
    !Number.isInteger(seed) ||
    values.help
  ) {
    (values.help ? process.stdout : process.stderr).write(HELP);
    return values.help ? 0 : 2;
  }
  const found = (mutant: Mutant): void =>
    void (values.list && process.stdout.write(`${mutantLine(mutant)}\n`));
  for (const area of areas) {
    const result = await measure({ area, count, seed, found });
    process.stdout.write(`${values.json ? JSON.stringify(result) : resultLine(result)}\n`);
  }
  return 0;
}

for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));
await runProgram(main);
