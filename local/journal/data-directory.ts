import { spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import {
  chmodSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { parseJsonObject } from "@wrist-agent/cloudwatch/json";
import { objectShape, optionalShape, textShape } from "../json.ts";
import { removeOwnFile, replaceOwnFile } from "../own-file.ts";

/** What `running.json` says to other commands of the running system. */
export interface Running {
  readonly pid: number;
  readonly page: string;
  readonly functionUrl: string;
  readonly awsEndpoint: string;
  readonly stage: string;
}

/** Another live process runs on the data directory. */
export class DataDirectoryHeldError extends Error {
  override readonly name = "DataDirectoryHeldError";
  readonly pid: number;
  /** Missing while the other process is still starting. */
  readonly page: string | undefined;

  constructor(directory: string, pid: number, page: string | undefined) {
    const where = page === undefined ? "which is starting" : `page ${page}`;
    super(
      `data directory ${directory} is held by process ${pid}, ${where}: stop it, or choose another directory with --data`,
    );
    this.pid = pid;
    this.page = page;
  }
}

/** The data directory is somebody else's, who could read the token and exchange the function's code. */
export class DataDirectoryOwnerError extends Error {
  override readonly name = "DataDirectoryOwnerError";
}

/** The hold of this process on a data directory. */
export interface DataDirectoryHold {
  /** Lets other commands find the system: writes `running.json` at once or not at all. */
  readonly announce: (running: Running) => Promise<void>;
  /** Removes `running.json` and lets go of the directory. */
  readonly release: () => Promise<void>;
}

/** Takes the data directory for this process; what a dead process left is replaced. */
export async function holdDataDirectory(directory: string): Promise<DataDirectoryHold> {
  makeOwnDirectory(directory);
  const running = join(directory, "running.json");
  const lock = takeLock(directory);
  if (typeof lock !== "number")
    throw new DataDirectoryHeldError(directory, lock.pid, (await readRunning(directory))?.page);
  try {
    removeOwnFile(running);
  } catch (error) {
    removeLock(lockFile(directory, lock));
    throw error;
  }
  const { started } = ownIdentity();
  return {
    announce: async (values) => {
      replaceOwnFile(
        running,
        `${JSON.stringify({ ...values, ...(started !== undefined && { started }) })}\n`,
      );
      return Promise.resolve();
    },
    release: async () => {
      await rm(running, { force: true });
      await rm(lockFile(directory, lock), { force: true });
    },
  };
}

/**
 * The system that runs on a data directory; `undefined` when there is none, or a dead process left its file.
 */
export async function readRunning(directory: string): Promise<Running | undefined> {
  const file = join(directory, "running.json");
  const running = parseJsonObject(await readFile(file, "utf8").catch(() => ""));
  if (!RUNNING(running)) return undefined;
  const { started, ...values } = running as unknown as Running & ProcessIdentity;
  return isRunning({ pid: values.pid, ...(started !== undefined && { started }) }) ? values : undefined;
}

const HOLDER = objectShape({ pid: isProcessId, started: optionalShape(textShape) });
const RUNNING = objectShape({
  pid: isProcessId,
  started: optionalShape(textShape),
  page: textShape,
  functionUrl: textShape,
  awsEndpoint: textShape,
  stage: textShape,
});

function isProcessId(value: unknown): boolean {
  return Number.isInteger(value) && Number(value) > 0;
}

/** Tokens stand in it, and code that is run: nobody else may read or write anything below it. */
function makeOwnDirectory(directory: string): void {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const { uid, mode } = statSync(directory);
  const self = process.getuid?.() ?? uid;
  if (uid !== self)
    throw new DataDirectoryOwnerError(
      `data directory ${directory} belongs to another user (${uid}): choose one of your own with --data`,
    );
  if ((mode & 0o077) !== 0) chmodSync(directory, 0o700);
}

/** Locks have numbers: `lock.json` is the first, and who takes over from a dead process makes the next. */
const LOCK_NAME = /^lock(?:-(\d+))?\.json$/;

function lockFile(directory: string, number: number): string {
  return join(directory, number === 1 ? "lock.json" : `lock-${number}.json`);
}

/**
 * The number of the lock that this process holds now, or who holds the directory. A lock is only ever made,
 * never replaced: of two processes that find the same dead holder one makes the next number, and the other
 * finds it made.
 */
function takeLock(directory: string): number | ProcessIdentity {
  for (;;) {
    const [highest = 0, ...older] = lockNumbers(directory);
    const holder = highest === 0 ? undefined : readHolder(lockFile(directory, highest));
    if (holder !== undefined && isRunning(holder)) return holder;
    const own = highest + 1;
    if (!makeLock(lockFile(directory, own))) continue;
    // Somebody may have taken over, and taken over again, since the numbers were read.
    if (lockNumbers(directory)[0] !== own) {
      rmSync(lockFile(directory, own), { force: true });
      continue;
    }
    for (const number of [highest, ...older]) if (number > 0) removeLock(lockFile(directory, number));
    return own;
  }
}

/** A directory of such a name is somebody's own: its number is not used, and it stays. */
function removeLock(lock: string): void {
  if (statSync(lock, { throwIfNoEntry: false })?.isDirectory() !== true) rmSync(lock, { force: true });
}

/** Highest first. */
function lockNumbers(directory: string): number[] {
  return readdirSync(directory)
    .map((name) => LOCK_NAME.exec(name))
    .flatMap((found) => (found === null ? [] : [Number(found[1] ?? 1)]))
    .sort((a, b) => b - a);
}

/** `undefined` for a lock that is gone or does not say whose it is. */
function readHolder(lock: string): ProcessIdentity | undefined {
  try {
    const value = parseJsonObject(readFileSync(lock, "utf8"));
    return HOLDER(value) ? (value as unknown as ProcessIdentity) : undefined;
  } catch {
    return undefined;
  }
}

/** A link appears whole or not at all, so that nobody reads half a lock. */
function makeLock(lock: string): boolean {
  const draft = `${lock}.${process.pid}.${randomUUID()}`;
  writeFileSync(draft, JSON.stringify(ownIdentity()), { mode: 0o600, flag: "wx" });
  try {
    linkSync(draft, lock);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

/** A process, so that another one that gets its id later is not taken for it. */
export interface ProcessIdentity {
  readonly pid: number;
  /** When it started, in the words of its system; missing where the system does not say. */
  readonly started?: string;
}

/** This process. */
export function ownIdentity(): ProcessIdentity {
  return identityOf(process.pid);
}

/**
 * Whether the process still runs. One of which only the id is known counts as running while any has that id.
 */
function isRunning({ pid, started }: ProcessIdentity): boolean {
  if (!processExists(pid)) return false;
  const now = identityOf(pid).started;
  return started === undefined ? pid !== process.pid : now === undefined || now === started;
}

function identityOf(pid: number): ProcessIdentity {
  const started = startOnLinux(pid) ?? startByPs(pid);
  return started === undefined ? { pid } : { pid, started };
}

/**
 * Start in clock ticks since boot, and which boot. https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
 */
function startOnLinux(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The command's name, in parentheses, may hold anything; the start is the 20th field behind it.
    const ticks = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    return ticks === undefined ? undefined : `${boot} ${ticks}`;
  } catch {
    return undefined;
  }
}

function startByPs(pid: number): string | undefined {
  if (process.platform === "linux") return undefined;
  const { stdout, status } = spawnSync("ps", ["-o", "lstart=", "-p", String(pid)], { encoding: "utf8" });
  return status === 0 && stdout.trim() !== "" ? stdout.trim() : undefined;
}

function processExists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
