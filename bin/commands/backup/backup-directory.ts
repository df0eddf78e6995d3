import { mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { basename, dirname, join, relative, resolve } from "node:path";
import { parseJson, parseJsonObject } from "@wrist-agent/cloudwatch/json";
import { errorMessage, Failure, UsageError } from "../../cli/failure.ts";
import { isProcessRunning } from "../../cli/stage-lock.ts";
import {
  type BackupOrigin,
  type ListedFile,
  type Manifest,
  MANIFEST_FILE,
  parseManifest,
  SECRETS_FILE,
  secretsBound,
  type SecretsState,
  sha256Of,
  sumLines,
  SUMS_FILE,
} from "./manifest.ts";
import { sealSecrets } from "./sealed-secrets.ts";

/** Files of a backup by path. */
export type BackupFiles = Readonly<Record<string, string>>;

/** Everything that becomes a backup. */
export interface NewBackup {
  readonly origin: BackupOrigin;
  readonly files: BackupFiles;
  /** Text to seal, and with what; missing where nothing is sealed. */
  readonly secrets?: { readonly text: string; readonly passphrase: string };
  readonly secretsState: SecretsState;
  readonly madeBy: string;
}

/** Refuses a place that holds something: a backup is never written over another. */
export async function requireNewDirectory(directory: string): Promise<void> {
  const entries = await readdir(directory).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw new UsageError(`${directory} cannot be a backup: ${errorMessage(error)}`);
  });
  if (entries.length > 0)
    throw new UsageError(
      `${directory} is there already and not empty: name a new directory, such as ${directory}-${new Date().toISOString().slice(0, 10)}`,
    );
}

/**
 * Writes a backup: into a directory beside the wanted one, which is renamed once every byte is on the disk.
 *
 * So a backup of that name is whole, or it is not there, wherever the power goes off.
 */
