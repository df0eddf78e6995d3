import { spawn, type ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import type { Alive, MutationLine, MutationOrder } from "./worker.ts";

/** How a worker stopped that did not write all its lines. */
export type EarlyEnd = "died" | "took too long";

/** An order, how many lines answer it, and how long the worker may say nothing. */
export interface WorkerTask {
  /** The program, whose path is absolute. */
  readonly program: string;
  readonly order: MutationOrder;
  readonly limitMs: number;
  readonly lines: number;
  readonly signal: AbortSignal;
}

/**
 * The lines of a new worker; the last one says how it ended, if it ended early. Nobody waits for a worker
 * that was interrupted.
 */
export async function* workerLines(task: WorkerTask): AsyncGenerator<MutationLine | EarlyEnd> {
  const worker = spawn(process.execPath, [...process.execArgv, task.program], {
    stdio: ["pipe", "pipe", "ignore"],
    // A group of its own: what it started ends with it.
    detached: true,
  });
  const end = (): void => endGroup(worker);
  process.once("exit", end);
  task.signal.addEventListener("abort", end);
  worker.stdin.end(JSON.stringify(task.order));
  const lateness = new AbortController();
  const late = (): void => {
    lateness.abort();
    end();
  };
  let lines = 0;
  let timer = setTimeout(late, task.limitMs);
  for await (const line of createInterface({ input: worker.stdout })) {
    clearTimeout(timer);
    const said = JSON.parse(line) as MutationLine | Alive;
    if (said.kind !== "alive") lines += 1;
    timer = setTimeout(late, lines < task.lines ? task.limitMs : CLOSING_MS);
    if (said.kind !== "alive") yield said;
  }
  clearTimeout(timer);
  end();
  process.off("exit", end);
  task.signal.removeEventListener("abort", end);
  if (lines < task.lines && !task.signal.aborted) yield lateness.signal.aborted ? "took too long" : "died";
}

/** A worker that has said everything closes within this time. */
const CLOSING_MS = 30_000;

function endGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
