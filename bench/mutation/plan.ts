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
  /** How long the slowest of them takes without any change. */
  readonly longestMs: number;
}

/** How many imports lie between a file and each file that imports it, directly or not. */
export type ImportDistances = ReadonlyMap<string, number>;

/** The distances from one file; its own is 0. */
export function importDistances(file: string, imports: Imports): ImportDistances {
  const importers = importersOf(imports);
  const distances = new Map([[file, 0]]);
  for (const [each, distance] of distances)
    for (const importer of importers.get(each) ?? [])
      if (!distances.has(importer)) distances.set(importer, distance + 1);
  return distances;
}

/** Which test files are asked about an area. */
export interface AreaTests {
  readonly folders: readonly string[];
  /** Test files in these folders that are not asked. */
  readonly without: readonly string[];
}

/** The area's test files among those that import a file: no other can reach a mutant in it. */
export function testsImporting(
  distances: ImportDistances,
  { folders, without }: AreaTests,
): readonly string[] {
  return [...distances.keys()].filter(
    (file) =>
      file.endsWith(".test.ts") &&
      folders.some((folder) => file.startsWith(`${folder}/`)) &&
      !without.includes(file),
  );
}

/**
 * The test files that reach a mutant: the one with the fewest imports between it and the mutant's file first,
 * and of equals the fastest. Most mutants are noticed before the others have to run.
 */
export function testsReaching(
  mutant: number,
  runs: readonly TestFileRun[],
  distances: ImportDistances,
): MutantTests {
  const distance = ({ file }: TestFileRun): number => distances.get(file) ?? Number.POSITIVE_INFINITY;
  const reaching = runs
    .filter(({ reached }) => reached.includes(mutant))
    .sort((one, other) => distance(one) - distance(other) || one.durationMs - other.durationMs);
  return {
    files: reaching.map(({ file }) => file),
    longestMs: Math.max(0, ...reaching.map(({ durationMs }) => durationMs)),
  };
}
