import { format, types } from "node:util";
import { functionError } from "./protocol.ts";

const LEVELS = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"] as const;
type Level = (typeof LEVELS)[number];

const METHODS = {
  trace: "TRACE",
  debug: "DEBUG",
  log: "INFO",
  info: "INFO",
  warn: "WARN",
  error: "ERROR",
} as const satisfies Partial<Record<keyof Console, Level>>;

/** Receives each whole line, without its newline. */
export type EmitLine = (text: string) => void;

/** How `console` lines are written. */
export interface LineFormat {
  readonly logFormat: "Text" | "JSON";
  readonly logLevel: string;
  /** The invocation's request id; undefined during init. */
  readonly requestId: () => string | undefined;
}

type Write = (level: Level, given: readonly unknown[]) => void;

/** Sends `console`, `process.stdout` and `process.stderr` to `emit`, as Lambda's runtime writes them. */
export function captureOutput(lineFormat: LineFormat, emit: EmitLine): Write {
  const emitKept: EmitLine = (text) => {
    if (isKept(text, lineFormat)) emit(text);
  };
  const flushes = [process.stdout, process.stderr].map((stream) => captureStream(stream, emitKept));
  flushLines = () => flushes.forEach((flush) => flush());
  const write: Write = (level, given) => {
    const line = consoleLine(level, given, lineFormat);
    if (line !== undefined) emit(line);
  };
  for (const [method, level] of Object.entries(METHODS))
    Object.assign(console, { [method]: (...given: unknown[]) => write(level, given) });
  return write;
}

/** Emits what was written without a newline so far. */
export let flushLines: () => void = () => undefined;

function captureStream(stream: NodeJS.WriteStream, emit: EmitLine): () => void {
  let rest = "";
  const write = (chunk: string | Uint8Array, ...more: unknown[]): boolean => {
    const lines = (rest + (typeof chunk === "string" ? chunk : Buffer.from(chunk).toString("utf8"))).split(
      "\n",
    );
    rest = lines.pop() ?? "";
    lines.forEach(emit);
    const done = more.at(-1);
    if (typeof done === "function") process.nextTick(done);
    return true;
  };
  Object.assign(stream, { write });
  return () => {
    if (rest !== "") emit(rest);
    rest = "";
  };
}

function consoleLine(level: Level, given: readonly unknown[], lineFormat: LineFormat): string | undefined {
  if (lineFormat.logFormat === "JSON") return jsonLine(level, given, lineFormat);
  return [new Date().toISOString(), lineFormat.requestId() ?? "undefined", level, format(...given)].join(
    "\t",
  );
}

/**
 * Whether Lambda keeps a line that the function wrote itself: with JSON logs it reads the line's `level`, and
 * takes INFO where there is none.
 * https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html
 */
function isKept(text: string, { logFormat, logLevel }: LineFormat): boolean {
  return logFormat === "Text" || LEVELS.indexOf(levelOf(text)) >= LEVELS.indexOf(logLevel as Level);
}

function levelOf(text: string): Level {
  try {
    const { level } = Object(JSON.parse(text)) as { readonly level?: unknown };
    return LEVELS.find((known) => known === String(level).toUpperCase()) ?? "INFO";
  } catch {
    return "INFO";
  }
}

function jsonLine(level: Level, given: readonly unknown[], lineFormat: LineFormat): string | undefined {
  if (LEVELS.indexOf(level) < LEVELS.indexOf(lineFormat.logLevel as Level)) return undefined;
  const head = { timestamp: new Date().toISOString(), level, requestId: lineFormat.requestId() };
  const [only] = given;
  const message = given.length === 1 && typeof only === "object" ? only : format(...given);
  const error = given.find((value) => types.isNativeError(value));
  const members = error === undefined ? {} : errorMembers(error);
  try {
    return JSON.stringify({ ...head, message, ...members }, plainErrors);
  } catch {
    return JSON.stringify({ ...head, message: format(...given), ...members });
  }
}

function errorMembers(error: Error): Record<string, unknown> {
  const { errorType, errorMessage, trace } = functionError(error);
  return { errorType, errorMessage, stackTrace: trace?.slice(1).map((line) => line.trim()) };
}

function plainErrors(_key: string, value: unknown): unknown {
  return types.isNativeError(value) ? errorMembers(value) : value;
}
