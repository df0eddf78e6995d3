import { Duration } from "aws-cdk-lib/core";
import { Metric } from "aws-cdk-lib/aws-cloudwatch";
import { METRIC_NAMESPACE, SERVICE_DIMENSION, type MetricName } from "../../../lambda/contract/metrics.ts";

/** Makes a metric, read with a statistic (`Sum`, `p50`, …) over periods of so many seconds; its name is its label. */
export type MetricOf<Name> = (name: Name, statistic: string, periodSeconds: number) => Metric;

/** Metrics of `AWS/Lambda` that are read per alias. */
export type LambdaMetricName = "Invocations" | "Errors" | "Throttles" | "Duration" | "ConcurrentExecutions";

/** Metrics of `AWS/Lambda` for a Function URL on an alias. */
export type UrlMetricName = "UrlRequestCount" | "Url4xxCount" | "Url5xxCount" | "UrlRequestLatency";

/** Metrics of `AWS/Logs` that say whether a log group's EMF lines became metrics. */
export type LogGroupMetricName = "EMFParsingErrors" | "EMFValidationErrors";

/** Metrics of `AWS/Bedrock` for the model that the agent asks. */
export type ModelMetricName = "LegacyModelInvocations";

/** Who is watched. */
export interface Watched {
  /** Value of the `service` dimension of the custom metrics. */
  readonly service: string;
  /** The same for the requests of the probe. */
  readonly probeService: string;
  /** Inference profile that answers. */
  readonly modelId: string;
  readonly functionName: string;
  /** Only traffic of this alias; all of the function's when missing. */
  readonly aliasName?: string;
}

/** Where its metrics are read from. */
export interface MetricPlace {
  readonly logGroupName: string;
  /** The Region of the stack when missing. */
  readonly region?: string;
}

/** Every metric that alarms and dashboards of one agent read. */
export interface AgentMetrics {
  readonly custom: MetricOf<MetricName>;
  /** What the probe says of its runs, and the agent of the probe's requests. */
  readonly probe: MetricOf<MetricName>;
  readonly model: MetricOf<ModelMetricName>;
  readonly lambda: MetricOf<LambdaMetricName>;
  readonly url: MetricOf<UrlMetricName>;
  readonly logGroup: MetricOf<LogGroupMetricName>;
}

/** The metrics of a watched agent; a dimension set other than these finds nothing in CloudWatch. */
export function agentMetrics(watched: Watched, { logGroupName, region }: MetricPlace): AgentMetrics {
  const { functionName: FunctionName, aliasName } = watched;
  const ofFunction = {
    FunctionName,
    ...(aliasName !== undefined && { Resource: `${FunctionName}:${aliasName}` }),
  };
  const metric =
    <Name extends string>(namespace: string, dimensionsMap: Record<string, string>): MetricOf<Name> =>
    (metricName, statistic, periodSeconds) =>
      new Metric({
        namespace,
        metricName,
        dimensionsMap,
        statistic,
        label: metricName,
        ...(region !== undefined && { region }),
        period: Duration.seconds(periodSeconds),
      });
  return {
    custom: metric(METRIC_NAMESPACE, { [SERVICE_DIMENSION]: watched.service }),
    probe: metric(METRIC_NAMESPACE, { [SERVICE_DIMENSION]: watched.probeService }),
    model: metric("AWS/Bedrock", { ModelId: watched.modelId }),
    lambda: metric("AWS/Lambda", ofFunction),
    url: metric("AWS/Lambda", ofFunction),
    logGroup: metric("AWS/Logs", { LogGroupName: logGroupName }),
  };
}
