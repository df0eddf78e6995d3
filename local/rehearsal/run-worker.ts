import { parentPort } from "node:worker_threads";
import type { RunReply, RunRequest } from "./run-pool.ts";
import { runTask } from "./run-task.ts";

/** A thread of {@link RunPool}: makes the runs that it is asked for, one request after the other. */
parentPort?.on("message", ({ task, seeds }: RunRequest) => {
  parentPort?.postMessage(reply(() => seeds.map((seed) => runTask(task, seed))));
});

function reply(run: () => Extract<RunReply, { readonly results: unknown }>["results"]): RunReply {
  try {
    return { results: run() };
  } catch (error) {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }
}
