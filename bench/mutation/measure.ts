import { join } from "node:path";
import type { Imports } from "../imports.ts";
import type { Mutant } from "./mutants.ts";
import type { NumberedMutant } from "./marks.ts";
import {
  importDistances,
  testsImporting,
  testsReaching,
  type AreaTests,
  type MutantTests,
  type TestFileRun,
} from "./plan.ts";
import { workerLines, type EarlyEnd } from "./start-worker.ts";
import type { MutationLine, Trial } from "./worker.ts";

/** What the tests did with a mutant; "never ends" and "dies" are ways to notice it. */
export type Verdict = "noticed" | "never ends" | "dies" | "survives" | "no test reaches it";

/** A mutant that was tried. */
export interface Tried {
  readonly mutant: Mutant;
  readonly verdict: Verdict;
}

/** The tests say nothing about mutants where they fail without one. */
export class UnchangedCodeFails extends Error {}

/** What is asked, and who hears how far it is. */
export interface Measurement {
  readonly mutants: readonly Mutant[];
  readonly tests: AreaTests;
  /** Who imports whom of the files between tests and mutants. */
  readonly imports: Imports;
  /** The worker's program; `worker.ts` when missing. */
  readonly program?: string;
  readonly progress: (text: string) => void;
  readonly signal: AbortSignal;
}

interface PlannedMutant {
  readonly mutant: Mutant;
  readonly tests: MutantTests;
}

/**
 * Tries the mutants in their order: it first runs each test file once to find out which mutants it reaches.
 */
export async function* triedMutants(measurement: Measurement): AsyncGenerator<Tried> {
  const { signal, progress } = measurement;
  const mutants = measurement.mutants.map((mutant, number) => ({ ...mutant, number }));
  const files = [...new Set(mutants.map(({ file }) => file))];
  const distances = new Map(files.map((file) => [file, importDistances(file, measurement.imports)]));
  const tests = [...distances.values()].flatMap((each) => testsImporting(each, measurement.tests));
  const runs = await reachOf(mutants, [...new Set(tests)].sort(), measurement);
  const planned = mutants.map((mutant) => ({
    mutant,
    tests: testsReaching(mutant.number, runs, distances.get(mutant.file) ?? new Map()),
  }));
  let tried = 0;
  while (tried < planned.length && !signal.aborted) {
    for await (const each of verdictsOf(planned.slice(tried, tried + MUTANTS_PER_WORKER), measurement)) {
      tried += 1;
      progress(`${tried} of ${mutants.length} mutants tried`);
      yield each;
    }
  }
}

/** A worker's memory grows with every mutant. */
const MUTANTS_PER_WORKER = 50;

/** Room for the start of a worker and for a busy machine. */
const START_MS = 60_000;

/** A mutant that makes a test file take this many times longer than the slowest one never ends. */
const SLOWER = 3;

/** What no test file takes alone. */
const LONGEST_FILE_MS = 600_000;

const WORKER = join(import.meta.dirname, "worker.ts");

async function reachOf(
  mutants: readonly NumberedMutant[],
  tests: readonly string[],
  { progress, signal, program = WORKER }: Measurement,
): Promise<readonly TestFileRun[]> {
  const runs: TestFileRun[] = [];
  progress(`0 of ${tests.length} test files run on unchanged code`);
  const order = { kind: "reach", mutants, tests } as const;
  const task = { program, order, limitMs: LONGEST_FILE_MS, lines: tests.length, signal };
  for await (const line of workerLines(task)) {
    if (line === "died" || line === "took too long")
      throw new UnchangedCodeFails(
        `the tests ${line} on unchanged code, after ${runs.at(-1)?.file ?? "none"}`,
      );
    if (line.kind !== "reach") continue;
    if (line.failure !== undefined)
      throw new UnchangedCodeFails(
        `${line.run.file} fails on unchanged code; mend it first: ${line.failure}`,
      );
    runs.push(line.run);
    progress(`${runs.length} of ${tests.length} test files run on unchanged code`);
  }
  return runs;
}

/**
 * What a new worker says of the mutants; one that ends early has noticed the mutant that it was at, which is
 * the last.
 */
async function* verdictsOf(
  planned: readonly PlannedMutant[],
  { signal, program = WORKER }: Measurement,
): AsyncGenerator<Tried> {
  const trials = planned.map(({ mutant, tests }) => ({ mutant, tests: tests.files }));
  const order = { kind: "try", trials } as const;
  const longestMs = Math.max(0, ...planned.map(({ tests }) => tests.longestMs));
  const limitMs = START_MS + SLOWER * longestMs;
  let number = 0;
  for await (const line of workerLines({ program, order, limitMs, lines: trials.length, signal })) {
    const trial = trials[number];
    number += 1;
    if (trial !== undefined) yield { mutant: trial.mutant, verdict: verdictOf(trial, line) };
  }
}

function verdictOf({ tests }: Trial, line: MutationLine | EarlyEnd): Verdict {
  if (line === "died") return "dies";
  if (line === "took too long") return "never ends";
  if (tests.length === 0) return "no test reaches it";
  return line.kind === "try" && line.isKilled ? "noticed" : "survives";
}
