import { createHash } from "node:crypto";
import { readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir, userInfo } from "node:os";
import { join, relative } from "node:path";
import { Failure } from "../../cli/failure.ts";

/** What the CDK CLI writes beside the assembly that it deploys. */
const NOT_PART = /(^|\/)(\.cache\/|[^/]*\.lock$)/;

/** One hash of everything in an assembly: what was shown and approved is what is deployed. */
export async function assemblyHash(directory: string): Promise<string> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((file) => ({ file, name: relative(directory, file).replaceAll("\\", "/") }))
    .filter(({ name }) => !NOT_PART.test(name))
    .sort((one, other) => (one.name < other.name ? -1 : 1));
  const hash = createHash("sha256");
  for (const { file, name } of files)
    hash
      .update(`${name}\0`)
      .update(await readFile(file))
      .update("\0");
  return hash.digest("hex").slice(0, 16);
}

/** Where the lock of some work on a stage is: one for every checkout of this user on this machine. */
export function stageLockFile(work: "deploy" | "tune-memory", stage: string): string {
  return join(tmpdir(), `wrist-agent-${work}-${userInfo().uid}-${stage}.lock`);
}

/**
 * Lets one process at a time work on a stage from this machine; returns what gives the lock back.
 *
 * A lock whose process has ended is taken over: by whoever makes the file for the takeover, and only while the lock still names that
 * process, so that two who find it stale do not both get it.
 */
export async function lockStage(file: string, what: string): Promise<() => Promise<void>> {
  const release = (): Promise<void> => rm(file, { force: true });
  if (await isCreated(file)) return release;
  const owner = await ownerOf(file);
  if (owner === undefined) return lockStage(file, what);
  if (isRunning(owner)) throw otherProcess(what, owner);
  const takeover = `${file}.${owner}`;
  if (!(await isCreated(takeover))) throw otherProcess(what, owner);
  try {
    if ((await ownerOf(file)) !== owner) throw otherProcess(what, owner);
    const own = `${file}.new-${process.pid}`;
    await writeFile(own, String(process.pid), { flag: "wx", mode: 0o600 });
    await rename(own, file);
    return release;
  } finally {
    await rm(takeover, { force: true });
  }
}

async function isCreated(file: string): Promise<boolean> {
  try {
    await writeFile(file, String(process.pid), { flag: "wx", mode: 0o600 });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

/** The process that a lock names; nothing when the lock has just been given back. */
async function ownerOf(file: string): Promise<number | undefined> {
  const text = await readFile(file, "utf8").catch(() => undefined);
  return text === undefined ? undefined : Number(text);
}

/** An owner that cannot be read is one that is just being written. */
function isRunning(processId: number): boolean {
  if (!Number.isInteger(processId) || processId <= 0) return true;
  try {
    process.kill(processId, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

function otherProcess(what: string, owner: number): Failure {
  return new Failure(`${what} from this machine already, by process ${owner}: wait until it is done`);
}
