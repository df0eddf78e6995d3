import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import type { AgentResult } from "../../lambda/agent/function-url.ts";
import { functionBundle } from "../../lib/bundles.ts";

/** What became of one event: the answer, and every line that the function wrote. */
export interface BundledAnswer {
  readonly result: AgentResult;
  readonly lines: readonly string[];
}

/** The agent as it is deployed, in a thread of its own. */
export interface BundledAgent {
  /**
   * Concurrent calls are fine: lines are told apart by the request's id. With a timeout of 0 the context is
   * broken: a bug's place.
   */
  readonly call: (event: unknown, timeoutMs?: number) => Promise<BundledAnswer>;
  readonly stop: () => Promise<void>;
}

/**
 * Loads the bundle as Lambda does and posts what it answers and writes; the worker's own words, so no loader
 * of TypeScript is there.
 */
const HOST = `
const { parentPort, workerData } = require("node:worker_threads");
let lines = [];
for (const stream of [process.stdout, process.stderr])
  stream.write = (text) => { lines.push(String(text)); return true; };
const { handler } = require(workerData);
parentPort.on("message", async ({ id, event, timeoutMs }) => {
  const endMs = performance.now() + timeoutMs;
  const context = { awsRequestId: id, getRemainingTimeInMillis: () => endMs - performance.now() };
  if (timeoutMs === 0) delete context.getRemainingTimeInMillis;
  const result = await handler(event, context).catch((error) => ({ statusCode: 0, headers: {}, body: String(error) }));
  const isOurs = (line) => line.includes(id);
  parentPort.postMessage({ id, result, lines: lines.filter(isOurs) });
  lines = lines.filter((line) => !isOurs(line));
});
`;

interface Waiting {
  readonly resolve: (answer: BundledAnswer) => void;
  readonly reject: (error: Error) => void;
}

const LAMBDA_TIMEOUT_MS = 30_000;

let calls = 0;

/** Starts the built bundle of `entry` with these variables and nothing else of this process's environment. */
export async function startBundledAgent(
  environment: Readonly<Record<string, string>>,
): Promise<BundledAgent> {
  const directory = await mkdtemp(join(tmpdir(), "wrist-agent-"));
  const file = join(directory, "index.cjs");
  await writeFile(file, functionBundle("agent").code);
  const worker = new Worker(HOST, { eval: true, workerData: file, env: { ...environment }, stderr: true });
  const waiting = new Map<string, Waiting>();
  worker.on("error", (error) => waiting.forEach(({ reject }) => reject(error)));
  worker.on("message", ({ id, ...answer }: BundledAnswer & { readonly id: string }) => {
    waiting.get(id)?.resolve(answer);
    waiting.delete(id);
  });
  return {
    call: (event, timeoutMs = LAMBDA_TIMEOUT_MS) =>
      new Promise((resolve, reject) => {
        const id = `8f5e1c0a-0000-4000-8000-${String(++calls).padStart(12, "0")}`;
        waiting.set(id, { resolve, reject });
        worker.postMessage({ id, event, timeoutMs });
      }),
    stop: async () => {
      await worker.terminate();
      await rm(directory, { recursive: true });
    },
  };
}
