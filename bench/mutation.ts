/**
 * How many small changes of the code the tests notice: `npm run mutation -- [--area NAME…] [--mutants N] [--seed N] [--json]`.
 *
 * A chance sample of an area's mutants is run, each against the test files that import the changed file, in the memory of
 * this process: no file of the repository is written. The share is given with its 95 % interval (Wilson).
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { createVitest, type TestSpecification, type Vitest } from "vitest/node";
import { seededRandom } from "../local/random.ts";
import { importersOf, importsWithin, sourceFiles } from "./imports.ts";
import { mutantsOf, type Mutant } from "./mutation/mutants.ts";

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

/** What is changed at this moment; the plugin reads it whenever a file is loaded. */
let current: Mutant | undefined;

const mutating = {
  name: "mutating",
  enforce: "pre" as const,
  transform: (code: string, id: string): string | undefined =>
    current !== undefined && id === join(ROOT, current.file)
      ? code.slice(0, current.start) + current.after + code.slice(current.end)
      : undefined,
};

async function testRunner(): Promise<Vitest> {
  const vitest = await createVitest(
    "test",
    {
      watch: false,
      config: false,
      bail: 1,
      reporters: [{}],
      testTimeout: 20_000,
      maxWorkers: 2,
      isolate: true,
    },
    {
      root: ROOT,
      plugins: [mutating],
      ssr: { resolve: { conditions: ["source", "node", "development|production"] } },
      test: { include: ["test/**/*.test.ts"] },
      logLevel: "silent",
    },
  );
  await vitest.standalone();
  return vitest;
}

const importers = importersOf(
  importsWithin(["lib", "dashboards", "lambda", "packages", "local", "bin", "test"]),
);

/** Test files that import the file, directly or not. */
function testsOf(file: string): readonly string[] {
  const seen = new Set([file]);
  for (const each of seen) for (const importer of importers.get(each) ?? []) seen.add(importer);
  return [...seen].filter((each) => each.endsWith(".test.ts"));
}

function isIn(area: string, testFile: string): boolean {
  return (AREAS[area] ?? []).some((folder) => testFile.startsWith(join(ROOT, folder) + "/"));
}

function sample<Item>(items: readonly Item[], count: number, seed: number): readonly Item[] {
  const random = seededRandom(seed);
  return items
    .map((item) => ({ item, order: random() }))
    .sort((one, other) => one.order - other.order)
    .slice(0, count)
    .map(({ item }) => item);
}

async function fails(vitest: Vitest, tests: readonly TestSpecification[]): Promise<boolean> {
  const { testModules, unhandledErrors } = await vitest.runTestSpecifications([...tests], false);
  return unhandledErrors.length > 0 || testModules.some((module) => !module.ok());
}

async function isKilled(
  vitest: Vitest,
  mutant: Mutant,
  tests: readonly TestSpecification[],
): Promise<boolean> {
  current = mutant;
  vitest.invalidateFile(join(ROOT, mutant.file));
  const killed = await fails(vitest, tests);
  current = undefined;
  vitest.invalidateFile(join(ROOT, mutant.file));
  return killed;
}

interface Choice {
  readonly area: string;
  readonly count: number;
  readonly seed: number;
  readonly found: (mutant: Mutant) => void;
}

async function measure(vitest: Vitest, { area, count, seed, found }: Choice): Promise<AreaResult> {
  const all = sourceFiles(area).flatMap((file) => mutantsOf(file, readFileSync(join(ROOT, file), "utf8")));
  const specifications = await vitest.globTestSpecifications();
  const inArea = specifications.filter(({ moduleId }) => isIn(area, moduleId));
  if (await fails(vitest, inArea))
    throw new Error(`the tests of ${area} fail without any change: mend them first`);
  const survivors: Mutant[] = [];
  const chosen = sample(all, count, seed);
  for (const [at, mutant] of chosen.entries()) {
    const tests = new Set(testsOf(mutant.file).map((test) => join(ROOT, test)));
    const asked = inArea.filter(({ moduleId }) => tests.has(moduleId));
    if (!(await isKilled(vitest, mutant, asked))) {
      survivors.push(mutant);
      found(mutant);
    }
    if (process.stderr.isTTY) process.stderr.write(`\r${area}: ${at + 1} of ${chosen.length} `);
  }
  return {
    area,
    mutants: all.length,
    tried: chosen.length,
    killed: chosen.length - survivors.length,
    survivors,
  };
}

/** The 95 % interval of a share by Wilson, in per cent. */
function interval(hits: number, total: number): readonly [number, number] {
  const z = 1.96;
  const share = hits / total;
  const middle = (share + z ** 2 / (2 * total)) / (1 + z ** 2 / total);
  const half =
    (z / (1 + z ** 2 / total)) * Math.sqrt((share * (1 - share)) / total + z ** 2 / (4 * total ** 2));
  return [(middle - half) * 100, (middle + half) * 100];
}

function resultLine({ area, mutants, tried, killed }: AreaResult): string {
  const [low, high] = interval(killed, tried);
  const share = ((killed / tried) * 100).toFixed(0);
  return `${area}: ${killed} of ${tried} noticed, ${share} % (${low.toFixed(0)} to ${high.toFixed(0)} %), of ${mutants} mutants`;
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
  const vitest = await testRunner();
  const found = (mutant: Mutant): void =>
    void (values.list && process.stdout.write(`${mutantLine(mutant)}\n`));
  for (const area of areas) {
    const result = await measure(vitest, { area, count, seed, found });
    process.stdout.write(`${values.json ? JSON.stringify(result) : resultLine(result)}\n`);
  }
  await vitest.close();
  return 0;
}

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";
process.exitCode = await main();
