import { importersOf, type Imports } from "../imports.ts";

/** What one test file did without any change of the code. */
export interface TestFileRun {
  /** By its path from the root. */
  readonly file: string;
  readonly durationMs: number;
  /** Numbers of the mutants whose code it ran. */
  readonly reached: readonly number[];
}

/** The tests of one mutant, in the order in which they run. */
export interface MutantTests {
  readonly files: readonly string[];
  /** How long they take without any change. */
  readonly durationMs: number;
}

/** The test files that reach a mutant, the fastest first: most mutants are noticed before the slow ones have to run. */
export function testsReaching(mutant: number, runs: readonly TestFileRun[]): MutantTests {
  const reaching = runs
    .filter(({ reached }) => reached.includes(mutant))
    .sort((one, other) => one.durationMs - other.durationMs);
  return {
    files: reaching.map(({ file }) => file),
    durationMs: reaching.reduce((sum, { durationMs }) => sum + durationMs, 0),
  };
}

/** Test files below the folders that import one of the files, directly or not: no other can reach a mutant in them. */
export function testsImporting(
  files: Iterable<string>,
  folders: readonly string[],
  imports: Imports,
): readonly string[] {
  const importers = importersOf(imports);
  const seen = new Set(files);
  for (const each of seen) for (const importer of importers.get(each) ?? []) seen.add(importer);
  return [...seen]
    .filter((file) => file.endsWith(".test.ts") && folders.some((folder) => file.startsWith(`${folder}/`)))
    .sort();
}
