import { createHash } from "node:crypto";
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";

/** What an assembly is made of besides the project's files. */
export interface AssemblyInputs {
  readonly projectDirectory: string;
  readonly stage: string;
  readonly context: Readonly<Record<string, string>>;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Folders and files of the project that a synthesis reads. */
const SOURCES: readonly RegExp[] = [
  /^(lib|lambda|dashboards|packages)\//,
  /^bin\/app\.ts$/,
  /^(cdk|package|package-lock|tsconfig)\.json$/,
  /^cdk\.context\.json$/,
  /^\.env(\..+)?$/,
];
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

/** A text that is another one as soon as anything changes of which the assembly is made. */
export async function assemblyKey(inputs: AssemblyInputs): Promise<string> {
  const { projectDirectory, stage, context, environment } = inputs;
  const paths = (await filesUnder(projectDirectory)).filter((path) =>
    SOURCES.some((source) => source.test(path)),
  );
  const hash = createHash("sha256");
  const variables = Object.entries(environment).filter(([name]) => !VOLATILE.test(name));
  hash.update(JSON.stringify([process.version, stage, sorted(Object.entries(context)), sorted(variables)]));
  for (const path of paths.toSorted())
    hash.update(`\0${path}\0`).update(await readFile(join(projectDirectory, path)));
  return hash.digest("hex");
}

function sorted(entries: readonly (readonly [string, string | undefined])[]): unknown {
  return entries.toSorted(([a], [b]) => (a < b ? -1 : 1));
}

/** Beside the assembly, which holds what the CDK wrote and nothing else. */
function keyFile(directory: string): string {
  return `${directory}.key.json`;
}

/** Whether the directory holds the assembly of that key, every file as the synthesis left it. */
export async function isKept(directory: string, key: string): Promise<boolean> {
  try {
    const kept = JSON.parse(await readFile(keyFile(directory), "utf8")) as {
      readonly key?: string;
      readonly files?: string;
    };
    return kept.key === key && kept.files === (await filesHash(directory));
  } catch {
    // No key, or one that was cut off: there is nothing to rely on.
    return false;
  }
}

/** Forgets the key before the assembly is written anew: a synthesis that is killed leaves none. */
export async function forgetKey(directory: string): Promise<void> {
  await rm(keyFile(directory), { force: true });
}

/** Writes down under which key the directory was synthesised. */
export async function keepKey(directory: string, key: string): Promise<void> {
  await writeFile(keyFile(directory), `${JSON.stringify({ key, files: await filesHash(directory) })}\n`);
}

async function filesHash(directory: string): Promise<string> {
  const hash = createHash("sha256");
  const paths = await filesUnder(directory);
  for (const path of paths.toSorted())
    hash.update(`\0${path}\0`).update(await readFile(join(directory, path)));
  return hash.digest("hex");
}

/** Paths of all files below a directory, with `/`. */
async function filesUnder(directory: string, root = directory): Promise<readonly string[]> {
  const found: string[] = [];
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    if (entry.isFile()) found.push(relative(root, path).replaceAll("\\", "/"));
    else if (entry.isDirectory() && !SKIPPED_FOLDERS.has(entry.name))
      found.push(...(await filesUnder(path, root)));
  }
  return found;
}
