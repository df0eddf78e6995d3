import { type FSWatcher, watch } from "node:fs";
import { stat } from "node:fs/promises";
import { basename, dirname, isAbsolute, resolve } from "node:path";
import { type Command, Option } from "commander";
import { glob, isDynamicPattern } from "tinyglobby";
import { type FileResult, type ReporterName, REPORTERS } from "../reporters.ts";
import { testFiles, type TestOptions } from "../test-alarms.ts";
import { type Output, UsageError } from "./output.ts";

interface TestCommandOptions {
  readonly json?: true;
  readonly reporter: ReporterName;
  readonly filter?: string;
  readonly watch?: true;
}

/** What the tests run with, and where they are written. */
export interface TestDoor {
  readonly output: Output;
  /** A file with `app` is refused when missing. */
  readonly synthesise?: NonNullable<TestOptions["synthesise"]>;
  /** Resolves when `--watch` is to end; Ctrl-C when missing. */
  readonly untilStopped?: () => Promise<void>;
}

/**
 * Makes a command run files of alarm tests. Exit code 0, 1 when an expectation is not met, 2 when a file
 * cannot be run.
 */
export function withTests(command: Command, door: TestDoor): Command {
  return command
    .argument(
      "[paths...]",
      "files, folders or quoted patterns of *.alarm-test.yaml; the current folder when missing",
    )
    .addOption(reporterOption())
    .option("--json", "the same as --reporter json")
    .option("--filter <text>", "only expectations whose alarm or mail subject contains the text")
    .option("--watch", "run again when a test or a template changes, until Ctrl-C")
    .action(async (paths: readonly string[], options: TestCommandOptions) => {
      await (options.watch === true ? watchTests(paths, options, door) : runOnce(paths, options, door));
    });
}

function reporterOption(): Option {
  return new Option("--reporter <name>", "how results are shown")
    .choices(Object.keys(REPORTERS))
    .default("human");
}

async function runOnce(paths: readonly string[], options: TestCommandOptions, door: TestDoor): Promise<void> {
  const code = exitCode(await report(paths, options, door));
  if (code !== 0) process.exitCode = code;
}

function exitCode(results: readonly FileResult[]): 0 | 1 | 2 {
  if (results.some((result) => "error" in result)) return 2;
  return results.every(({ passed }) => passed) ? 0 : 1;
}

async function report(
  paths: readonly string[],
  options: TestCommandOptions,
  { output, synthesise }: TestDoor,
): Promise<readonly FileResult[]> {
  const { filter } = options;
  const results = await testFiles(await testPaths(paths, options, output), {
    ...(synthesise === undefined ? {} : { synthesise }),
    ...(filter === undefined ? {} : { filter }),
  });
  refuseEmptyFilter(results, filter);
  const name = options.json === true ? "json" : options.reporter;
  const text = REPORTERS[name](results);
  output.out(name === "human" ? coloured(text, output) : text);
  return results;
}

async function testPaths(
  paths: readonly string[],
  { json, reporter }: TestCommandOptions,
  output: Output,
): Promise<readonly string[]> {
  const found = await findTests(paths.length === 0 ? ["."] : paths);
  if ("files" in found) return found.files;
  if (json === true || reporter === "json")
    output.out(JSON.stringify({ passed: false, files: [], error: found.problem }));
  throw new UsageError(found.problem);
}

function refuseEmptyFilter(results: readonly FileResult[], filter: string | undefined): void {
  if (filter === undefined || results.some((result) => "error" in result || result.expectations.length > 0))
    return;
  throw new UsageError(`no expectation contains "${filter}": see the names with "cw-alarm-test list"`);
}

/** Failures in red, what passed in green, notes in yellow. */
function coloured(text: string, { colours }: Output): string {
  const paint = (line: string): string => {
    if (/^(?:FAIL|ERROR) /.test(line)) return colours.red(line);
    if (line.startsWith("ok ")) return colours.green(line);
    return line.startsWith("note ") ? colours.yellow(line) : line;
  };
  return text.split("\n").map(paint).join("\n");
}

