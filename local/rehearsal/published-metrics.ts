import type { AlarmDefinition } from "@wrist-agent/cloudwatch/alarm";
import type { AlarmSource } from "@wrist-agent/cloudwatch/alarms/alarm-points";
import { readSeriesFrom, steadyTimeFrom } from "@wrist-agent/cloudwatch/math/read-series";
import type { MetricDataQuery, MetricIdentity } from "@wrist-agent/cloudwatch/metric";
import { MetricStore, type WriteValue } from "@wrist-agent/cloudwatch/metrics/metric-store";
import { alarmMetrics, metricKey } from "cw-alarm-test/alarm-metrics";
import { isAnswered, type RequestOutcome, type SimulatedRequest } from "./synthetic-traffic.ts";

/** Who publishes a metric. */
export type Publisher = "lambda" | "agent" | "probe" | "logs" | "billing";

/** Values of metrics that one publisher sends to CloudWatch at one time. */
export interface PublishedMetrics {
  readonly publisher: Publisher;
  readonly atMs: number;
  readonly values: Readonly<Record<string, number>>;
  /** How often each value occurred; once when missing. */
  readonly count?: number;
}

const BY_NAMESPACE: Readonly<Record<string, Publisher>> = {
  "AWS/Lambda": "lambda",
  "AWS/Logs": "logs",
  "AWS/Billing": "billing",
};

/** Who publishes the metric that an alarm reads; the probe has a dimension of its own. */
function publisherOf({ namespace, dimensions }: MetricIdentity, probeService: string): Publisher {
  const named = BY_NAMESPACE[namespace];
  if (named !== undefined) return named;
  return Object.values(dimensions).includes(probeService) ? "probe" : "agent";
}

/** What Lambda, the agent and the log group publish for one request. */
export function metricsOfRequest(request: SimulatedRequest): readonly PublishedMetrics[] {
  const { count } = request;
  const published = metricsOfOneRequest(request);
  return count === undefined ? published : published.map((metrics) => ({ ...metrics, count }));
}

function metricsOfOneRequest(request: SimulatedRequest): readonly PublishedMetrics[] {
  const { outcome, atMs } = request;
  if (outcome === "unreachable") return [];
  if (outcome === "throttled")
    return [{ publisher: "lambda", atMs, values: { Throttles: 1, UrlRequestCount: 1, Url4xxCount: 1 } }];
  const lambda: PublishedMetrics = { publisher: "lambda", atMs, values: lambdaValues(request) };
  if (outcome === "crashed" || outcome === "anonymous") return [lambda];
  if (outcome === "unreadable")
    return [lambda, { publisher: "logs", atMs, values: { EMFValidationErrors: 1 } }];
  // The agent's line is written, and stamped, when the request is over.
  return [
    lambda,
    { publisher: "agent", atMs: atMs + Math.round(request.durationMs), values: agentValues(request) },
  ];
}

/**
 * Metrics of the agent's line that stand in the probe's dimension where the probe asks: those about the
 * deployment.
 */
const PROBE_REQUEST_METRICS = ["ConfigFault"] as const;

/**
 * What Lambda, the agent and the log group publish for a request of the probe: Lambda cannot tell it from a
 * user's.
 */
export function metricsOfProbeRequest(request: SimulatedRequest): readonly PublishedMetrics[] {
  return metricsOfRequest(request).flatMap((published): readonly PublishedMetrics[] => {
    return published.publisher === "agent"
      ? [{ ...published, publisher: "probe", values: probeRequestValues(published.values) }]
      : [published];
  });
}

function probeRequestValues(values: PublishedMetrics["values"]): PublishedMetrics["values"] {
  return Object.fromEntries(
    PROBE_REQUEST_METRICS.flatMap((name) => (values[name] === undefined ? [] : [[name, values[name]]])),
  );
}

function lambdaValues({ outcome, durationMs }: SimulatedRequest): PublishedMetrics["values"] {
  return {
    Invocations: 1,
    Errors: outcome === "crashed" ? 1 : 0,
    Throttles: 0,
    Duration: durationMs,
    ConcurrentExecutions: 1,
    UrlRequestCount: 1,
    UrlRequestLatency: durationMs + 10,
    Url4xxCount: isRefused(outcome) ? 1 : 0,
    Url5xxCount: outcome === "failed" || outcome === "crashed" ? 1 : 0,
  };
}

