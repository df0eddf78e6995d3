import { METRIC_NAMESPACE, METRICS, probeServiceName } from "../../lambda/contract/metrics.ts";
import type { MetricRead } from "./templates-read.ts";

const PROBE_SERVICE = probeServiceName("production");

/** What AWS's own metrics say; the meanings of ours are the catalogue's. */
export const AWS_MEANING: Readonly<Record<string, string>> = {
  "AWS/Billing EstimatedCharges": "what AWS estimates the account has cost this month",
  "AWS/Bedrock LegacyModelInvocations": "calls of a model whose end is announced",
  "AWS/Lambda ConcurrentExecutions": "invocations that ran at once",
  "AWS/Lambda Duration": "how long a run took",
  "AWS/Lambda Errors": "runs that crashed, ran out of time or of memory",
  "AWS/Lambda Invocations": "runs",
  "AWS/Lambda Throttles": "calls that Lambda refused because no concurrency was left",
  "AWS/Lambda Url4xxCount": "requests to the URL that were answered 4xx",
  "AWS/Lambda Url5xxCount": "requests to the URL that were answered 5xx",
  "AWS/Lambda UrlRequestCount": "requests to the URL",
  "AWS/Logs EMFParsingErrors": "lines of the agent that are not JSON",
  "AWS/Logs EMFValidationErrors": "lines of the agent that are not valid EMF",
};

const AGENT = "the agent, people's requests";
const PROBE = "the probe, or its requests";

/** Namespaces that have one source. */
const OF_AWS: Readonly<Record<string, string>> = {
  "AWS/Logs": "CloudWatch Logs",
  "AWS/Bedrock": "Bedrock",
  "AWS/Billing": "billing, in us-east-1",
};

/** Who publishes metrics, those nearest to a request first. */
export const SOURCES = [AGENT, PROBE, "the Function URL", "Lambda", ...Object.values(OF_AWS)];

/** Who publishes a metric; empty when nobody is known. */
export function sourceOf({ namespace, name, dimensions }: MetricRead): string {
  if (namespace === METRIC_NAMESPACE) return dimensions.service === PROBE_SERVICE ? PROBE : AGENT;
  if (namespace === "AWS/Lambda") return name.startsWith("Url") ? "the Function URL" : "Lambda";
  return OF_AWS[namespace] ?? "";
}

/** What one value says; empty when nobody wrote it down. */
export function meaningOf({ namespace, name, dimensions }: MetricRead): string {
  if (namespace !== METRIC_NAMESPACE) return AWS_MEANING[`${namespace} ${name}`] ?? "";
  if (dimensions.service === PROBE_SERVICE && name === "Failure")
    return "share of a run's tries that failed: 1 when none was answered, 0 when the first one was";
  return METRICS[name as keyof typeof METRICS].meaning;
}