/** Runs the tests, and again after each change, until Ctrl-C. */
async function watchTests(
  paths: readonly string[],
  options: TestCommandOptions,
  door: TestDoor,
): Promise<void> {
  let running: Promise<void> = Promise.resolve();
  const files = new FileWatch(() => {
    running = running.then(again);
  });
  const again = async (): Promise<void> => {
    try {
      const results = await report(paths, options, door);
      files.follow(
        results.flatMap((result) => [result.file, ...("templates" in result ? result.templates : [])]),
      );
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      door.output.err(door.output.colours.red(`error: ${error.message}`));
    }
    door.output.err(`watching; Ctrl-C ends (${new Date().toLocaleTimeString()})`);
  };
  await again();
  await (door.untilStopped ?? untilInterrupted)();
  files.stop();
  await running;
}

function untilInterrupted(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve());
  });
}

const TEST_FILES = "**/*.alarm-test.{yaml,yml}";
const IGNORED = ["**/node_modules/**", "**/.git/**"];

/** Files of alarm tests, or why there are none. */
export type FoundTests = { readonly files: readonly string[] } | { readonly problem: string };

/**
 * Finds files of alarm tests: a file stands for itself, a folder for every `*.alarm-test.yaml` below it, a
 * pattern for the files that match it.
 */
async function findTests(paths: readonly string[]): Promise<FoundTests> {
  const found: string[] = [];
  for (const path of paths) {
    const files = await filesOf(path);
    if (files.length === 0) return { problem: nothingFound(path) };
    found.push(...files);
  }
  return { files: [...new Set(found)] };
}

async function filesOf(path: string): Promise<readonly string[]> {
  const kind = await stat(path).then(
    (entry) => (entry.isDirectory() ? "folder" : "file"),
    () => "missing",
  );
  if (kind === "file") return [path];
  if (kind === "folder") return sortedFiles(TEST_FILES, path);
  // A path that is not there is refused when it is read, with the reason of the file system.
  return isDynamicPattern(path) ? sortedFiles(path) : [path];
}

async function sortedFiles(pattern: string, folder?: string): Promise<readonly string[]> {
  const options = {
    ignore: IGNORED,
    absolute: isAbsolute(pattern),
    ...(folder === undefined ? {} : { cwd: folder }),
  };
  const files = await glob(pattern, options);
  const inFolder = folder === undefined || folder === "." ? "" : `${folder.replace(/\/+$/, "")}/`;
  return files.map((file) => `${inFolder}${file}`).sort();
}

function nothingFound(path: string): string {
  return isDynamicPattern(path)
    ? `no file matches ${path}`
    : `no file in ${path} ends in .alarm-test.yaml: rename the tests, name a file, or start with "cw-alarm-test init"`;
}

/** Editors write a file in several steps: this long after the last of them the tests run again. */
const SETTLE_MS = 100;

/**
 * Calls back when one of the files changes, however the editor replaces it; {@link FileWatch.stop} ends it.
 */
class FileWatch {
  readonly #onChange: () => void;
  readonly #watchers = new Map<string, FSWatcher>();
  #files: ReadonlySet<string> = new Set();
  #timer: NodeJS.Timeout | undefined;

  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  /**
   * Watches these files from now on, and no others. Their folders are watched: a replaced file is a new one.
   */
  follow(files: readonly string[]): void {
    this.#files = new Set(files.map((file) => resolve(file)));
    const folders = new Set([...this.#files].map((file) => dirname(file)));
    for (const [folder, watcher] of this.#watchers)
      if (!folders.has(folder)) {
        watcher.close();
        this.#watchers.delete(folder);
      }
    for (const folder of folders) if (!this.#watchers.has(folder)) this.#watch(folder);
  }

  stop(): void {
    clearTimeout(this.#timer);
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
  }

  #watch(folder: string): void {
    const watcher = watch(folder, (_event, name) => {
      if (name !== null && !this.#files.has(resolve(folder, basename(name)))) return;
      clearTimeout(this.#timer);
      this.#timer = setTimeout(this.#onChange, SETTLE_MS);
    });
    // A folder that goes away is noticed by the next run.
    watcher.on("error", () => watcher.close());
    this.#watchers.set(folder, watcher);
  }
}
