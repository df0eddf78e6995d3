import type { WorkerOutcome } from "./execution-environment.ts";
import { type FunctionDefinition, runtimeVersionArn, type SystemLogLevel } from "./function-records.ts";
import type { FunctionError } from "./worker/protocol.ts";

/** How an invocation ended, before it is logged and counted. */
export type InvocationEnding =
  | { readonly status: "success"; readonly payload: string }
  | {
      readonly status: "error" | "timeout";
      readonly error: FunctionError;
      /** What Lambda itself writes into the log about it. */
      readonly lines: readonly string[];
      /** Set when the environment died, which REPORT then names. */
      readonly errorType?: string;
    };

interface Circumstances {
  readonly requestId: string;
  readonly nowMs: number;
  readonly timeoutSeconds: number;
}

/** Lambda's words for what became of the worker. */
export function invocationEnding(outcome: WorkerOutcome, circumstances: Circumstances): InvocationEnding {
  switch (outcome.kind) {
    case "result":
      return { status: "success", payload: outcome.payload };
    case "error":
      return {
        status: "error",
        error: outcome.error,
        lines: [],
        ...(outcome.fatal && { errorType: outcome.error.errorType }),
      };
    case "timeout":
      return timedOut(circumstances);
    case "out-of-memory":
      return died(circumstances, "exited with error: signal: aborted", [
        "FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory",
      ]);
    case "exit":
      return died(circumstances, exitReason(outcome.exitCode), []);
    case "ready":
      throw new Error("the worker reported that it is ready while it was answering");
  }
}

function exitReason(exitCode: number): string {
  return exitCode === 0 ? "exited without providing a reason" : `exited with error: exit status ${exitCode}`;
}

function died({ requestId }: Circumstances, reason: string, before: readonly string[]): InvocationEnding {
  const errorType = "Runtime.ExitError";
  const errorMessage = `RequestId: ${requestId} Error: Runtime ${reason}`;
  const lines = [...before, `${errorMessage}\n${errorType}`];
  return { status: "error", error: { errorType, errorMessage }, lines, errorType };
}

function timedOut({ requestId, nowMs, timeoutSeconds }: Circumstances): InvocationEnding {
  const text = `Task timed out after ${timeoutSeconds.toFixed(2)} seconds`;
  return {
    status: "timeout",
    error: { errorType: "Sandbox.Timedout", errorMessage: `RequestId: ${requestId} Error: ${text}` },
    lines: [`${new Date(nowMs).toISOString()} ${requestId} ${text}`],
  };
}

/** What the platform's lines of one invocation say. */
export interface InvocationReport {
  readonly requestId: string;
  readonly status: "success" | "error" | "timeout";
  /** Set when Lambda itself, not the handler, names the error. */
  readonly errorType?: string;
  readonly durationMs: number;
  readonly billedDurationMs: number;
  readonly initDurationMs?: number;
  readonly maxMemoryUsedMb: number;
}

/** An initialisation that failed. */
export interface InitFailure {
  readonly durationMs: number;
  /** Before the first invocation, or as a part of it. */
  readonly phase: "init" | "invoke";
  readonly status: "error" | "timeout";
  /** None when it took too long. */
  readonly errorType?: string;
}

/** The lines that Lambda writes around those of the handler, in one of its two formats. */
export interface SystemLines {
  initStart(nowMs: number): readonly string[];
  initReport(nowMs: number, failure: InitFailure): readonly string[];
  start(nowMs: number, requestId: string): readonly string[];
  end(nowMs: number, report: InvocationReport): readonly string[];
}

/** @see https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-logformat.html */
export function systemLines(definition: FunctionDefinition): SystemLines {
  return definition.logFormat === "JSON" ? jsonLines(definition) : textLines(definition);
}

