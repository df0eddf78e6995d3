import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";

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

/** Whether the process still runs. One of which only the id is known counts as running while any has that id. */
export function isRunning({ pid, started }: ProcessIdentity): boolean {
  if (!processExists(pid)) return false;
  const now = identityOf(pid).started;
  return started === undefined ? pid !== process.pid : now === undefined || now === started;
}

function identityOf(pid: number): ProcessIdentity {
  const started = startOnLinux(pid) ?? startByPs(pid);
  return started === undefined ? { pid } : { pid, started };
}

/** Start in clock ticks since boot, and which boot. https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html */
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
