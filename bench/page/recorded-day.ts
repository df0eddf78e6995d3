import { mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import type { JournalEntry } from "../../local/journal/journal-entry.ts";
import { type Random, seededRandom } from "../../local/random.ts";

/** What was recorded: a steady day of a stage. */
export interface RecordedDay {
  readonly stage: string;
  readonly region: string;
  readonly functionName: string;
  readonly logGroupName: string;
  /** End of the day, epoch milliseconds. */
  readonly endMs: number;
  readonly requestsPerSecond: number;
}

const MINUTES = 1440;
const MINUTE_MS = 60_000;

/** Requests whose log lines are written out; the log store keeps 20,000 lines. */
const LOGGED_REQUESTS = 7000;

/**
 * Writes a journal with a day of traffic: every metric minute by minute with all its samples, and the log
 * lines of the latest requests. A journal with a line for each of 864,000 requests would be over its limit
 * and lose most of them.
 */
export async function writeRecordedDay(file: string, day: RecordedDay): Promise<void> {
  const random = seededRandom(7);
  const entries = [...minuteEntries(day, random), ...logEntries(day, random)];
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, entries.map((entry) => `${JSON.stringify(entry)}\n`).join(""));
}

interface Metric {
  readonly namespace: string;
  readonly metricName: string;
  readonly unit: string;
  readonly sets: readonly Readonly<Record<string, string>>[];
  /** One sample, rounded so that equal ones are counted together. */
  readonly sample: (random: Random) => number;
}

const rounded = (value: number, step: number): number => Math.round(value / step) * step;
const latency = (random: Random): number => rounded(500 + 400 * random() + 1200 * random() ** 8, 20);
const rarely = (share: number) => (random: Random) => Number(random() < share);

function metricsOf({ stage, functionName }: RecordedDay): readonly Metric[] {
  const service = [{ service: `wrist-agent-${stage}` }];
  const lambda = [
    { FunctionName: functionName },
    { FunctionName: functionName, Resource: `${functionName}:live` },
  ];
  const own = (metricName: string, unit: string, sample: Metric["sample"]): Metric => ({
    namespace: "WristAgent",
    metricName,
    unit,
    sets: service,
    sample,
  });
  const vended = (metricName: string, unit: string, sample: Metric["sample"]): Metric => ({
    namespace: "AWS/Lambda",
    metricName,
    unit,
    sets: lambda,
    sample,
  });
  return [
    own("Failure", "Count", rarely(0.004)),
    own("Rejected", "Count", rarely(0.002)),
    own("Degraded", "Count", rarely(0.01)),
    own("Latency", "Milliseconds", latency),
    own("TimeToFirstToken", "Milliseconds", (random) => rounded(200 + 200 * random(), 20)),
    own("InputTokens", "Count", (random) => rounded(250 + 60 * random(), 5)),
    own("OutputTokens", "Count", (random) => rounded(60 + 90 * random(), 5)),
    // A thousandth of the real price: at that, the spend breaker would block what is measured.
    own("CostUsd", "None", (random) => rounded(0.0000005 + 0.0000004 * random(), 0.00000002)),
    vended("Invocations", "Count", () => 1),
    vended("Errors", "Count", () => 0),
    vended("Throttles", "Count", () => 0),
    vended("Duration", "Milliseconds", latency),
    vended("ConcurrentExecutions", "Count", (random) => 4 + Math.floor(random() * 6)),
    vended("UrlRequestCount", "Count", () => 1),
    vended("Url4xxCount", "Count", rarely(0.002)),
    vended("Url5xxCount", "Count", rarely(0.004)),
  ];
}

function minuteEntries(day: RecordedDay, random: Random): JournalEntry[] {
  const metrics = metricsOf(day);
  return Array.from({ length: MINUTES }, (_none, minute) => {
    const timestampMs = day.endMs - (MINUTES - minute) * MINUTE_MS;
    const data = metrics.flatMap((metric) => minuteData(metric, { ...day, timestampMs }, random));
    return { kind: "metrics", atMs: timestampMs, region: day.region, data } satisfies JournalEntry;
  });
}

type MinuteData = Extract<JournalEntry, { kind: "metrics" }>["data"];

function minuteData(
  { sample, sets, ...metric }: Metric,
  { requestsPerSecond, timestampMs }: RecordedDay & { readonly timestampMs: number },
  random: Random,
): MinuteData {
  const counts = new Map<number, number>();
  for (let n = 0; n < requestsPerSecond * 60; n += 1) {
    const value = sample(random);
    counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  const samples = { timestampMs, values: [...counts.keys()], counts: [...counts.values()] };
  return sets.map((dimensions) => ({ ...metric, dimensions, ...samples }));
}

const MODES = ["note", "reminder", "event"];

/**
 * The lines of the latest requests: what the platform says, and the EMF line; without metrics, which are
 * above.
 */
function logEntries(day: RecordedDay, random: Random): JournalEntry[] {
  const gapMs = 1000 / day.requestsPerSecond;
  return Array.from({ length: LOGGED_REQUESTS }, (_none, n) => {
    const timestampMs = Math.floor(day.endMs - (LOGGED_REQUESTS - n) * gapMs);
    const requestId = `0b6f1c1e-0000-4000-8000-${n.toString(16).padStart(12, "0")}`;
    return requestLines(day, {
      timestampMs,
      requestId,
      durationMs: latency(random),
      mode: MODES[n % 3] ?? "note",
      isBad: random() < 0.006,
    });
  }).flat();
}

interface LoggedRequest {
  readonly timestampMs: number;
  readonly requestId: string;
  readonly durationMs: number;
  readonly mode: string;
  readonly isBad: boolean;
}

function requestLines({ logGroupName, stage }: RecordedDay, request: LoggedRequest): JournalEntry[] {
  const { timestampMs, requestId, durationMs, mode, isBad } = request;
  const outcome = isBad
    ? { outcome: "throttled", reason: "ThrottlingException", httpStatus: 429 }
    : { outcome: "ok", httpStatus: 200 };
  const line = {
    service: `wrist-agent-${stage}`,
    requestId,
    mode,
    route: "ask",
    client: "shortcut",
    version: "1",
    ...outcome,
    Failure: Number(isBad),
    Latency: durationMs,
    durationMs,
    TimeToFirstToken: 300,
    ModelLatency: durationMs - 4,
    InputTokens: 270,
    OutputTokens: 80,
    CostUsd: 7e-7,
    attempts: 1,
    textLength: 40,
    replyLength: 220,
  };
  const platform = (type: string, record: object): string =>
    JSON.stringify({ time: new Date(timestampMs).toISOString(), type, record });
  const messages = [
    platform("platform.start", { requestId, version: "1" }),
    JSON.stringify(line),
    platform("platform.report", {
      requestId,
      status: "success",
      metrics: {
        durationMs,
        billedDurationMs: Math.ceil(durationMs),
        memorySizeMB: 512,
        maxMemoryUsedMB: 120,
      },
    }),
  ];
  return messages.map((message) => ({
    kind: "log",
    atMs: timestampMs,
    event: {
      logGroupName,
      logStreamName: "2026/01/01/[1]bench",
      timestampMs,
      message,
    },
  }));
}
