import {
  isMetricInProfile,
  METRIC_NAMESPACE,
  METRICS,
  PROBE_METRIC,
  probeServiceName,
  SERVICE_DIMENSION,
  agentServiceName,
  type MetricEntry,
  type MetricsProfile,
} from "../../lambda/contract/metrics.ts";
import type { Properties } from "./synthesise.ts";

/** A metric as an alarm reads it: its name, and the names of its dimensions with their values. */
export interface MetricRead {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, unknown>>;
}

interface Published {
  readonly names: readonly string[];
  /** Every set of dimension names that AWS publishes the metric with, in alphabetical order. */
  readonly dimensionSets: readonly string[];
}

const ON_FUNCTION = ["", "FunctionName", "FunctionName Resource", "ExecutedVersion FunctionName Resource"];

/**
 * What AWS publishes by itself, as far as this project reads it; a name or dimension that is not here is a
 * mistake.
 *
 * https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
 * https://docs.aws.amazon.com/lambda/latest/dg/urls-monitoring.html
 * https://docs.aws.amazon.com/bedrock/latest/userguide/monitoring-runtime-metrics.html
 */
const AWS_METRICS: Readonly<Record<string, readonly Published[]>> = {
  "AWS/Lambda": [
    {
      names: ["Errors", "Duration", "Throttles", "Invocations", "ConcurrentExecutions"],
      dimensionSets: ON_FUNCTION,
    },
    {
      names: ["UrlRequestCount", "Url4xxCount", "Url5xxCount", "UrlRequestLatency"],
      dimensionSets: ON_FUNCTION.slice(1),
    },
  ],
  "AWS/Logs": [{ names: ["EMFValidationErrors", "EMFParsingErrors"], dimensionSets: ["LogGroupName"] }],
  "AWS/Bedrock": [{ names: ["LegacyModelInvocations"], dimensionSets: ["ModelId"] }],
  "AWS/Billing": [{ names: ["EstimatedCharges"], dimensionSets: ["Currency", "Currency ServiceName"] }],
};

const ENTRIES: readonly MetricEntry[] = Object.values(METRICS);

/** Why nobody emits a metric that an alarm of a stage reads; `undefined` when somebody does. */
export function notEmitted(read: MetricRead, stage: string, profile: MetricsProfile): string | undefined {
  const { namespace, name, dimensions } = read;
  if (namespace === METRIC_NAMESPACE) return notOurs(read, stage, profile);
  const published = AWS_METRICS[namespace]?.find(({ names }) => names.includes(name));
  if (published === undefined) return `${namespace} ${name} is not in the list of AWS's metrics`;
  const set = Object.keys(dimensions).sort().join(" ");
  return published.dimensionSets.includes(set) ? undefined : `${name} has no dimensions "${set}"`;
}

function notOurs(
  { name, dimensions }: MetricRead,
  stage: string,
  profile: MetricsProfile,
): string | undefined {
  const { [SERVICE_DIMENSION]: service, ...others } = dimensions;
  if (Object.keys(others).length > 0) return `${name} has the dimension ${SERVICE_DIMENSION} alone`;
  const entry = ENTRIES.find((each) => each.name === name);
  if (service === probeServiceName(stage)) {
    const isEmitted =
      name === PROBE_METRIC || (entry?.ofProbeToo === true && isMetricInProfile(entry, profile));
    return isEmitted ? undefined : `the probe emits no ${name}`;
  }
  if (service !== agentServiceName(stage)) return `nobody emits ${name} as ${String(service)}`;
  return entry !== undefined && isMetricInProfile(entry, profile)
    ? undefined
    : `the agent emits no ${name} in ${profile}`;
}

interface MetricProperties {
  readonly Namespace: string;
  readonly MetricName: string;
  readonly Dimensions?: readonly { readonly Name: string; readonly Value: unknown }[];
}

/** The metrics that an `AWS::CloudWatch::Alarm` reads; each is paid for. */
export function metricsRead(alarm: Properties): readonly MetricRead[] {
  const queries = alarm.Metrics as readonly { MetricStat?: { Metric: MetricProperties } }[] | undefined;
  const read = queries?.flatMap(({ MetricStat }) => (MetricStat ? [MetricStat.Metric] : [])) ?? [
    alarm as unknown as MetricProperties,
  ];
  return read.map(({ Namespace, MetricName, Dimensions = [] }) => ({
    namespace: Namespace,
    name: MetricName,
    dimensions: Object.fromEntries(Dimensions.map(({ Name, Value }) => [Name, Value])),
  }));
}
