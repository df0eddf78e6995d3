/**
 * Tries mutants in this process, one after another, and writes a line of JSON for each: `bench/mutation.ts` starts it and stops it when a
 * mutant never ends. No file of the repository is written: a plugin changes the code while it is loaded.
 */
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { createVitest, type TestSpecification, type Vitest } from "vitest/node";
import { importersOf, importsWithin } from "../imports.ts";
import type { Mutant } from "./mutants.ts";

const ROOT = join(import.meta.dirname, "../..");

/** What the parent asks for, as JSON on standard input. */
export interface MutationOrder {
  /** Folders of the tests that are asked. */
  readonly testFolders: readonly string[];
  readonly mutants: readonly Mutant[];
  /** Whether to make sure first that the tests succeed without any change. */
  readonly checksBaseline: boolean;
}

/** What a line says: the baseline failed, or whether the tests noticed the next mutant. */
export type MutationLine = { readonly baselineFails: true } | { readonly killed: boolean };

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
      maxWorkers: 1,
      isolate: true,
      pool: "forks",
      // A mutant that fills the memory for ever is to fail soon.
      execArgv: ["--max-old-space-size=700"],
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
function testsOf(file: string): ReadonlySet<string> {
  const seen = new Set([file]);
  for (const each of seen) for (const importer of importers.get(each) ?? []) seen.add(importer);
  return new Set([...seen].filter((each) => each.endsWith(".test.ts")).map((test) => join(ROOT, test)));
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

function write(line: MutationLine): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

async function main(): Promise<void> {
  const order = JSON.parse(await text(process.stdin)) as MutationOrder;
  const vitest = await testRunner();
  const inArea = (await vitest.globTestSpecifications()).filter(({ moduleId }) =>
    order.testFolders.some((folder) => moduleId.startsWith(join(ROOT, folder) + "/")),
  );
  if (order.checksBaseline && (await fails(vitest, inArea))) {
    write({ baselineFails: true });
    return;
  }
  for (const mutant of order.mutants) {
    const tests = testsOf(mutant.file);
    write({
      killed: await isKilled(
        vitest,
        mutant,
        inArea.filter(({ moduleId }) => tests.has(moduleId)),
      ),
    });
  }
  await vitest.close();
}

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";
await main();
