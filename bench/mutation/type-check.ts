import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import ts from "typescript";
import type { Mutant } from "./mutants.ts";

/**
 * Says whether a mutant has no type error: one that has could not be committed, so tests are not asked about
 * it. An unused name is no error here.
 */
export function typeChecker(root: string, files: readonly string[]): (mutant: Mutant) => boolean {
  const config = ts.readConfigFile(join(root, "tsconfig.json"), (path) => ts.sys.readFile(path));
  const { options } = ts.parseJsonConfigFileContent(config.config, ts.sys, root);
  // Always the same files, so that a program differs from the last one in two texts only.
  const paths = files.map((file) => join(root, file));
  let [path, version, text] = ["", 0, ""];
  const host: ts.LanguageServiceHost = {
    getCompilationSettings: () => ({
      ...options,
      incremental: false,
      noUnusedLocals: false,
      noUnusedParameters: false,
    }),
    getScriptFileNames: () => paths,
    getScriptVersion: (file) => (file === path ? `mutant ${version}` : "as it is"),
    getScriptSnapshot: (file) => {
      const found = file === path ? text : ts.sys.readFile(file);
      return found === undefined ? undefined : ts.ScriptSnapshot.fromString(found);
    },
    getCurrentDirectory: () => root,
    getDefaultLibFileName: (settings) => ts.getDefaultLibFilePath(settings),
    fileExists: (file) => ts.sys.fileExists(file),
    readFile: (file) => ts.sys.readFile(file),
    readDirectory: (...args) => ts.sys.readDirectory(...args),
    directoryExists: (directory) => ts.sys.directoryExists(directory),
    getDirectories: (directory) => ts.sys.getDirectories(directory),
  };
  const service = ts.createLanguageService(host);
  return (mutant) => {
    path = join(root, mutant.file);
    version += 1;
    const code = ts.sys.readFile(path) ?? "";
    text = code.slice(0, mutant.start) + checkedAs(mutant) + code.slice(mutant.end);
    return service.getSemanticDiagnostics(path).length === 0;
  };
}

/**
 * What the compiler sees in place of a mutant. A condition that is always true stands for one that is true
 * too often: the compiler must not take the rest for code that never runs.
 */
function checkedAs({ before, after }: Mutant): string {
  if (after === "true" && before !== "false") return `((${before}) || Boolean(1))`;
  if (after === "false" && before !== "true") return `((${before}) && Boolean(0))`;
  return after;
}

/** The first `count` mutants that compile, and how many before them do not. */
export interface Compiling {
  readonly mutants: readonly Mutant[];
  readonly refused: number;
}

/**
 * Looks for mutants that compile, in their order, until it is interrupted; `progress` hears how many there
 * are.
 */
export async function compilingMutants(
  all: readonly Mutant[],
  count: number,
  { compiles, progress, signal }: CompilingPorts,
): Promise<Compiling> {
  const mutants: Mutant[] = [];
  let looked = 0;
  for (const mutant of all) {
    // The compiler leaves the event loop no time, in which Ctrl-C would be heard.
    await setImmediate();
    if (mutants.length === count || signal.aborted) break;
    looked += 1;
    if (compiles(mutant)) mutants.push(mutant);
    progress(mutants.length);
  }
  return { mutants, refused: looked - mutants.length };
}

interface CompilingPorts {
  readonly compiles: (mutant: Mutant) => boolean;
  readonly progress: (found: number) => void;
  readonly signal: AbortSignal;
}
