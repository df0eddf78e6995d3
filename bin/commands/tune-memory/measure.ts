import { Failure } from "../../cli/failure.ts";
import { jsonMembers, type JsonObject, jsonTextMembers } from "@wrist-agent/cloudwatch/json";
import {
  awaitReady,
  type InvokeOutcome,
  LATEST_VERSION,
  markedDescription,
  measurementDescription,
  type OriginalConfiguration,
  restoreLatest,
  type TuningPorts,
} from "./tuned-function.ts";

/** What is measured. */
export interface MeasurementPlan {
  /** Megabytes, ascending. */
  readonly sizes: readonly number[];
  /** Questions that meet a new environment each, asked at the same time. */
  readonly cold: number;
  /** Questions one after the other. */
  readonly warm: number;
}

/** The requests of one memory size. */
export interface Measurement {
  readonly memoryMb: number;
  readonly timings: readonly RequestTiming[];
  /** Questions that the agent answered with an error of the model, or Lambda with a throttle. */
  readonly unanswered: number;
  /** Why the function failed in this memory. */
  readonly fault?: string;
}

interface SizedVersion {
  readonly memoryMb: number;
  readonly version: string;
}

/** Statuses with which the agent reports Bedrock's failures, which say nothing of memory. */
const MODEL_ERROR_STATUSES = new Set([429, 503, 504]);

/** A version for each size; `$LATEST` is as it was afterwards, and so is the alias all the time. */
export async function publishSizes(
  bench: TuningPorts,
  sizes: readonly number[],
): Promise<readonly SizedVersion[]> {
  const { tuned, signal } = bench;
  const before = await awaitReady(bench, LATEST_VERSION);
  const versions: SizedVersion[] = [];
  for (const memoryMb of sizes) {
    signal.throwIfAborted();
    await configureSize(bench, before, memoryMb);
    versions.push({ memoryMb, version: await tuned.publish(measurementDescription(memoryMb)) });
  }
  await restoreLatest(bench);
  return versions;
}

async function configureSize(
  bench: TuningPorts,
  before: OriginalConfiguration,
  memoryMb: number,
): Promise<void> {
  const { tuned } = bench;
  const description = markedDescription(before);
  if (description === undefined)
    throw new Failure(
      `the description of ${tuned.name} leaves no room to note its memory: shorten it in the template`,
    );
  const { revisionId } = await awaitReady(bench, LATEST_VERSION);
  if ((await tuned.configure({ memoryMb, description }, revisionId)) !== "changed")
    throw new Failure(
      `somebody else changed ${tuned.name} meanwhile: measure when no deployment is under way`,
    );
  await awaitReady(bench, LATEST_VERSION);
}

/**
 * Asks a version: first several times at once, so that each question starts an environment, then one by one.
 */
export async function measureVersion(
  bench: TuningPorts,
  { memoryMb, version }: SizedVersion,
  { cold, warm }: MeasurementPlan,
): Promise<Measurement> {
  const { tuned, signal } = bench;
  await awaitReady(bench, version);
  const asked: InvokeOutcome[] = await Promise.all(
    Array.from({ length: cold }, () => tuned.ask(version, signal)),
  );
  for (let count = 0; count < warm && !asked.some(isFailedOutcome); count += 1)
    asked.push(await tuned.ask(version, signal));
  return measurementOf(memoryMb, asked);
}

function isFailedOutcome({ kind }: InvokeOutcome): boolean {
  return kind === "failed";
}

function measurementOf(memoryMb: number, asked: readonly InvokeOutcome[]): Measurement {
  const refused = asked.find(
    (one) => one.kind === "answered" && one.status !== 200 && !MODEL_ERROR_STATUSES.has(one.status),
  );
  if (refused?.kind === "answered")
    throw new Failure(
      `with ${memoryMb} MB the agent answered ${refused.status}: ${refused.error === "" ? "it gave no reason" : refused.error}`,
    );
  const answered = asked.flatMap((one) => (one.kind === "answered" && one.status === 200 ? [one] : []));
  const failed = asked.find((one) => one.kind === "failed");
  return {
    memoryMb,
    timings: answered.map(({ log }) => requiredTiming(log)),
    unanswered: asked.length - answered.length - asked.filter(isFailedOutcome).length,
    ...(failed?.kind === "failed" && { fault: failed.error }),
  };
}

function requiredTiming(log: string): RequestTiming {
  const timing = parseRequestTiming(log);
  if (timing !== undefined) return timing;
  throw new Failure(
    "Lambda's report is not in the log of the request: the function's system log level must be INFO or DEBUG",
  );
}

/** What one request said of itself. */
interface RequestTiming {
  readonly durationMs: number;
  readonly memoryUsedMb: number;
  /** Present on a cold start only. */
  readonly initMs?: number;
  /** Time that the request waited for the model, retries included; 0 when it did not ask. */
  readonly modelMs: number;
  readonly modelUsd: number;
}

/** Fields of the text form of Lambda's report, and where they go. */
const TEXT_REPORT =
  /^REPORT RequestId: \S+\tDuration: (?<duration>[\d.]+) ms\t.*\tMax Memory Used: (?<used>\d+) MB(?:\tInit Duration: (?<init>[\d.]+) ms)?/m;

/**
 * Reads the end of a request's log: Lambda's report, in either format, and the agent's own line.
 *
 * https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-logformat.html; `undefined` where
 * there is no report.
 */
export function parseRequestTiming(log: string): RequestTiming | undefined {
  const lines = log.split("\n").map(jsonTextMembers);
  const report = jsonReport(lines) ?? textReport(log);
  if (report === undefined) return undefined;
  const own = lines.find(({ ModelLatency }) => typeof ModelLatency === "number");
  return { ...report, modelMs: numberOrZero(own?.ModelLatency), modelUsd: numberOrZero(own?.CostUsd) };
}

type Report = Omit<RequestTiming, "modelMs" | "modelUsd">;

function jsonReport(lines: readonly JsonObject[]): Report | undefined {
  const record = lines.find(({ type }) => type === "platform.report")?.record;
  const { metrics } = jsonMembers(record);
  const { durationMs, maxMemoryUsedMB, initDurationMs } = jsonMembers(metrics);
  if (typeof durationMs !== "number") return undefined;
  return {
    durationMs,
    memoryUsedMb: numberOrZero(maxMemoryUsedMB),
    ...(typeof initDurationMs === "number" && { initMs: initDurationMs }),
  };
}

function textReport(log: string): Report | undefined {
  const { duration, used, init } = TEXT_REPORT.exec(log)?.groups ?? {};
  if (duration === undefined) return undefined;
  return {
    durationMs: Number(duration),
    memoryUsedMb: Number(used),
    ...(init !== undefined && { initMs: Number(init) }),
  };
}

function numberOrZero(value: unknown): number {
  return typeof value === "number" ? value : 0;
}
