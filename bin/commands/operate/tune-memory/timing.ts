import { membersIn, membersOf, type Members } from "./json-members.ts";

/** What one request said of itself. */
export interface Timing {
  readonly durationMs: number;
  readonly memoryUsedMb: number;
  /** Present on a cold start only. */
  readonly initMs?: number;
  /** Time that the request waited for the model, retries included; 0 when it did not ask. */
  readonly modelMs: number;
  readonly modelUsd: number;
}

/** Fields of the text form of Lambda's report, and where they go. */
const REPORT =
  /^REPORT RequestId: \S+\tDuration: (?<duration>[\d.]+) ms\t.*\tMax Memory Used: (?<used>\d+) MB(?:\tInit Duration: (?<init>[\d.]+) ms)?/m;

/**
 * Reads the end of a request's log: Lambda's report, in either format, and the agent's own line.
 *
 * https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-logformat.html; `undefined` where there is no report.
 */
export function timingOf(log: string): Timing | undefined {
  const lines = log.split("\n").map(membersIn);
  const report = jsonReport(lines) ?? textReport(log);
  if (report === undefined) return undefined;
  const own = lines.find(({ ModelLatency }) => typeof ModelLatency === "number");
  return { ...report, modelMs: numberOf(own?.ModelLatency), modelUsd: numberOf(own?.CostUsd) };
}

type Report = Omit<Timing, "modelMs" | "modelUsd">;

function jsonReport(lines: readonly Members[]): Report | undefined {
  const record = lines.find(({ type }) => type === "platform.report")?.record;
  const { metrics } = membersOf(record);
  const { durationMs, maxMemoryUsedMB, initDurationMs } = membersOf(metrics);
  if (typeof durationMs !== "number") return undefined;
  return {
    durationMs,
    memoryUsedMb: numberOf(maxMemoryUsedMB),
    ...(typeof initDurationMs === "number" && { initMs: initDurationMs }),
  };
}

function textReport(log: string): Report | undefined {
  const { duration, used, init } = REPORT.exec(log)?.groups ?? {};
  if (duration === undefined) return undefined;
  return {
    durationMs: Number(duration),
    memoryUsedMb: Number(used),
    ...(init !== undefined && { initMs: Number(init) }),
  };
}

function numberOf(value: unknown): number {
  return typeof value === "number" ? value : 0;
}
