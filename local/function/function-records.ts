import { randomBytes } from "node:crypto";
import { partitionOf } from "@wrist-agent/cloudwatch/region";

/** A Lambda function as its template describes it, and where its bundled code lies. */
export interface FunctionDefinition {
  readonly functionName: string;
  /** `$LATEST` or a published version's number. */
  readonly version: string;
  /** What callers ask for: an alias such as `live`, or the version itself. */
  readonly qualifier: string;
  readonly runtime: string;
  /** `file.export`, as the template spells it. */
  readonly handler: string;
  /** Absolute path of the unpacked asset. */
  readonly codeDirectory: string;
  readonly memoryMb: number;
  readonly timeoutSeconds: number;
  readonly environment: Readonly<Record<string, string>>;
  readonly logGroupName: string;
  readonly logFormat: LogFormat;
  /** With the JSON format only; INFO when missing. */
  readonly applicationLogLevel?: ApplicationLogLevel;
  /** With the JSON format only; INFO when missing. */
  readonly systemLogLevel?: SystemLogLevel;
  /** Invocations in flight at most; no bound when missing, none at all when 0. */
  readonly reservedConcurrency?: number;
  readonly region: string;
  readonly accountId: string;
}

/** `Text` is Lambda's default. */
export type LogFormat = "Text" | "JSON";

/** Smallest level of `console` lines that are kept. */
export type ApplicationLogLevel = "TRACE" | "DEBUG" | "INFO" | "WARN" | "ERROR" | "FATAL";

/** Smallest level of platform lines that are kept. */
export type SystemLogLevel = "DEBUG" | "INFO" | "WARN";

/** The ARN of a function without a qualifier. */
export function functionArn({
  region,
  accountId,
  functionName,
}: Pick<FunctionDefinition, "region" | "accountId" | "functionName">): string {
  return `arn:${partitionOf(region)}:lambda:${region}:${accountId}:function:${functionName}`;
}

/** Names the version of the runtime that runs functions here, which AWS has none of. */
export function runtimeVersionArn(region: string): string {
  return `arn:${partitionOf(region)}:lambda:${region}::runtime:local`;
}

/** The ARN that a caller of the qualifier names; `context.invokedFunctionArn`. */
export function invokedFunctionArn(definition: FunctionDefinition): string {
  const { qualifier } = definition;
  const unqualified = functionArn(definition);
  return qualifier === "$LATEST" ? unqualified : `${unqualified}:${qualifier}`;
}

const OLDEST_NODE = 24;

/**
 * Why functions of a runtime are not run here; `undefined` for Node.js from 24 on, whose handlers the worker
 * calls.
 */
export function runtimeRefusal(runtime: string): string | undefined {
  const [, major = "0"] = /^nodejs(\d+)\.x$/.exec(runtime) ?? [];
  if (Number(major) >= OLDEST_NODE) return undefined;
  return `has runtime ${runtime}, which the local runtime does not run: use nodejs${OLDEST_NODE}.x`;
}

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

/**
 * Lambda's limit of an account and Region.
 * https://docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html
 */
export interface AccountConcurrency extends InFlight {
  /** Invocations in flight at most. */
  readonly limit: number;
}

/** How many invocations of a function run now, whatever version they asked for. */
export interface InFlight {
  count: number;
}
