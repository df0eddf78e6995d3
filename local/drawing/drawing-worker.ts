/** The program of the worker that draws dashboards, so that the thread that serves the Function URL never does. */
import { parentPort, workerData } from "node:worker_threads";
import { DrawingStore } from "./drawing-store.ts";
import type { FromWorker, ToWorker } from "./protocol.ts";

const store = new DrawingStore((workerData as { readonly homeRegion: string }).homeRegion);

parentPort?.on("message", (message: ToWorker) => {
  const reply = answerTo(message);
  if (reply !== undefined) parentPort?.postMessage(reply);
});

function answerTo(message: ToWorker): FromWorker | undefined {
  switch (message.kind) {
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
  }
}

type Answer =
  Omit<Extract<FromWorker, { drawn: unknown }>, "id"> | Omit<Extract<FromWorker, { lines: unknown }>, "id">;

/** A bug in one drawing must not end the worker, which holds what all others are drawn from. */
function attempt(id: number, act: () => Answer): FromWorker {
  try {
    return { id, ...act() };
  } catch (error) {
    return { id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}
