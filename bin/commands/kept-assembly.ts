import { createHash, type Hash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join, relative } from "node:path";

/** What an assembly is made of besides the project's files. */
export interface AssemblyInputs {
  readonly projectDirectory: string;
  readonly stage: string;
  readonly context: Readonly<Record<string, string>>;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Folders of the project that a synthesis reads. */
const SOURCE_FOLDERS = ["lib", "lambda", "dashboards", "packages"];
/** Files beside them that it reads too. */
const SOURCE_FILES = /^((cdk|package|package-lock|tsconfig|cdk\.context)\.json|\.env(\..+)?)$/;
const APP_FILE = "bin/app.ts";
const SKIPPED_FOLDERS: ReadonlySet<string> = new Set([
  "node_modules",
  "dist",
  "cdk.out",
  ".git",
  ".wrist-agent",
]);

/** Variables of a terminal or a shell, which change without a meaning for the templates. */
const VOLATILE =
  /^(_|SHLVL|PWD|OLDPWD|TERM.*|COLUMNS|LINES|COLORTERM|NO_COLOR|FORCE_COLOR|WINDOWID|SSH_.*|npm_.*|INIT_CWD|NODE|TMPDIR|VITEST.*|TINYPOOL.*)$/;

/**
 * A text that is another one as soon as anything changes of which the assembly is made. The synthesis waits
 * for it, so files are read at once, one after the other: some hundred small ones take less time so than by
 * promises.
 */
export function assemblyKey(inputs: AssemblyInputs): string {
  const { projectDirectory, stage, context, environment } = inputs;
  const hash = createHash("sha256");
  const variables = Object.entries(environment).filter(([name]) => !VOLATILE.test(name));
  hash.update(JSON.stringify([process.version, stage, sorted(Object.entries(context)), sorted(variables)]));
  hashFiles(hash, projectDirectory, sourcesOf(projectDirectory));
  return hash.digest("hex");
}

function sourcesOf(projectDirectory: string): readonly string[] {
  const beside = readdirSync(projectDirectory).filter((name) => SOURCE_FILES.test(name));
  const app = existsSync(join(projectDirectory, APP_FILE)) ? [APP_FILE] : [];
  const folders = SOURCE_FOLDERS.map((name) => join(projectDirectory, name)).filter(existsSync);
  return [...beside, ...app, ...folders.flatMap((folder) => filesUnder(folder, projectDirectory))];
}

function hashFiles(hash: Hash, directory: string, paths: readonly string[]): void {
  for (const path of paths.toSorted()) hash.update(`\0${path}\0`).update(readFileSync(join(directory, path)));
}

function sorted(entries: readonly (readonly [string, string | undefined])[]): unknown {
  return entries.toSorted(([a], [b]) => (a < b ? -1 : 1));
}

/** Beside the assembly, which holds what the CDK wrote and nothing else. */
function keyFile(directory: string): string {
  return `${directory}.key.json`;
}

/** Whether the directory holds the assembly of that key, every file as the synthesis left it. */
export function isKept(directory: string, key: string): boolean {
  try {
    const kept = JSON.parse(readFileSync(keyFile(directory), "utf8")) as {
      readonly key?: string;
      readonly files?: string;
    };
    return kept.key === key && kept.files === filesHash(directory);
  } catch {
    // No key, or one that was cut off: there is nothing to rely on.
    return false;
  }
}

/** Forgets the key before the assembly is written again: a synthesis that is killed leaves none. */
export function forgetKey(directory: string): void {
  rmSync(keyFile(directory), { force: true });
}

/** Writes down under which key the directory was synthesised. */
export async function keepKey(directory: string, key: string): Promise<void> {
  await writeFile(keyFile(directory), `${JSON.stringify({ key, files: filesHash(directory) })}\n`);
}

function filesHash(directory: string): string {
  const hash = createHash("sha256");
  hashFiles(hash, directory, filesUnder(directory));
  return hash.digest("hex");
}

/** Paths of all files below a directory, with `/`. */
function filesUnder(directory: string, root = directory): readonly string[] {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const path = join(directory, entry.name);
    if (entry.isFile()) return relative(root, path).replaceAll("\\", "/");
    return entry.isDirectory() && !SKIPPED_FOLDERS.has(entry.name) ? filesUnder(path, root) : [];
  });
}
