import { createHash } from "node:crypto";
import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { Failure } from "./failure.ts";

/**
 * Which stage is worked on: one of its name in another account, or behind another endpoint, is another stage.
 */
export interface LockedStage {
  readonly stage: string;
  /** Missing where it is not known. */
  readonly accountId?: string;
  /** What stands in the place of AWS's own endpoints; missing where nothing does. */
  readonly endpoint?: string | undefined;
}

/** Where the lock of some work on a stage is: one for every checkout of this user on this machine. */
export function stageLockFile(work: "deploy" | "tune-memory", locked: LockedStage): string {
  const { stage, accountId, endpoint } = locked;
  const parts = [
    `wrist-agent-${work}-${userInfo().uid}-${stage}`,
    ...(accountId === undefined ? [] : [accountId]),
    ...(endpoint === undefined ? [] : [createHash("sha256").update(endpoint).digest("hex").slice(0, 12)]),
  ];
  return join(tmpdir(), `${parts.join("-")}.lock`);
}

/**
 * Lets one process at a time work on a stage from this machine; returns what gives the lock back.
 *
 * A lock whose process has ended is taken over: by whoever makes the file for the takeover, and only while
 * the lock still names that process, so that two who find it stale do not both get it.
 */
export async function lockStage(file: string, what: string): Promise<() => Promise<void>> {
  const release = (): Promise<void> => rm(file, { force: true });
  if (await isCreated(file)) return release;
  const owner = await ownerOf(file);
  if (owner === undefined) return lockStage(file, what);
  if (isHeldBy(owner)) throw otherProcess(what, owner);
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
function isHeldBy(owner: number): boolean {
  return !Number.isInteger(owner) || owner <= 0 || isProcessRunning(owner);
}

/** Whether any process has that id. */
export function isProcessRunning(processId: number): boolean {
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
