import { randomBytes } from "node:crypto";

/** One line that a function or Lambda itself wrote to a log group. */
export interface LogEvent {
  readonly logGroupName: string;
  readonly logStreamName: string;
  /** Epoch milliseconds. */
  readonly timestampMs: number;
  /** Without the trailing newline. */
  readonly message: string;
}

/** How an invocation ended, in Lambda's terms: a well-formed HTTP error of the handler is a `success`. */
export type InvocationStatus = "success" | "error" | "timeout" | "throttled";

/** What Lambda knows of one invocation; `AWS/Lambda` metrics are made from it. */
export interface InvocationRecord {
  readonly functionName: string;
  /** Alias or version that was asked for, `live` or `$LATEST`. */
  readonly qualifier: string;
  readonly executedVersion: string;
  readonly requestId: string;
  /** Epoch milliseconds of the invocation's start. */
  readonly startMs: number;
  readonly status: InvocationStatus;
  readonly durationMs: number;
  readonly billedDurationMs: number;
  /** Present on a cold start only. */
  readonly initDurationMs?: number;
  readonly maxMemoryUsedMb: number;
  /** Invocations in flight at the start, this one included. */
  readonly concurrentExecutions: number;
}

/** What the Function URL knows of one HTTP request; `Url…` metrics are made from it. */
export interface UrlRecord {
  readonly functionName: string;
  readonly qualifier: string;
  readonly executedVersion: string;
  /** The invocation's request id; missing when the URL refused before it invoked. */
  readonly requestId?: string;
  readonly startMs: number;
  readonly latencyMs: number;
  readonly status: number;
  readonly method: string;
  readonly path: string;
  /** Set where the request carried the mark of requests that nobody dictated. */
  readonly isMarked?: true;
}

/** Everything that the function side reports; the runtime journals it and makes metrics and pages from it. */
export interface FunctionRecords {
  readonly log: (event: LogEvent) => void;
  readonly invocation: (record: InvocationRecord) => void;
  /** False when the request could not be written down. */
  readonly url: (record: UrlRecord) => boolean;
}

/** A trace header that says "not sampled": the local runtime keeps no traces. */
export function newTraceId(nowMs: number): string {
  const seconds = Math.floor(nowMs / 1000)
    .toString(16)
    .padStart(8, "0");
  const parent = randomBytes(8).toString("hex");
  return `Root=1-${seconds}-${randomBytes(12).toString("hex")};Parent=${parent};Sampled=0`;
}
