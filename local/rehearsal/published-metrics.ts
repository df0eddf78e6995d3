import type { AlarmDefinition, MetricAlarmDefinition } from "@wrist-agent/cloudwatch/alarm";
import type { Datum, MetricIdentity } from "@wrist-agent/cloudwatch/metric";
import { MetricStore } from "@wrist-agent/cloudwatch/metrics/metric-store";
import type { RequestOutcome, SimulatedRequest } from "./synthetic-traffic.ts";

/** Who publishes a metric. */
export type Publisher = "lambda" | "agent" | "probe" | "logs" | "billing";

/** Values of metrics that one publisher sends to CloudWatch at one time. */
export interface PublishedMetrics {
  readonly publisher: Publisher;
  readonly atMs: number;
  readonly values: Readonly<Record<string, number>>;
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
  const { outcome, atMs } = request;
  const published = (publisher: Publisher, values: PublishedMetrics["values"]): PublishedMetrics => ({
    publisher,
    atMs,
    values,
  });
  if (outcome === "unreachable") return [];
  if (outcome === "throttled")
    return [published("lambda", { Throttles: 1, UrlRequestCount: 1, Url4xxCount: 1 })];
  const lambda = published("lambda", lambdaValues(request));
  if (outcome === "crashed") return [lambda];
  if (outcome === "unreadable") return [lambda, published("logs", { EMFValidationErrors: 1 })];
  return [lambda, published("agent", agentValues(request))];
}

/** Metrics of the agent's line that stand in the probe's dimension where the probe asks: those about the deployment. */
const PROBE_REQUEST_METRICS = ["ConfigFault"] as const;

/** What the agent and the log group publish for a request of the probe. */
export function metricsOfProbeRequest(request: SimulatedRequest): readonly PublishedMetrics[] {
  return metricsOfRequest(request).flatMap((published): readonly PublishedMetrics[] => {
    if (published.publisher === "lambda") return [];
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
    ...{
      Invocations: 1,
      Errors: outcome === "crashed" ? 1 : 0,
      Throttles: 0,
      Duration: durationMs,
      ConcurrentExecutions: 1,
    },
    ...{ UrlRequestCount: 1, UrlRequestLatency: durationMs + 10 },
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
  const is = (other: RequestOutcome): 0 | 1 => (outcome === other ? 1 : 0);
  const isAnswered = outcome === "served" || outcome === "degraded";
  return {
    ...{ Failure: is("failed"), Degraded: is("degraded"), Rejected: isRefused(outcome) ? 1 : 0 },
    ...(outcome === "unauthorized" ? {} : { PreviousToken: 0, ParametersRejected: 0, TokenAgeDays: 1 }),
    ...(isRefused(outcome) ? {} : { ConfigFault: 0 }),
    ...(isAnswered ? { Latency: durationMs, TimeToFirstToken: durationMs / 4, OutputTokens: 290 } : {}),
    ...(isAnswered ? { CostUsd: costUsd } : {}),
    ...extraMetrics,
  };
}

function isRefused(outcome: RequestOutcome): boolean {
  return outcome === "rejected" || outcome === "unauthorized";
}

/** Stores what is published of requests, as far as one of the alarms reads it. */
export class MetricFeed {
  readonly store = new MetricStore();
  /** Changes whenever something was stored. */
  revision = 0;
  readonly #read = new Map<Publisher, Map<string, MetricIdentity[]>>();
  readonly #stored = new Set<MetricIdentity>();

  constructor(definitions: readonly AlarmDefinition[], probeService: string) {
    const seen = new Set<string>();
    for (const metric of definitions.flatMap(metricsReadBy)) {
      const text = JSON.stringify(metric);
      if (seen.has(text)) continue;
      seen.add(text);
      this.#readsAlso(publisherOf(metric, probeService), metric);
    }
  }

  #readsAlso(publisher: Publisher, metric: MetricIdentity): void {
    const byName = this.#read.get(publisher) ?? new Map<string, MetricIdentity[]>();
    byName.set(metric.metricName, [...(byName.get(metric.metricName) ?? []), metric]);
    this.#read.set(publisher, byName);
  }

  /** Whether an alarm reads anything of this publisher. */
  reads(publisher: Publisher): boolean {
    return this.#read.has(publisher);
  }

  /** Stores values; those that no alarm reads are left out. */
  publish({ publisher, atMs: timestampMs, values }: PublishedMetrics): void {
    for (const [name, metrics] of this.#read.get(publisher) ?? []) {
      const value = values[name];
      if (value !== undefined) this.#store(metrics, { timestampMs, values: [value] });
    }
  }

  #store(metrics: readonly MetricIdentity[], datum: Pick<Datum, "timestampMs" | "values">): void {
    for (const metric of metrics) {
      this.store.put({ ...metric, ...datum });
      this.#stored.add(metric);
      this.revision += 1;
    }
  }

  /** Names of metrics that alarms read and nobody published. */
  unpublished(): readonly string[] {
    const all = [...this.#read.values()].flatMap((byName) => [...byName.values()].flat());
    return all.filter((metric) => !this.#stored.has(metric)).map((metric) => metric.metricName);
  }
}

/** Every metric that an alarm reads itself; a composite reads none. */
function metricsReadBy(definition: AlarmDefinition): readonly MetricIdentity[] {
  if ("alarmRule" in definition) return [];
  const { namespace = "", metricName, dimensions = {}, metrics = [] }: MetricAlarmDefinition = definition;
  if (metricName !== undefined) return [{ namespace, metricName, dimensions }];
  return metrics.flatMap(({ metricStat }) => metricStat?.metric ?? []);
}
