import { readFile } from "node:fs/promises";
import type { InvocationRecord } from "../function/function-records.ts";
import type { RequestOutcome, SimulatedRequest } from "./synthetic-traffic.ts";
import type { Recording } from "./traffic-models.ts";

const DAY_MS = 86_400_000;

/** A recording that cannot be used; the message says what to give instead. */
export class RecordingError extends Error {
  override readonly name = "RecordingError";
}

/** Reads what people asked from the journal of `npm start`, or from metrics that a backtest saved. */
export async function readRecording(file: string): Promise<Recording> {
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

function isMetricsFile(text: string): boolean {
  return /^\s*\{\s*"version"/.test(text);
}

/** The agent's line on a request, as far as it is needed here. */
interface RequestLine {
  readonly _aws: { readonly Timestamp: number };
  readonly requestId: string;
  readonly Failure: number;
  readonly Degraded: number;
  readonly Rejected: number;
  readonly Latency: number;
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
  const answered = [...lines.values()].filter(({ probe }) => probe !== 1).map(requestOfLine);
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

/** One line of a journal; a torn one, such as a killed process leaves, is passed over. */
function journalEntry(line: string): readonly RecordedEntry[] {
  if (!/"kind":"(?:url|invocation|log)"/.test(line)) return [];
  try {
    return [JSON.parse(line) as RecordedEntry];
  } catch {
    return [];
  }
}

function requestLine(message: string): RequestLine | undefined {
  if (!message.startsWith("{") || !message.includes('"Rejected"')) return undefined;
  try {
    return JSON.parse(message) as RequestLine;
  } catch {
    return undefined;
  }
}

function requestOfLine(line: RequestLine): SimulatedRequest {
  const { Latency: durationMs, CostUsd: costUsd = 0 } = line;
  return {
    atMs: Math.floor(line._aws.Timestamp - durationMs),
    durationMs,
    costUsd,
    outcome: outcomeOf(line),
  };
}

function outcomeOf({ Failure, Degraded, Rejected, httpStatus }: RequestLine): RequestOutcome {
  if (Failure === 1) return "failed";
  if (Rejected === 1) return httpStatus === 401 ? "unauthorized" : "rejected";
  return Degraded === 1 ? "degraded" : "served";
}

function requestOfInvocation({ status, startMs, durationMs }: InvocationRecord): readonly SimulatedRequest[] {
  if (status === "success") return [];
  const outcome = status === "throttled" ? "throttled" : "crashed";
  return [{ atMs: Math.floor(startMs), durationMs, costUsd: 0, outcome }];
}

/** Metrics as a backtest saves them: one series for each metric, statistic and period. */
export interface SavedMetrics {
  readonly version: 1;
  readonly series: readonly SavedSeries[];
}

/** One series of {@link SavedMetrics}. */
export interface SavedSeries {
  readonly namespace: string;
  readonly metricName: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly stat: string;
  readonly periodSeconds: number;
  /** Begin of the period in epoch milliseconds, and the value. */
  readonly points: readonly (readonly [number, number])[];
}

/** As many requests in each period as Lambda counted, with as many of each outcome; they are spread over the period. */
function requestsOfMetrics(text: string, file: string): readonly SimulatedRequest[] {
  const lambda = savedSeries(text, file).filter(({ namespace }) => namespace === "AWS/Lambda");
  const names = [...new Set(lambda.map(({ dimensions }) => dimensions.FunctionName ?? ""))];
  if (names.length > 1)
    throw new RecordingError(`${file} holds metrics of ${names.join(", ")}: save those of one function`);
  const point = (metricName: string, stat: string): ReadonlyMap<number, number> => {
    const series = lambda.find((each) => each.metricName === metricName && each.stat === stat);
    return new Map(series?.points ?? []);
  };
  const [invocations, throttles] = [point("Invocations", "Sum"), point("Throttles", "Sum")];
  const [errors, serverErrors, refusals] = [
    point("Errors", "Sum"),
    point("Url5xxCount", "Sum"),
    point("Url4xxCount", "Sum"),
  ];
  const durations = point("Duration", "Average");
  const periodMs =
    (lambda.find(({ metricName }) => metricName === "Invocations")?.periodSeconds ?? 60) * 1000;
  return [...invocations].flatMap(([atMs, count]) => {
    const crashed = errors.get(atMs) ?? 0;
    const refusedByLambda = throttles.get(atMs) ?? 0;
    const outcomes: readonly (readonly [RequestOutcome, number])[] = [
      ["crashed", crashed],
      ["throttled", refusedByLambda],
      ["failed", Math.max(0, (serverErrors.get(atMs) ?? 0) - crashed)],
      ["rejected", Math.max(0, (refusals.get(atMs) ?? 0) - refusedByLambda)],
    ];
    const total = count + refusedByLambda;
    const all = outcomes.flatMap(([outcome, times]) =>
      Array.from({ length: Math.round(times) }, () => outcome),
    );
    const durationMs = durations.get(atMs) ?? 1000;
    return Array.from({ length: Math.round(total) }, (_, at) => ({
      atMs: atMs + Math.floor(((at + 0.5) / total) * periodMs),
      durationMs,
      costUsd: 0,
      outcome: all[at] ?? ("served" as const),
    }));
  });
}

function savedSeries(text: string, file: string): readonly SavedSeries[] {
  try {
    const { version, series } = JSON.parse(text) as Partial<SavedMetrics>;
    if (version === 1 && series !== undefined) return series;
  } catch (cause) {
    throw new RecordingError(`${file} is not JSON: save the metrics again`, { cause });
  }
  throw new RecordingError(`${file} is not of version 1 with series: save the metrics again`);
}
