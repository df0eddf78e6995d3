/**
 * The program of the worker that draws dashboards, so that the thread that serves the Function URL never
 * does.
 */
import { getPriority, setPriority } from "node:os";
import { parentPort, workerData } from "node:worker_threads";
import { TimeLimitError, withTimeLimit } from "../monitoring/time-limit.ts";
import { AwsError } from "../server/aws/service.ts";
import { DrawingStore } from "./drawing-store.ts";
import type { FromWorker, ToWorker } from "./protocol.ts";

const { homeRegion, accountId } = workerData as { readonly homeRegion: string; readonly accountId?: string };
const store = new DrawingStore(homeRegion, accountId);

/** Between normal and low: a drawing gives way to a request, and is still done beside other work. */
const DRAWING_NICENESS = 5;

// On Linux 0 means the thread that asks; elsewhere it means the process, which serves the requests.
if (process.platform === "linux" && getPriority() < DRAWING_NICENESS) setPriority(0, DRAWING_NICENESS);

parentPort?.on("message", (message: ToWorker) => {
  const reply = answerTo(message);
  if (reply !== undefined) parentPort?.postMessage(reply);
});

function answerTo(message: ToWorker): FromWorker | undefined {
  switch (message.kind) {
    case "replay":
      store.replay(message.past);
      return { id: message.id, replayed: true };
    case "put":
      for (const entry of message.entries) store.put(entry);
      return undefined;
    case "retain":
      store.retain(message.nowMs);
      return undefined;
    case "draw":
      return attempt(message.id, () => ({ drawn: store.draw(message.request) }));
    case "lines":
      return attempt(message.id, () => ({ lines: store.linesOf(message.requestId) }));
    case "logs":
      return attempt(message.id, () => ({ output: store.logsAnswer(message.call) }));
    case "metrics":
      return attempt(message.id, () => ({ output: store.metricsAnswer(message.call) }));
  }
}

type Answer =
  | Omit<Extract<FromWorker, { drawn: unknown }>, "id">
  | Omit<Extract<FromWorker, { lines: unknown }>, "id">
  | Omit<Extract<FromWorker, { output: unknown }>, "id">;

/** Longer than a page of log queries that each take their own limit is likely to need. */
const ANSWER_LIMIT_MS = 30_000;

/** A bug in one drawing must not end the worker, which holds what all others are drawn from. */
function attempt(id: number, act: () => Answer): FromWorker {
  try {
    return { id, ...withTimeLimit(ANSWER_LIMIT_MS, act) };
  } catch (error) {
    if (error instanceof TimeLimitError)
      return { id, refusal: { code: "ServiceUnavailableException", message: error.message, status: 503 } };
    if (error instanceof AwsError) {
      const { code, message, status } = error;
      return { id, refusal: { code, message, status } };
    }
    return { id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}
