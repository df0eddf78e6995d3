import type { FunctionDefinition, SystemLogLevel } from "./definition.ts";

/** What the platform's lines of one invocation say. */
export interface Report {
  readonly requestId: string;
  readonly status: "success" | "error" | "timeout";
  /** Set when Lambda itself, not the handler, names the error. */
  readonly errorType?: string;
  readonly durationMs: number;
  readonly billedDurationMs: number;
  readonly initDurationMs?: number;
  readonly maxMemoryUsedMb: number;
}

/** A phase of initialisation that failed. */
export interface InitFailure {
  readonly durationMs: number;
  readonly status: "error" | "timeout";
  readonly errorType: string;
}

/** The lines that Lambda writes around those of the handler, in one of its two formats. */
export interface SystemLines {
  initStart(nowMs: number): readonly string[];
  initReport(nowMs: number, failure: InitFailure): readonly string[];
  start(nowMs: number, requestId: string): readonly string[];
  end(nowMs: number, report: Report): readonly string[];
}

/** @see https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-logformat.html */
export function systemLines(definition: FunctionDefinition): SystemLines {
  return definition.logFormat === "JSON" ? jsonLines(definition) : textLines(definition);
}

function textLines(definition: FunctionDefinition): SystemLines {
  const runtime = definition.runtime.replace("nodejs", "nodejs:").replace(".x", ".local");
  const arn = `arn:aws:lambda:${definition.region}::runtime:local`;
  return {
    initStart: () => [`INIT_START Runtime Version: ${runtime}\tRuntime Version ARN: ${arn}`],
    initReport: (_nowMs, { durationMs, status, errorType }) => [
      `INIT_REPORT Init Duration: ${ms(durationMs)}\tPhase: init\tStatus: ${status}\tError Type: ${errorType}`,
    ],
    start: (_nowMs, requestId) => [`START RequestId: ${requestId} Version: ${definition.version}`],
    end: (_nowMs, report) => [`END RequestId: ${report.requestId}`, reportLine(definition.memoryMb, report)],
  };
}

function reportLine(memoryMb: number, report: Report): string {
  const fields = [
    `REPORT RequestId: ${report.requestId}`,
    `Duration: ${ms(report.durationMs)}`,
    `Billed Duration: ${report.billedDurationMs} ms`,
    `Memory Size: ${memoryMb} MB`,
    `Max Memory Used: ${report.maxMemoryUsedMb} MB`,
  ];
  if (report.initDurationMs !== undefined) fields.push(`Init Duration: ${ms(report.initDurationMs)}`);
  if (report.status === "timeout") fields.push("Status: timeout");
  else if (report.errorType !== undefined) fields.push("Status: error", `Error Type: ${report.errorType}`);
  return fields.join("\t");
}

function ms(value: number): string {
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
    initReport: (nowMs, { durationMs, status, errorType }) =>
      line(nowMs, "WARN", {
        type: "platform.initReport",
        record: {
          initializationType: "on-demand",
          status,
          phase: "init",
          metrics: { durationMs: round(durationMs) },
          errorType,
        },
      }),
    start: (nowMs, requestId) =>
      line(nowMs, "INFO", { type: "platform.start", record: { requestId, version } }),
    end: (nowMs, report) => {
      const failed = report.status !== "success";
      return [
        ...line(nowMs, failed ? "WARN" : "DEBUG", { type: "platform.runtimeDone", record: done(report) }),
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
    runtimeVersionArn: `arn:aws:lambda:${definition.region}::runtime:local`,
    functionName: definition.functionName,
    functionVersion: definition.version,
  };
}

function done({ requestId, status, errorType, durationMs }: Report): object {
  return { requestId, status, ...(errorType && { errorType }), metrics: { durationMs: round(durationMs) } };
}

function reportRecord(memorySizeMB: number, report: Report): object {
  const { requestId, status, errorType, initDurationMs } = report;
  const metrics = {
    durationMs: round(report.durationMs),
    billedDurationMs: report.billedDurationMs,
    memorySizeMB,
    maxMemoryUsedMB: report.maxMemoryUsedMb,
    ...(initDurationMs !== undefined && { initDurationMs: round(initDurationMs) }),
  };
  return { requestId, status, ...(errorType && { errorType }), metrics };
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
