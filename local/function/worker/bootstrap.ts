import { parentPort, workerData } from "node:worker_threads";
import { getHeapStatistics } from "node:v8";
import { functionError, loggedError, RuntimeFailure } from "./failure.ts";
import { loadHandler } from "./load-handler.ts";
import type { Handler } from "./load-handler.ts";
import { captureOutput, flushLines } from "./log-lines.ts";
import type { Boot, FromWorker, Invoke } from "./protocol.ts";
import { shiftDate } from "./shifted-date.ts";

const boot = workerData as Boot;
let requestId: string | undefined;
/** Undefined, a function or a symbol has no JSON text, which the standard type forgets. */
const jsonText = JSON.stringify as (value: unknown) => string | undefined;

const tell = (message: FromWorker): void => parentPort?.postMessage(message);

shiftDate(boot.dateOffsetMs);
const write = captureOutput({ ...boot, requestId: () => requestId }, (text) => tell({ kind: "line", text }));
keepQuietAboutHost();
process.on("uncaughtException", (error) => die("Uncaught Exception", error));
process.on("unhandledRejection", (reason) => {
  const failure = new RuntimeFailure("Runtime.UnhandledPromiseRejection", String(reason), { cause: reason });
  die("Unhandled Promise Rejection", Object.assign(failure, { reason: loggedError(reason), promise: {} }));
});
Object.assign(globalThis, { awslambda: { streamifyResponse: refuseStreaming } });
void start();

async function start(): Promise<void> {
  try {
    const handler = await loadHandler(boot.codeDirectory, boot.handler);
    parentPort?.on("message", (message: Invoke) => void answer(handler, message));
    flushLines();
    tell({ kind: "ready" });
  } catch (error) {
    die("Uncaught Exception", error);
  }
}

async function answer(handler: Handler, invoke: Invoke): Promise<void> {
  requestId = invoke.requestId;
  shiftDate(invoke.dateOffsetMs);
  process.env._X_AMZN_TRACE_ID = invoke.traceId;
  try {
    const result: unknown = await handler(JSON.parse(invoke.event), context(invoke));
    const payload = stringify(result);
    flushLines();
    tell({ kind: "result", payload, memoryBytes: memoryBytes() });
  } catch (error) {
    logError("Invoke Error", error);
    tell({ kind: "error", error: functionError(error), memoryBytes: memoryBytes(), fatal: false });
  }
}

function stringify(result: unknown): string {
  try {
    return jsonText(result) ?? "null";
  } catch (cause) {
    throw new RuntimeFailure("Runtime.JSONStringifyError", "Unable to stringify response body", { cause });
  }
}

/** @see https://docs.aws.amazon.com/lambda/latest/dg/nodejs-context.html */
function context(invoke: Invoke): Record<string, unknown> {
  const deadline = performance.now() + invoke.timeoutMs;
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    clientContext: undefined,
    identity: undefined,
    invokedFunctionArn: invoke.invokedFunctionArn,
    awsRequestId: invoke.requestId,
    getRemainingTimeInMillis: () => Math.max(0, Math.floor(deadline - performance.now())),
  };
}

function die(title: string, error: unknown): void {
  logError(title, error);
  tell({ kind: "error", error: functionError(error), memoryBytes: memoryBytes(), fatal: true });
}

function logError(title: string, error: unknown): void {
  if (boot.logFormat === "JSON") write("ERROR", [error]);
  else write("ERROR", [`${title} \t${JSON.stringify(loggedError(error))}`]);
  flushLines();
}

/** Memory of this worker alone: a worker cannot tell its share of the process's resident memory. */
function memoryBytes(): number {
  const heap = getHeapStatistics();
  return heap.total_physical_size + heap.external_memory + heap.malloced_memory;
}

/** The SDK warns of the laptop's Node.js version; the function's own runtime is the template's. */
function keepQuietAboutHost(): void {
  const emitWarning = process.emitWarning.bind(process) as (...given: unknown[]) => void;
  process.emitWarning = (...given: unknown[]) => {
    if (!String(given[0]).startsWith("NodeVersionSupportWarning")) emitWarning(...given);
  };
}

function refuseStreaming(): never {
  throw new Error("the local runtime does not emulate response streaming; return the result instead");
}
