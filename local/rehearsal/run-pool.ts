import { availableParallelism } from "node:os";
import { setImmediate } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { type RunTask, runTask } from "./run-task.ts";
import type { RunResult } from "./run-result.ts";

/** What a worker is asked for: some runs of a task. */
export interface RunRequest {
  readonly task: RunTask;
  readonly seeds: readonly number[];
}

/** What a worker says: the runs that it was asked for, in the order of their seeds, or why not. */
export type RunReply = { readonly results: readonly RunResult[] } | { readonly error: Error };

/** Runs that somebody waits for, and where each result goes. */
export interface RunOrder {
  readonly task: RunTask;
  readonly seeds: readonly number[];
  readonly signal?: AbortSignal;
  /** Called once for every seed, in any order. */
  readonly onResult: (seed: number, result: RunResult) => void;
}

/** How many runs a worker is sent at a time: few enough for progress that moves, enough to keep it busy. */
const RUNS_A_REQUEST = 4;

/** Threads that simulate and replay; with none, runs are made where they are asked for. */
export class RunPool {
  readonly #size: number;
  #workers: readonly Worker[] = [];

  /** One thread per core when missing. */
  constructor(size: number = availableParallelism()) {
    this.#size = size;
  }

  /** Makes every run of an order; rejects when one fails or the signal fires. */
  async run(order: RunOrder): Promise<void> {
    order.signal?.throwIfAborted();
    if (this.#size < 2) return runHere(order);
    if (this.#workers.length === 0) this.#workers = Array.from({ length: this.#size }, startWorker);
    const queue = chunks(order.seeds);
    await Promise.all(this.#workers.map((worker) => runQueue(worker, queue, order)));
  }

  /** Ends the threads, whatever they are doing. */
  async stop(): Promise<void> {
    const workers = this.#workers;
    this.#workers = [];
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}

/**
 * A thread of its own does not read TypeScript, whatever the process does that starts it: Node 20 keeps
 * loaders to their thread. https://tsx.is/dev-api/register-esm
 */
const BOOTSTRAP = `
const { workerData } = require("node:worker_threads");
import(workerData.tsx).then(({ register }) => {
  register();
  return import(workerData.file);
});`;

function startWorker(): Worker {
  return new Worker(BOOTSTRAP, {
    eval: true,
    execArgv: ["--conditions=source"],
    workerData: {
      tsx: import.meta.resolve("tsx/esm/api"),
      file: new URL("./run-worker.ts", import.meta.url).href,
    },
  });
}

/** Gives way to other work between two runs. */
async function runHere({ task, seeds, signal, onResult }: RunOrder): Promise<void> {
  for (const seed of seeds) {
    await setImmediate();
    signal?.throwIfAborted();
    onResult(seed, runTask(task, seed));
  }
}

function chunks(seeds: readonly number[]): (readonly number[])[] {
  const count = Math.ceil(seeds.length / RUNS_A_REQUEST);
  return Array.from({ length: count }, (_, at) =>
    seeds.slice(at * RUNS_A_REQUEST, (at + 1) * RUNS_A_REQUEST),
  );
}

/** Sends one request after the other to a worker until the common queue is empty. */
async function runQueue(worker: Worker, queue: (readonly number[])[], order: RunOrder): Promise<void> {
  for (let seeds = queue.shift(); seeds !== undefined; seeds = queue.shift()) {
    const results = await ask(worker, { task: order.task, seeds }, order.signal);
    seeds.forEach((seed, at) => {
      const result = results[at];
      if (result !== undefined) order.onResult(seed, result);
    });
  }
}

function ask(
  worker: Worker,
  request: RunRequest,
  signal: AbortSignal | undefined,
): Promise<readonly RunResult[]> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void): void => {
      worker.off("message", onMessage).off("error", onError);
      signal?.removeEventListener("abort", onAbort);
      act();
    };
    const onMessage = (reply: RunReply): void =>
      settle(() => ("error" in reply ? reject(reply.error) : resolve(reply.results)));
    const onError = (error: Error): void => settle(() => reject(error));
    const onAbort = (): void => settle(() => reject(signal?.reason as Error));
    worker.on("message", onMessage).on("error", onError);
    signal?.addEventListener("abort", onAbort);
    worker.postMessage(request);
  });
}
