import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { parseJson } from "@wrist-agent/cloudwatch/json";
import { parseRecordedMetrics, type RecordedSeries } from "cw-alarm-test/backtest/recorded-metrics";
import { AssemblyError } from "cw-alarm-test/template";
import type { InvocationRecord } from "../function/function-records.ts";
import type { RequestOutcome, SimulatedRequest } from "./synthetic-traffic.ts";
import type { Recording } from "./traffic-models.ts";

const DAY_MS = 86_400_000;

/** A recording that cannot be used; the message says what to give instead. */
export class RecordingError extends Error {
  override readonly name = "RecordingError";
}

/**
 * Reads what people asked from the journal of `npm start`, from the only one of its data directory, or from
 * metrics that a backtest saved.
 */
export async function readRecording(path: string): Promise<Recording> {
  const file = await recordingFile(path);
  const text = await readFile(file, "utf8").catch((cause: unknown) => {
    throw new RecordingError(`cannot read ${file}: give the path of a readable file`, { cause });
  });
  const requests = isMetricsFile(text) ? requestsOfMetrics(text, file) : requestsOfJournal(text);
  const [first] = requests;
  const last = requests.at(-1);
  if (first === undefined || last === undefined)
    throw new RecordingError(
      `${file} holds no request: give journal.jsonl of a data directory of npm start, or metrics of the agent's function that backtest --save wrote`,
    );
  const startMs = Math.floor(first.atMs / DAY_MS) * DAY_MS;
  return { requests, startMs, days: Math.floor((last.atMs - startMs) / DAY_MS) + 1 };
}

/** A data directory holds a journal for each stage that was started with it. */
async function recordingFile(path: string): Promise<string> {
  const isDirectory = await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (!isDirectory) return path;
  const names = await readdir(path, { recursive: true });
  const journals = names
    .filter((name) => /^([^/\\]+[/\\])?journal\.jsonl$/.test(name))
    .map((name) => join(path, name))
    .sort();
  const [only, other] = journals;
  if (only !== undefined && other === undefined) return only;
  throw new RecordingError(
    only === undefined
      ? `${path} holds no journal: give the data directory of npm start, .wrist-agent when it had no --data`
      : `${path} holds several journals: give one of ${journals.join(", ")}`,
  );
}