function textLines(definition: FunctionDefinition): SystemLines {
  const runtime = definition.runtime.replace("nodejs", "nodejs:").replace(".x", ".local");
  const arn = runtimeVersionArn(definition.region);
  return {
    initStart: () => [`INIT_START Runtime Version: ${runtime}\tRuntime Version ARN: ${arn}`],
    initReport: (_nowMs, { durationMs, phase, status, errorType }) => [
      `INIT_REPORT Init Duration: ${millisecondsText(durationMs)}\tPhase: ${phase}\tStatus: ${status}${errorType === undefined ? "" : `\tError Type: ${errorType}`}`,
    ],
    start: (_nowMs, requestId) => [`START RequestId: ${requestId} Version: ${definition.version}`],
    end: (_nowMs, report) => [`END RequestId: ${report.requestId}`, reportLine(definition.memoryMb, report)],
  };
}

function reportLine(memoryMb: number, report: InvocationReport): string {
  const fields = [
    `REPORT RequestId: ${report.requestId}`,
    `Duration: ${millisecondsText(report.durationMs)}`,
    `Billed Duration: ${report.billedDurationMs} ms`,
    `Memory Size: ${memoryMb} MB`,
    `Max Memory Used: ${report.maxMemoryUsedMb} MB`,
  ];
  if (report.initDurationMs !== undefined)
    fields.push(`Init Duration: ${millisecondsText(report.initDurationMs)}`);
  if (report.status === "timeout") fields.push("Status: timeout");
  else if (report.errorType !== undefined) fields.push("Status: error", `Error Type: ${report.errorType}`);
  return fields.join("\t");
}

function millisecondsText(value: number): string {
  return `${value.toFixed(2)} ms`;
}

const SYSTEM_LEVELS: readonly SystemLogLevel[] = ["DEBUG", "INFO", "WARN"];

function jsonLines(definition: FunctionDefinition): SystemLines {
  const smallest = SYSTEM_LEVELS.indexOf(definition.systemLogLevel ?? "INFO");
  const line = (nowMs: number, level: SystemLogLevel, event: { type: string; record: object }): string[] =>
    SYSTEM_LEVELS.indexOf(level) < smallest
      ? []
      : [JSON.stringify({ time: new Date(nowMs).toISOString(), ...event })];
  const version = definition.version;
  return {
    initStart: (nowMs) => line(nowMs, "INFO", { type: "platform.initStart", record: initRecord(definition) }),
    initReport: (nowMs, { durationMs, phase, status, errorType }) =>
      line(nowMs, "WARN", {
        type: "platform.initReport",
        record: {
          initializationType: "on-demand",
          status,
          phase,
          metrics: { durationMs: roundToMicroseconds(durationMs) },
          ...(errorType && { errorType }),
        },
      }),
    start: (nowMs, requestId) =>
      line(nowMs, "INFO", { type: "platform.start", record: { requestId, version } }),
    end: (nowMs, report) => {
      const failed = report.status !== "success";
      return [
        ...line(nowMs, failed ? "WARN" : "DEBUG", {
          type: "platform.runtimeDone",
          record: runtimeDoneRecord(report),
        }),
        ...line(nowMs, failed ? "WARN" : "INFO", {
          type: "platform.report",
          record: reportRecord(definition.memoryMb, report),
        }),
      ];
    },
  };
}

function initRecord(definition: FunctionDefinition): object {
  return {
    initializationType: "on-demand",
    phase: "init",
    runtimeVersion: definition.runtime.replace("nodejs", "nodejs:").replace(".x", ".local"),
    runtimeVersionArn: runtimeVersionArn(definition.region),
    functionName: definition.functionName,
    functionVersion: definition.version,
  };
}

function runtimeDoneRecord({ requestId, status, errorType, durationMs }: InvocationReport): object {
  return {
    requestId,
    status,
    ...(errorType && { errorType }),
    metrics: { durationMs: roundToMicroseconds(durationMs) },
  };
}

function reportRecord(memorySizeMB: number, report: InvocationReport): object {
  const { requestId, status, errorType, initDurationMs } = report;
  const metrics = {
    durationMs: roundToMicroseconds(report.durationMs),
    billedDurationMs: report.billedDurationMs,
    memorySizeMB,
    maxMemoryUsedMB: report.maxMemoryUsedMb,
    ...(initDurationMs !== undefined && { initDurationMs: roundToMicroseconds(initDurationMs) }),
  };
  return { requestId, status, ...(errorType && { errorType }), metrics };
}

function roundToMicroseconds(value: number): number {
  return Math.round(value * 1000) / 1000;
}
