/**
 * Runs tests on changed code, and writes what they say as lines of JSON: `bench/mutation.ts` starts it and
 * stops it when a mutant never ends. No file of the repository is written: a plugin changes the code while it
 * is loaded.
 */
import { join, relative } from "node:path";
import { text } from "node:stream/consumers";
import { createVitest, type TestModule, type TestSpecification, type Vitest } from "vitest/node";
import { markedText, type NumberedMutant } from "./marks.ts";
import type { Mutant } from "./mutants.ts";
import type { TestFileRun } from "./plan.ts";

const ROOT = join(import.meta.dirname, "../..");

/** A mutant with the test files that are to notice it, in their order. */
export interface Trial {
  readonly mutant: Mutant;
  readonly tests: readonly string[];
}

/**
 * What the parent asks for, as JSON on standard input: which tests reach which mutants, or whether tests
 * notice mutants.
 */
export type MutationOrder =
  | { readonly kind: "reach"; readonly mutants: readonly NumberedMutant[]; readonly tests: readonly string[] }
  | { readonly kind: "try"; readonly trials: readonly Trial[] };

/** A line for each test file of a "reach", with why it fails if it does, or for each trial of a "try". */
export type MutationLine =
  | { readonly kind: "reach"; readonly run: TestFileRun; readonly failure?: string }
  | { readonly kind: "try"; readonly isKilled: boolean };

/** A test file has ended: what runs is no endless loop. */
export interface Alive {
  readonly kind: "alive";
}

function write(line: MutationLine | Alive): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

/** The changed text of a file at this moment; missing where it is as on the disk. */
type Changes = (file: string, code: string) => string | undefined;

interface Runner {
  readonly changes: Changes;
  readonly mode: "isolated" | "shared";
  readonly setup?: string;
  readonly ended: (module: TestModule, vitest: Vitest) => Promise<void> | void;
}

async function testRunner({ changes, mode, setup, ended }: Runner): Promise<Vitest> {
  const plugin = {
    name: "mutating",
    enforce: "pre" as const,
    transform: (code: string, id: string) => changes(relative(ROOT, id), code),
  };
  const vitest: Vitest = await createVitest(
    "test",
    {
      watch: false,
      config: false,
      bail: mode === "shared" ? 1 : 0,
      reporters: [{ onTestModuleEnd: (module: TestModule) => ended(module, vitest) }],
      // Longer than the parent waits: a busy machine is no failure.
      testTimeout: 600_000,
      hookTimeout: 600_000,
      maxWorkers: 1,
      // In one process CDK and the SDK load once; but only a process of its own shows what a file reaches.
      isolate: mode === "isolated",
      pool: "forks",
      // A mutant that fills the memory for ever is to fail soon.
      execArgv: ["--max-old-space-size=700"],
      setupFiles: setup === undefined ? [] : [setup],
    },
    {
      root: ROOT,
      plugins: [plugin],
      ssr: { resolve: { conditions: ["source", "node", "development|production"] } },
      test: { include: ["test/**/*.test.ts"], sequence: { sequencer: AsGiven } },
      logLevel: "silent",
    },
  );
  await vitest.standalone();
  return vitest;
}

/** Test files run in the order in which they are given. */
class AsGiven {
  sort(files: TestSpecification[]): TestSpecification[] {
    return files;
  }

  shard(files: TestSpecification[]): TestSpecification[] {
    return files;
  }
}

/** The specifications of test files, in the order of the files. */
async function specificationsOf(vitest: Vitest): Promise<(files: readonly string[]) => TestSpecification[]> {
  const known = new Map(
    (await vitest.globTestSpecifications()).map((each) => [relative(ROOT, each.moduleId), each]),
  );
  return (files) => files.flatMap((file) => known.get(file) ?? []);
}

async function findReach({ mutants, tests }: MutationOrder & { kind: "reach" }): Promise<void> {
  const vitest = await testRunner({
    changes: (file, code) => {
      const inFile = mutants.filter((mutant) => mutant.file === file);
      return inFile.length === 0 ? undefined : markedText(file, code, inFile);
    },
    mode: "isolated",
    setup: join(import.meta.dirname, "record-reach.ts"),
    ended: (module) => {
      const { duration, collectDuration } = module.diagnostic();
      const failure = failureOf(module);
      write({
        kind: "reach",
        run: {
          file: relative(ROOT, module.moduleId),
          durationMs: Math.round(duration + collectDuration),
          reached: module.meta().reachedMutants ?? [],
        },
        ...(failure !== undefined && { failure }),
      });
    },
  });
  await vitest.runTestSpecifications((await specificationsOf(vitest))(tests), false);
  await vitest.close();
}

function failureOf(module: TestModule): string | undefined {
  if (module.ok()) return undefined;
  const tests = [...module.children.allTests("failed")].flatMap((test) => test.result().errors ?? []);
  return [...module.errors(), ...tests][0]?.message ?? "it fails";
}

async function tryMutants({ trials }: MutationOrder & { kind: "try" }): Promise<void> {
  let current: Mutant | undefined;
  const vitest = await testRunner({
    changes: (file, code) =>
      current?.file === file
        ? code.slice(0, current.start) + current.after + code.slice(current.end)
        : undefined,
    mode: "shared",
    // A file that cannot even be loaded does not count as a failed test for `bail`.
    ended: async (module, running) => {
      write({ kind: "alive" });
      if (!module.ok()) await running.cancelCurrentRun("test-failure");
    },
  });
  const specifications = await specificationsOf(vitest);
  const change = (mutant: Mutant | undefined, file: string): void => {
    current = mutant;
    vitest.invalidateFile(join(ROOT, file));
  };
  const isKilled = async ({ mutant, tests }: Trial): Promise<boolean> => {
    change(mutant, mutant.file);
    const run = await vitest.runTestSpecifications(specifications(tests), false);
    change(undefined, mutant.file);
    return run.unhandledErrors.length > 0 || run.testModules.some((module) => !module.ok());
  };
  for (const trial of trials)
    write({ kind: "try", isKilled: trial.tests.length > 0 && (await isKilled(trial)) });
  await vitest.close();
}

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";
const order = JSON.parse(await text(process.stdin)) as MutationOrder;
await (order.kind === "reach" ? findReach(order) : tryMutants(order));