function isMetricsFile(text: string): boolean {
  return /^\s*\{\s*"format"/.test(text);
}

/** The agent's line on a request, as far as it is needed here. */
interface RequestLine {
  readonly _aws: { readonly Timestamp: number };
  readonly requestId: string;
  /** From the handler's start to its answer, whatever it was. */
  readonly durationMs: number;
  readonly mode?: string;
  readonly reason?: string;
  /** `health` where nobody asked the model. */
  readonly route?: string;
  /** 1 where the hook of a deployment asked. */
  readonly verification?: number;
  readonly Failure: number;
  readonly Degraded: number;
  readonly Rejected: number;
  readonly CostUsd?: number;
  readonly httpStatus?: number;
  /** 1 where the probe asked. */
  readonly probe?: number;
}

/** People's requests; where a handler ended without a line, Lambda's record of it stands for the request. */
function requestsOfJournal(text: string): readonly SimulatedRequest[] {
  const lines = new Map<string, RequestLine>();
  const invocations: InvocationRecord[] = [];
  const urlFunctions = new Set<string>();
  for (const entry of text.split("\n").flatMap(journalEntry)) {
    if (entry.kind === "url") urlFunctions.add(entry.record.functionName);
    if (entry.kind === "invocation") invocations.push(entry.record);
    const line = entry.kind === "log" ? requestLine(entry.event.message) : undefined;
    if (line !== undefined) lines.set(line.requestId, line);
  }
  const answered = [...lines.values()].filter(isOfPerson).map(requestOfLine);
  const lost = invocations
    .filter(({ functionName, requestId }) => urlFunctions.has(functionName) && !lines.has(requestId))
    .flatMap(requestOfInvocation);
  return [...answered, ...lost].sort((a, b) => a.atMs - b.atMs);
}

/** The entries of a journal that matter here. */
type RecordedEntry =
  | { readonly kind: "url"; readonly record: { readonly functionName: string } }
  | { readonly kind: "invocation"; readonly record: InvocationRecord }
  | { readonly kind: "log"; readonly event: { readonly message: string } };

/** One line of a journal; a torn one, such as a killed process leaves, is skipped. */
function journalEntry(line: string): RecordedEntry | readonly RecordedEntry[] {
  if (!/"kind":"(?:url|invocation|log)"/.test(line)) return [];
  return (parseJson(line) as RecordedEntry | undefined) ?? [];
}

function requestLine(message: string): RequestLine | undefined {
  if (!message.startsWith("{") || !message.includes('"Rejected"')) return undefined;
  return parseJson(message) as RequestLine | undefined;
}

function isOfPerson({ probe, verification, route }: RequestLine): boolean {
  return probe !== 1 && verification !== 1 && route !== "health";
}

function requestOfLine(line: RequestLine): SimulatedRequest {
  const { durationMs, CostUsd: costUsd = 0, mode } = line;
  return {
    atMs: Math.floor(line._aws.Timestamp - durationMs),
    durationMs,
    costUsd,
    outcome: outcomeOf(line),
    ...(mode !== undefined && { mode }),
  };
}

function outcomeOf({ Failure, Degraded, Rejected, httpStatus, reason }: RequestLine): RequestOutcome {
  if (Failure === 1) return "failed";
  if (reason === "token_absent") return "anonymous";
  if (Rejected === 1) return httpStatus === 401 ? "unauthorized" : "rejected";
  return Degraded === 1 ? "degraded" : "served";
}

function requestOfInvocation({ status, startMs, durationMs }: InvocationRecord): readonly SimulatedRequest[] {
  if (status === "success") return [];
  const outcome = status === "throttled" ? "throttled" : "crashed";
  return [{ atMs: Math.floor(startMs), durationMs, costUsd: 0, outcome }];
}

/** Recorded points of one statistic, by {@link pointKey}. */
type Points = ReadonlyMap<string, number>;

/** A period of a series: the key that other series have of it, its begin and its length. */
interface Period {
  readonly key: string;
  readonly atMs: number;
  readonly periodMs: number;
}

/**
 * As many requests in each period as were counted, with as many of each outcome; they are spread over the
 * period.
 */
function requestsOfMetrics(text: string, file: string): readonly SimulatedRequest[] {
  const series = recordedSeries(text, file);
  const lambda = series.filter(({ namespace }) => namespace === "AWS/Lambda");
  const names = [...new Set(lambda.map(({ dimensions }) => dimensions.FunctionName ?? ""))];
  if (names.length > 1)
    throw new RecordingError(`${file} holds metrics of ${names.join(", ")}: save those of one function`);
  const counted = new CountedRequests(lambda, agentSeries(series));
  return counted
    .periods()
    .flatMap((period) => counted.requests(period))
    .sort((a, b) => a.atMs - b.atMs);
}

function recordedSeries(text: string, file: string): readonly RecordedSeries[] {
  try {
    return parseRecordedMetrics(text, file).series;
  } catch (cause) {
    if (!(cause instanceof AssemblyError)) throw cause;
    throw new RecordingError(cause.message, { cause });
  }
}

/** What the agent counts of its requests: the probe's metrics have no count of refusals. */
function agentSeries(series: readonly RecordedSeries[]): readonly RecordedSeries[] {
  const own = series.find(({ metricName }) => metricName === "Rejected");
  const service = JSON.stringify(own?.dimensions);
  return series.filter(
    ({ namespace, dimensions }) => namespace === own?.namespace && JSON.stringify(dimensions) === service,
  );
}

/**
 * Counts of Lambda and of the agent, each as far as it was recorded: a backtest saves what its alarms read.
 */
class CountedRequests {
  readonly #lambda: readonly RecordedSeries[];
  readonly #agent: readonly RecordedSeries[];
  readonly #points = new Map<string, Points>();

  constructor(lambda: readonly RecordedSeries[], agent: readonly RecordedSeries[]) {
    this.#lambda = lambda;
    this.#agent = agent;
  }

  /** Each period in which something was counted. */
  periods(): readonly Period[] {
    const all = [...this.#lambda, ...this.#agent].filter(({ statistic }) => COUNTS.has(statistic));
    const periods = new Map(all.flatMap(periodsOf).map((period) => [period.key, period]));
    return [...periods.values()];
  }

  requests(period: Period): readonly SimulatedRequest[] {
    const outcomes = this.#outcomes(period);
    const cost = this.#agentPoint("CostUsd", "Sum", period) ?? 0;
    const durationMs = this.#durationMs(period);
    const all = outcomes.flatMap(([outcome, count]) => Array.from({ length: count }, () => outcome));
    const served = all.filter((outcome) => outcome === "served").length;
    return all.map((outcome, at) => ({
      atMs: period.atMs + Math.floor(((at + 0.5) / all.length) * period.periodMs),
      durationMs,
      costUsd: outcome === "served" ? cost / served : 0,
      outcome,
    }));
  }

  /** How many requests ended how; what nothing else accounts for was served. */
  #outcomes(period: Period): readonly (readonly [RequestOutcome, number])[] {
    const crashed = this.#lambdaPoint("Errors", "Sum", period) ?? 0;
    const throttled = this.#lambdaPoint("Throttles", "Sum", period) ?? 0;
    const failed =
      this.#agentPoint("Failure", "Sum", period) ??
      (this.#lambdaPoint("Url5xxCount", "Sum", period) ?? 0) - crashed;
    const rejected =
      this.#agentPoint("Rejected", "Sum", period) ??
      (this.#lambdaPoint("Url4xxCount", "Sum", period) ?? 0) - throttled;
    const lines = this.#agentPoint("Failure", "SampleCount", period);
    const ran = this.#lambdaPoint("Invocations", "Sum", period) ?? (lines ?? 0) + crashed;
    const others: readonly (readonly [RequestOutcome, number])[] = [
      ["crashed", whole(crashed)],
      ["throttled", whole(throttled)],
      ["failed", whole(failed)],
      ["rejected", whole(rejected)],
    ];
    const served = whole(ran) - whole(crashed) - whole(failed) - whole(rejected);
    return [...others, ["served", whole(served)]];
  }

  #durationMs(period: Period): number {
    const [sum, count] = (["Sum", "SampleCount"] as const).map((statistic) =>
      this.#lambdaPoint("Duration", statistic, period),
    );
    if (sum !== undefined && count !== undefined && count > 0) return sum / count;
    const average = this.#lambdaPoint("Duration", "Average", period);
    return average ?? this.#lambdaPoint("Duration", "Maximum", period) ?? 1000;
  }

  #lambdaPoint(metricName: string, statistic: string, { key }: Period): number | undefined {
    return this.#read(this.#lambda, `${metricName} ${statistic}`).get(key);
  }

  #agentPoint(metricName: string, statistic: string, { key }: Period): number | undefined {
    return this.#read(this.#agent, `${metricName} ${statistic}`).get(key);
  }

  #read(series: readonly RecordedSeries[], name: string): Points {
    const known = this.#points.get(name);
    if (known !== undefined) return known;
    const points = pointsOf(series.filter((each) => `${each.metricName} ${each.statistic}` === name));
    this.#points.set(name, points);
    return points;
  }
}

const COUNTS = new Set(["Sum", "SampleCount"]);

function whole(count: number): number {
  return Math.max(0, Math.round(count));
}

function periodsOf(series: RecordedSeries): readonly Period[] {
  return series.values.flatMap((value, at): readonly Period[] => {
    if (value === null || value === 0) return [];
    const periodMs = series.stepSeconds * 1000;
    return [{ key: pointKey(series, at), atMs: series.startMs + at * periodMs, periodMs }];
  });
}

function pointKey({ startMs, stepSeconds }: RecordedSeries, at: number): string {
  return `${startMs + at * stepSeconds * 1000}/${stepSeconds}`;
}

/** Lambda counts a request in several sets of dimensions: the first that was recorded counts. */
function pointsOf(series: readonly RecordedSeries[]): Points {
  const points = new Map<string, number>();
  for (const each of series)
    each.values.forEach((value, at) => {
      const key = pointKey(each, at);
      if (value !== null && !points.has(key)) points.set(key, value);
    });
  return points;
}
