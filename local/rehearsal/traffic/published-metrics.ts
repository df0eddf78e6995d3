import type { MetricIdentity } from "../../cloudwatch/metric.ts";
import type { DictatedRequest, Fate } from "./dictating-days.ts";

/** Who publishes a metric. */
export type Publisher = "lambda" | "agent" | "probe" | "logs" | "billing";

/** Values of metrics that one publisher tells CloudWatch at one time. */
export interface Published {
  readonly by: Publisher;
  readonly atMs: number;
  readonly values: Readonly<Record<string, number>>;
}

const BY_NAMESPACE: Readonly<Record<string, Publisher>> = {
  "AWS/Lambda": "lambda",
  "AWS/Logs": "logs",
  "AWS/Billing": "billing",
};

/** Who publishes the metric that an alarm reads; the probe has a dimension of its own. */
export function publisherOf({ namespace, dimensions }: MetricIdentity, probeService: string): Publisher {
  const named = BY_NAMESPACE[namespace];
  if (named !== undefined) return named;
  return Object.values(dimensions).includes(probeService) ? "probe" : "agent";
}

/** What Lambda, the agent and the log group tell of one request. */
export function publishedOf(request: DictatedRequest): readonly Published[] {
  const { fate, atMs } = request;
  const told = (by: Publisher, values: Published["values"]): Published => ({ by, atMs, values });
  if (fate === "unreachable") return [];
  if (fate === "throttled") return [told("lambda", { Throttles: 1, UrlRequestCount: 1, Url4xxCount: 1 })];
  const lambda = told("lambda", lambdaValues(request));
  if (fate === "crashed") return [lambda];
  if (fate === "unreadable") return [lambda, told("logs", { EMFValidationErrors: 1 })];
  return [lambda, told("agent", agentValues(request))];
}

/** Metrics of the agent's line that stand in the probe's dimension where the probe asks: those that tell of the deployment. */
const OF_PROBE_TOO = ["ConfigFault"] as const;

/** What the agent and the log group tell of a request of the probe. */
export function publishedOfProbe(request: DictatedRequest): readonly Published[] {
  return publishedOf(request).flatMap((told): readonly Published[] => {
    if (told.by === "lambda") return [];
    return told.by === "agent" ? [{ ...told, by: "probe", values: ofProbeToo(told.values) }] : [told];
  });
}

function ofProbeToo(values: Published["values"]): Published["values"] {
  return Object.fromEntries(
    OF_PROBE_TOO.flatMap((name) => (values[name] === undefined ? [] : [[name, values[name]]])),
  );
}

function lambdaValues({ fate, durationMs }: DictatedRequest): Published["values"] {
  return {
    ...{
      Invocations: 1,
      Errors: fate === "crashed" ? 1 : 0,
      Throttles: 0,
      Duration: durationMs,
      ConcurrentExecutions: 1,
    },
    ...{ UrlRequestCount: 1, UrlRequestLatency: durationMs + 10 },
    Url4xxCount: isRefused(fate) ? 1 : 0,
    Url5xxCount: fate === "failed" || fate === "crashed" ? 1 : 0,
  };
}

function agentValues({ fate, durationMs, costUsd, also }: DictatedRequest): Published["values"] {
  const is = (other: Fate): 0 | 1 => (fate === other ? 1 : 0);
  const isAnswered = fate === "served" || fate === "degraded";
  return {
    ...{ Failure: is("failed"), Degraded: is("degraded"), Rejected: isRefused(fate) ? 1 : 0 },
    Latency: durationMs,
    ...(fate === "unauthorized" ? {} : { PreviousToken: 0, ParametersRejected: 0, TokenAgeDays: 1 }),
    ...(isRefused(fate) ? {} : { ConfigFault: 0 }),
    ...(isAnswered ? { CostUsd: costUsd, TimeToFirstToken: durationMs / 4, OutputTokens: 290 } : {}),
    ...also,
  };
}

function isRefused(fate: Fate): boolean {
  return fate === "rejected" || fate === "unauthorized";
}
