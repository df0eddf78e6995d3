import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { getHeapStatistics } from "node:v8";
import { parentPort, workerData } from "node:worker_threads";
import { captureOutput, flushLines } from "./log-lines.ts";
import {
  type Boot,
  type FromWorker,
  functionError,
  type Invoke,
  loggedError,
  RuntimeFailure,
} from "./protocol.ts";

const SystemDate = Date;
const systemNow = Date.now.bind(Date);
let offsetMs = 0;
let installed = false;

/** Makes `Date` run `ms` ahead of the system's time; with 0 from the start, `Date` is never touched. */
export function shiftDate(ms: number): void {
  offsetMs = ms;
  if (ms !== 0 && !installed) installShiftedDate();
}

function shiftedNow(): number {
  return systemNow() + offsetMs;
}

function installShiftedDate(): void {
  installed = true;
  SystemDate.now = shiftedNow;
  const shifted = new Proxy(SystemDate, {
    construct: (target, given, newTarget) =>
      Reflect.construct(target, given.length === 0 ? [shiftedNow()] : given, newTarget) as Date,
    apply: () => new SystemDate(shiftedNow()).toString(),
  });
  SystemDate.prototype.constructor = shifted;
  globalThis.Date = shifted;
}

/** A handler of the kind that Node.js 24 accepts: it returns its result or a promise of it. */
export type Handler = (event: unknown, context: unknown) => unknown;

const CALLBACK_REFUSED =
  "AWS Lambda has removed support for callback-based function handlers starting with Node.js 24. You need to " +
  "modify this function to use a supported handler signature to use Node.js 24 or later. For more information " +
  "see https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html.";

/** Loads `file.export` below `directory`, or fails with the error type that Lambda gives. */
export async function loadHandler(directory: string, name: string): Promise<Handler> {
  const [, path, exportPath] = /^((?:.*\/)?[^./]+)\.(.+)$/.exec(name) ?? [];
  if (path === undefined || exportPath === undefined)
    throw new RuntimeFailure("Runtime.MalformedHandlerName", "Bad handler");
  const loaded = await importNamingFailures(join(directory, path), path);
  const handler = exportPath.split(".").reduce<unknown>(exportMember, loaded);
  if (handler === undefined || handler === null)
    throw new RuntimeFailure("Runtime.HandlerNotFound", `${name} is undefined or not exported`);
  if (typeof handler !== "function")
    throw new RuntimeFailure("Runtime.HandlerNotFound", `${name} is not a function`);
  if (handler.length >= 3) throw new RuntimeFailure("Runtime.CallbackHandlerDeprecated", CALLBACK_REFUSED);
  return handler as Handler;
}

function exportMember(value: unknown, key: string): unknown {
  return value === undefined || value === null ? undefined : (value as Record<string, unknown>)[key];
}

async function importNamingFailures(path: string, name: string): Promise<unknown> {
  const file = [path, `${path}.js`, `${path}.mjs`, `${path}.cjs`].find((candidate) => existsSync(candidate));
  if (file === undefined)
    throw new RuntimeFailure("Runtime.ImportModuleError", `Error: Cannot find module '${name}'`);
  try {
    return await importFile(file);
  } catch (error) {
    throw namedFailure(error);
  }
}

/**
 * As Lambda does: `import` would look through the whole of a CommonJS file for its exports before it runs it.
 */
async function importFile(file: string): Promise<unknown> {
  if (file.endsWith(".cjs")) return createRequire(file)(file) as unknown;
  const loaded = (await import(pathToFileURL(file).href)) as Record<string, unknown>;
  // A CommonJS module's exports stand under `default`; not all are found by static analysis.
  return { ...(loaded.default as object | undefined), ...loaded };
}

function namedFailure(error: unknown): unknown {
  if (error instanceof SyntaxError)
    return new RuntimeFailure("Runtime.UserCodeSyntaxError", String(error), { cause: error });
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "MODULE_NOT_FOUND" || code === "ERR_MODULE_NOT_FOUND")
    return new RuntimeFailure("Runtime.ImportModuleError", String(error), { cause: error });
  return error;
}

const boot = workerData as Boot;
let requestId: string | undefined;
/** Undefined, a function or a symbol has no JSON text, which the standard type forgets. */
const jsonText = JSON.stringify as (value: unknown) => string | undefined;

const postToHost = (message: FromWorker): void => parentPort?.postMessage(message);

shiftDate(boot.dateOffsetMs);
const write = captureOutput({ ...boot, requestId: () => requestId }, (text) =>
  postToHost({ kind: "line", text }),
);
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
    postToHost({ kind: "ready" });
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
    postToHost({ kind: "result", payload, memoryBytes: memoryBytes() });
  } catch (error) {
    logError("Invoke Error", error);
    postToHost({ kind: "error", error: functionError(error), memoryBytes: memoryBytes(), fatal: false });
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
  postToHost({ kind: "error", error: functionError(error), memoryBytes: memoryBytes(), fatal: true });
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
