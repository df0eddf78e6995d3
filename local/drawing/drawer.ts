import { closeSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { build } from "esbuild";
import type { LogEvent } from "../function/function-records.ts";
import type { JournalEntry } from "../journal/journal-entry.ts";
import type { JournalPast } from "../journal/past-entries.ts";
import type { MetricsCall } from "../server/aws/cloudwatch-ports.ts";
import type { LogsCall } from "../server/aws/logs.ts";
import { AwsError } from "../server/aws/service.ts";
import type { DashboardTexts } from "../server/page-api.ts";
import {
  type DrawnEntry,
  type DrawRequest,
  type FromWorker,
  isDrawnEntry,
  type ToWorker,
} from "./protocol.ts";

let code: Promise<string> | undefined;

/** The worker's program as plain JavaScript, bundled once in a process. */
export function drawingCode(): Promise<string> {
  return (code ??= bundle());
}

async function bundle(): Promise<string> {
  const result = await build({
    entryPoints: [fileURLToPath(new URL("./drawing-worker.ts", import.meta.url))],
    bundle: true,
    write: false,
    platform: "node",
    format: "cjs",
    target: "node20",
    conditions: ["source"],
    logLevel: "silent",
  });
  return result.outputFiles[0]?.text ?? "";
}

interface Waiting {
  readonly resolve: (reply: FromWorker) => void;
  readonly reject: (cause: Error) => void;
}

interface Cached {
  readonly version: string;
  readonly endMs: number;
  readonly drawn: Promise<DashboardTexts>;
}

/** How many drawings are kept: every dashboard in a few ranges. */
const MAX_CACHED = 16;

type Question = ToWorker extends infer Message
  ? Message extends { readonly id: number }
    ? Omit<Message, "id">
    : never
  : never;

/**
 * Draws dashboards, and answers whoever asks for metrics and log lines, in a worker that keeps its own copy
 * of both, fed with every entry in order.
 *
 * A drawing takes up to seconds with a day of traffic; on the main thread every request would wait for it.
 */
export class Drawer {
  readonly #home: { readonly homeRegion: string; readonly accountId?: string };
  readonly #waiting = new Map<number, Waiting>();
  readonly #cache = new Map<string, Cached>();
  #pending: DrawnEntry[] = [];
  #worker: Promise<Worker> | undefined;
  #stopped = false;
  #lastId = 0;
  /** Counts entries: while it stands still, so does every drawing. */
  #version = 0;

  constructor(homeRegion: string, accountId?: string) {
    this.#home = { homeRegion, ...(accountId !== undefined && { accountId }) };
  }

  /** Tells the worker of an entry; those that no dashboard shows are left out. */
  put(entry: JournalEntry): void {
    if (this.#stopped || !isDrawnEntry(entry)) return;
    this.#version += 1;
    this.#pending.push(entry);
    if (this.#pending.length === 1) setImmediate(() => this.#flush());
  }

  /** Has the worker read what a journal holds; before anything that is put. */
  replay(past: JournalPast): void {
    this.#ask({ kind: "replay", past })
      // A worker that fails here says so to whoever asks it.
      .catch(() => undefined)
      .finally(() => closeSync(past.descriptor));
  }

  /** Drops and rolls up what is too old, as CloudWatch does. */
  retain(nowMs: number): void {
    this.#flush();
    this.#post({ kind: "retain", nowMs });
  }

  /**
   * Draws, or gives the drawing of before while nothing has changed; equal questions at the same time are
   * asked once.
   */
  draw(request: DrawRequest): Promise<DashboardTexts> {
    const { name, body, startMs, endMs, region } = request;
    if (!Number.isFinite(startMs) || !Number.isFinite(endMs) || endMs <= startMs)
      return Promise.reject(
        new RangeError(`${String(startMs)} to ${String(endMs)} is no span of time to draw`),
      );
    const key = JSON.stringify([name, region, endMs - startMs, body]);
    const version = `${this.#version} ${JSON.stringify(request.alarms)}`;
    const before = this.#cache.get(key);
    if (before?.version === version && before.endMs === endMs) return before.drawn;
    const drawn = this.#ask({ kind: "draw", request }).then(
      (reply) => (reply as { drawn: DashboardTexts }).drawn,
    );
    this.#cache.delete(key);
    this.#cache.set(key, { version, endMs, drawn });
    drawn.catch(() => this.#cache.delete(key));
    const [oldest] = this.#cache.keys();
    if (this.#cache.size > MAX_CACHED && oldest !== undefined) this.#cache.delete(oldest);
    return drawn;
  }

  /** The kept log lines that name a request, oldest first. */
  async linesOf(requestId: string): Promise<readonly LogEvent[]> {
    const reply = await this.#ask({ kind: "lines", requestId });
    return "lines" in reply ? reply.lines : [];
  }

  /** Answers a call of CloudWatch Logs; an `AwsError` is thrown where AWS refuses. */
  async logsAnswer(call: LogsCall): Promise<object> {
    const reply = await this.#ask({ kind: "logs", call });
    return "output" in reply ? reply.output : {};
  }

  /** Answers a call that reads metrics; an `AwsError` is thrown where AWS refuses. */
  async metricsAnswer(call: MetricsCall): Promise<object> {
    const reply = await this.#ask({ kind: "metrics", call });
    return "output" in reply ? reply.output : {};
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    // First: it may be reading a file that is closed when nobody waits any more.
    await (await this.#worker?.catch(() => undefined))?.terminate();
    this.#fail(new Error("the local runtime stops"));
  }

  async #ask(question: Question): Promise<FromWorker> {
    if (this.#stopped) throw new Error("the local runtime stops");
    this.#flush();
    const id = (this.#lastId += 1);
    const reply = new Promise<FromWorker>((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
    this.#post({ ...question, id });
    const answered = await reply;
    if ("refusal" in answered)
      throw new AwsError(answered.refusal.code, answered.refusal.message, answered.refusal.status);
    if ("error" in answered) throw new Error(answered.error);
    return answered;
  }

  #flush(): void {
    const entries = this.#pending;
    this.#pending = [];
    if (entries.length > 0) this.#post({ kind: "put", entries });
  }

  /** The worker starts with the first message, and gets all of them in order. */
  #post(message: ToWorker): void {
    if (this.#stopped) return;
    this.#worker ??= this.#start();
    this.#worker.then(
      (worker) => worker.postMessage(message),
      (cause: unknown) => this.#fail(cause),
    );
  }

  async #start(): Promise<Worker> {
    const worker = new Worker(await drawingCode(), {
      eval: true,
      workerData: this.#home,
      // Whatever flags this process has, the program is plain JavaScript.
      execArgv: [],
    });
    worker.on("message", (reply: FromWorker) => {
      const waiting = this.#waiting.get(reply.id);
      this.#waiting.delete(reply.id);
      waiting?.resolve(reply);
    });
    worker.on("error", (cause) => this.#end(cause));
    worker.on("exit", () =>
      this.#end(new Error("the worker that draws dashboards has ended: restart npm start")),
    );
    return worker;
  }

  #end(cause: Error): void {
    const isStopping = this.#stopped;
    this.#stopped = true;
    this.#fail(isStopping ? new Error("the local runtime stops") : cause);
  }

  #fail(cause: unknown): void {
    const error = cause instanceof Error ? cause : new Error(String(cause));
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}