function agentValues({
  outcome,
  durationMs,
  costUsd,
  extraMetrics,
}: SimulatedRequest): PublishedMetrics["values"] {
  return {
    Failure: outcome === "failed" ? 1 : 0,
    Degraded: outcome === "degraded" ? 1 : 0,
    Rejected: isRefused(outcome) ? 1 : 0,
    ...(outcome === "unauthorized" || outcome === "anonymous"
      ? {}
      : { PreviousToken: 0, ParametersRejected: 0, TokenAgeDays: 1 }),
    ...(isRefused(outcome) ? {} : { ConfigFault: 0 }),
    ...(isAnswered(outcome)
      ? { Latency: durationMs, TimeToFirstToken: durationMs / 4, OutputTokens: 290 }
      : {}),
    ...(isAnswered(outcome) ? { CostUsd: costUsd } : {}),
    ...extraMetrics,
  };
}

function isRefused(outcome: RequestOutcome): boolean {
  return outcome === "rejected" || outcome === "unauthorized" || outcome === "anonymous";
}

/** A metric that alarms read, and everything that was stored of it: when, and for which time. */
interface FedMetric {
  readonly identity: MetricIdentity;
  readonly write: WriteValue;
  /** The feed's count of data at each of its own, in the order of arrival. */
  readonly storedAs: number[];
  readonly timesMs: number[];
}

/** Stores what is published of requests, as far as one of the alarms reads it. */
export class MetricFeed implements AlarmSource {
  readonly #store = new MetricStore();
  readonly #metrics = new Map<string, FedMetric>();
  readonly #read = new Map<Publisher, Map<string, FedMetric[]>>();
  readonly #ofQueries = new WeakMap<readonly MetricDataQuery[], readonly FedMetric[]>();
  /** Data so far. */
  #stored = 0;

  readonly readSeries = readSeriesFrom(this.#store);
  readonly steadyForMs = steadyTimeFrom(this.#store);

  constructor(definitions: readonly AlarmDefinition[], probeService: string) {
    for (const { metric: identity } of definitions.flatMap(alarmMetrics)) {
      const key = metricKey(identity);
      if (this.#metrics.has(key)) continue;
      const metric = { identity, write: this.#store.writer(identity), storedAs: [], timesMs: [] };
      this.#metrics.set(key, metric);
      this.#readsAlso(publisherOf(identity, probeService), metric);
    }
  }

  #readsAlso(publisher: Publisher, metric: FedMetric): void {
    const byName = this.#read.get(publisher) ?? new Map<string, FedMetric[]>();
    const { metricName } = metric.identity;
    byName.set(metricName, [...(byName.get(metricName) ?? []), metric]);
    this.#read.set(publisher, byName);
  }

  /** The count of data at the newest one that the queries read. */
  revision = (queries: readonly MetricDataQuery[]): number => {
    let newest = 0;
    for (const { storedAs } of this.#readBy(queries)) newest = Math.max(newest, storedAs.at(-1) ?? 0);
    return newest;
  };

  changedFromMs = (queries: readonly MetricDataQuery[], sinceRevision: number): number => {
    let oldestMs = Infinity;
    for (const { storedAs, timesMs } of this.#readBy(queries))
      for (let at = storedAs.length - 1; at >= 0 && (storedAs[at] ?? 0) > sinceRevision; at -= 1)
        oldestMs = Math.min(oldestMs, timesMs[at] ?? 0);
    return oldestMs;
  };

  #readBy(queries: readonly MetricDataQuery[]): readonly FedMetric[] {
    let metrics = this.#ofQueries.get(queries);
    if (metrics === undefined) {
      metrics = queries.flatMap(({ metricStat }) =>
        metricStat === undefined ? [] : (this.#metrics.get(metricKey(metricStat.metric)) ?? []),
      );
      this.#ofQueries.set(queries, metrics);
    }
    return metrics;
  }

  /** Stores values; those that no alarm reads are left out. */
  publish({ publisher, atMs, values, count = 1 }: PublishedMetrics): void {
    const read = this.#read.get(publisher);
    if (read === undefined) return;
    for (const [name, metrics] of read) {
      const value = values[name];
      if (value === undefined) continue;
      for (const { write, storedAs, timesMs } of metrics) {
        write(atMs, value, count);
        this.#stored += 1;
        storedAs.push(this.#stored);
        timesMs.push(atMs);
      }
    }
  }

  /** Names of metrics that alarms read and nobody published. */
  unpublished(): readonly string[] {
    const missing = [...this.#metrics.values()].filter(({ timesMs }) => timesMs.length === 0);
    return missing.map(({ identity }) => identity.metricName);
  }
}