export async function writeBackup(
  directory: string,
  backup: NewBackup,
  signal: AbortSignal,
): Promise<Manifest> {
  const wanted = resolve(directory);
  await removeLeftovers(wanted);
  const partial = join(dirname(wanted), `${partialPrefix(wanted)}${process.pid}`);
  try {
    const { files, manifest } = await completeFiles(backup);
    for (const [path, text] of Object.entries(files)) {
      if (signal.aborted) throw new Failure("interrupted: nothing was written");
      await writeDurably(join(partial, path), text);
    }
    await rename(partial, wanted);
    await syncDirectory(dirname(wanted));
    return manifest;
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw new Failure(`the backup could not be written: ${errorMessage(error)}`, { cause: error });
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}

async function completeFiles(
  backup: NewBackup,
): Promise<{ readonly files: BackupFiles; readonly manifest: Manifest }> {
  const { origin, files, secrets, secretsState, madeBy } = backup;
  const bound = secretsBound(origin, listed(files));
  const sealed: BackupFiles =
    secrets === undefined
      ? {}
      : { [SECRETS_FILE]: jsonText(await sealSecrets(secrets.text, secrets.passphrase, bound)) };
  const content = { ...files, ...sealed };
  const manifest: Manifest = {
    format: "wrist-agent-backup",
    version: 1,
    madeBy,
    ...origin,
    secrets: secretsState,
    files: listed(content),
  };
  const withManifest = { ...content, [MANIFEST_FILE]: jsonText(manifest) };
  return { files: { ...withManifest, [SUMS_FILE]: sumLines(listed(withManifest)) }, manifest };
}

function listed(files: BackupFiles): readonly ListedFile[] {
  return Object.entries(files)
    .map(([path, text]) => ({ path, bytes: Buffer.byteLength(text), sha256: sha256Of(text) }))
    .sort((one, other) => (one.path < other.path ? -1 : 1));
}

/** JSON for people and `diff`. */
export function jsonText(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}

async function writeDurably(file: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const handle = await open(file, "wx", 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** A rename lasts once its directory is on the disk; not every system lets a directory be synchronised. */
async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, "r").catch(() => undefined);
  try {
    await handle?.sync().catch(() => undefined);
  } finally {
    await handle?.close();
  }
}

function partialPrefix(wanted: string): string {
  return `.${basename(wanted)}.partial-`;
}

/** What a killed backup left; one that is being written by a living process stays. */
async function removeLeftovers(wanted: string): Promise<void> {
  const parent = dirname(wanted);
  await mkdir(parent, { recursive: true, mode: 0o700 });
  const left = (await readdir(parent)).filter((name) => name.startsWith(partialPrefix(wanted)));
  for (const name of left) {
    const owner = Number(name.slice(partialPrefix(wanted).length));
    if (owner !== process.pid && isProcessRunning(owner))
      throw new Failure(`process ${owner} is writing ${wanted} already: wait until it is done`);
    await rm(join(parent, name), { recursive: true, force: true });
  }
}

/** A backup whose every file is what it was when it was made. */
export interface ReadBackup {
  readonly manifest: Manifest;
  readonly files: BackupFiles;
}

/** What a look at a directory found: a whole backup, or everything that is wrong with it. */
export type BackupCheck = ReadBackup | { readonly problems: readonly string[] };

/** Where a restore writes how far it is: the one kind of file that may come to a backup later. */
const JOURNAL_PATTERN = /^restore-[\w-]+\.json(\.new)?$/;

/** Reads a backup and compares every file with its checksum. */
export async function checkBackup(directory: string): Promise<BackupCheck> {
  const found = await filesIn(directory);
  const text = found[MANIFEST_FILE];
  if (text === undefined) return { problems: [`${directory} is no backup: it has no ${MANIFEST_FILE}`] };
  let manifest: Manifest;
  try {
    manifest = parseManifest(text);
  } catch (error) {
    return { problems: [errorMessage(error)] };
  }
  const problems = [
    ...sumProblems(found),
    ...manifest.files.flatMap((file) => fileProblem(file, found[file.path])),
    ...unknownFiles(manifest, found),
  ];
  return problems.length > 0 ? { problems } : { manifest, files: found };
}

/** Reads a backup that has to be whole. */
export async function readBackup(directory: string): Promise<ReadBackup> {
  const checked = await checkBackup(directory);
  if (!("problems" in checked)) return checked;
  throw new Failure(
    `${directory} cannot be restored: ${checked.problems.join("; ")}. Take another backup, or another copy of it`,
  );
}

async function filesIn(directory: string): Promise<BackupFiles> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true }).catch(
    (error: unknown) => {
      throw new Failure(`${directory} cannot be read: ${errorMessage(error)}`, { cause: error });
    },
  );
  const files: Record<string, string> = {};
  for (const entry of entries) {
    if (entry.isDirectory()) continue;
    const file = join(entry.parentPath, entry.name);
    // A link is reported as a file that does not belong here, and not followed.
    files[relative(directory, file).replaceAll("\\", "/")] = entry.isFile()
      ? await readFile(file, "utf8")
      : "";
  }
  return files;
}

function fileProblem({ path, bytes, sha256 }: ListedFile, text: string | undefined): readonly string[] {
  if (text === undefined) return [`${path} is missing`];
  if (Buffer.byteLength(text) !== bytes)
    return [`${path} is damaged: it has ${Buffer.byteLength(text)} bytes and should have ${bytes}`];
  if (sha256Of(text) !== sha256) return [`${path} is damaged: its checksum is another one`];
  return path.endsWith(".json") && parseJson(text) === undefined ? [`${path} is no JSON`] : [];
}

/** The manifest lists the others; `SHA256SUMS` vouches for the manifest. */
function sumProblems(found: BackupFiles): readonly string[] {
  const sums = found[SUMS_FILE];
  if (sums === undefined) return [`${SUMS_FILE} is missing`];
  const line = sums.split("\n").find((each) => each.endsWith(`  ${MANIFEST_FILE}`)) ?? "";
  return line.startsWith(sha256Of(found[MANIFEST_FILE] ?? ""))
    ? []
    : [`${MANIFEST_FILE} is damaged: its checksum is not that of ${SUMS_FILE}`];
}

function unknownFiles({ files }: Manifest, found: BackupFiles): readonly string[] {
  const known = new Set([...files.map(({ path }) => path), MANIFEST_FILE, SUMS_FILE]);
  return Object.keys(found)
    .filter((path) => !known.has(path) && !JOURNAL_PATTERN.test(path))
    .map((path) => `${path} does not belong to it`);
}

/** A JSON object of a backup; an empty one where the file is not there. */
export function backupObject({ files }: ReadBackup, path: string): Readonly<Record<string, unknown>> {
  return parseJsonObject(files[path] ?? "{}") ?? {};
}
