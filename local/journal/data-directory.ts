import { randomUUID } from "node:crypto";
import { link, mkdir, readFile, rename, rm, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** What `running.json` tells other commands about the running system. */
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

/** The hold of this process on a data directory. */
export interface DataDirectoryHold {
  /** Lets other commands find the system: writes `running.json` at once or not at all. */
  readonly announce: (running: Running) => Promise<void>;
  /** Removes `running.json` and lets go of the directory. */
  readonly release: () => Promise<void>;
}

/** Takes the data directory for this process; what a dead process left is replaced. */
export async function holdDataDirectory(directory: string): Promise<DataDirectoryHold> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const lock = join(directory, "lock.json");
  const running = join(directory, "running.json");
  while (!(await createLock(lock))) {
    const holder = await readJson<Holder>(lock);
    if (holder !== undefined && isAlive(holder))
      throw new DataDirectoryHeldError(directory, holder.pid, (await readRunning(directory))?.page);
    await rm(lock, { force: true });
  }
  await rm(running, { force: true });
  return {
    announce: async (values) => {
      await writeFile(`${running}.new`, `${JSON.stringify(values)}\n`, { mode: 0o600 });
      await rename(`${running}.new`, running);
    },
    release: async () => {
      await rm(running, { force: true });
      await rm(lock, { force: true });
    },
  };
}

/** The system that runs on a data directory; `undefined` when there is none, or a dead process left its file. */
export async function readRunning(directory: string): Promise<Running | undefined> {
  const running = await readJson<Running>(join(directory, "running.json"));
  return running !== undefined && processExists(running.pid) ? running : undefined;
}

/** Process ids come again, in containers above all: the start time tells two lives of one id apart. */
interface Holder {
  readonly pid: number;
  readonly startedMs: number;
}

const SELF: Holder = { pid: process.pid, startedMs: Math.round(performance.timeOrigin) };

/** A link appears whole or not at all, so that nobody reads half a lock. */
async function createLock(lock: string): Promise<boolean> {
  const draft = `${lock}.${SELF.pid}.${randomUUID()}`;
  await writeFile(draft, JSON.stringify(SELF), { mode: 0o600 });
  try {
    await link(draft, lock);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  } finally {
    await unlink(draft);
  }
}

function isAlive({ pid, startedMs }: Holder): boolean {
  return pid === SELF.pid ? startedMs === SELF.startedMs : processExists(pid);
}

function processExists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** `undefined` for a file that is missing or was not written to its end. */
async function readJson<T extends { readonly pid: number }>(file: string): Promise<T | undefined> {
  try {
    const value: unknown = JSON.parse(await readFile(file, "utf8"));
    const isHolder = typeof value === "object" && value !== null && "pid" in value;
    return isHolder && Number.isInteger(value.pid) ? (value as T) : undefined;
  } catch {
    return undefined;
  }
}
