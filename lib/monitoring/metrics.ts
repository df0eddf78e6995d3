import { Metric } from "aws-cdk-lib/aws-cloudwatch";
import { Duration, Fn } from "aws-cdk-lib/core";
import {
  agentServiceName,
  METRIC_NAMESPACE,
  type MetricName,
  probeServiceName,
  SERVICE_DIMENSION,
} from "../../lambda/contract/metrics.ts";
import { configInRegion } from "../config/load-config.ts";
import type { StageConfig } from "../config/stage-config.ts";
import { ALIAS_NAME, BILLING_REGION, namesOf } from "../names.ts";

/**
 * Makes a metric, read with a statistic (`Sum`, `p50`, …) over periods of so many seconds; its name is its
 * label.
 */
type MetricFactory<Name> = (name: Name, statistic: string, periodSeconds: number) => Metric;

/** Metrics of `AWS/Lambda` that are read per alias. */
type LambdaMetricName = "Invocations" | "Errors" | "Throttles" | "Duration" | "ConcurrentExecutions";

/** Metrics of `AWS/Lambda` for a Function URL on an alias. */
type UrlMetricName = "UrlRequestCount" | "Url4xxCount" | "Url5xxCount" | "UrlRequestLatency";

/** Metrics of `AWS/Logs` that say whether a log group's EMF lines became metrics. */
type LogGroupMetricName = "EMFParsingErrors" | "EMFValidationErrors";

/** Metrics of `AWS/Bedrock` for the model that the agent asks. */
type ModelMetricName = "LegacyModelInvocations";

/**
 * Requests that the model answered: the sign of success of alarms, dashboards and objectives.
 *
 * `Latency` exists exactly for these. Tokens do not say it: Bedrock may answer without counting them, and
 * attempts that failed cost some too.
 */
export function answeredRequests({ custom }: Pick<AgentMetrics, "custom">, periodSeconds: number): Metric {
  return custom("Latency", "SampleCount", periodSeconds);
}

/** Who is watched. */
interface WatchedFunction {
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
interface MetricLocation {
  readonly logGroupName: string;
  /** The Region of the stack when missing. */
  readonly region?: string;
}

/** Every metric that alarms and dashboards of one agent read. */
export interface AgentMetrics {
  readonly custom: MetricFactory<MetricName>;
  /** What the probe says of its runs, and the agent of the probe's requests. */
  readonly probe: MetricFactory<MetricName>;
  readonly model: MetricFactory<ModelMetricName>;
  readonly lambda: MetricFactory<LambdaMetricName>;
  readonly url: MetricFactory<UrlMetricName>;
  readonly logGroup: MetricFactory<LogGroupMetricName>;
}

/** The metrics of a watched agent; a dimension set other than these finds nothing in CloudWatch. */
export function agentMetrics(
  watched: WatchedFunction,
  { logGroupName, region }: MetricLocation,
): AgentMetrics {
  const { functionName: FunctionName, aliasName } = watched;
  const ofFunction = {
    FunctionName,
    ...(aliasName !== undefined && { Resource: `${FunctionName}:${aliasName}` }),
  };
  const metric =
    <Name extends string>(namespace: string, dimensionsMap: Record<string, string>): MetricFactory<Name> =>
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

/** The function that a stack watches: the stage's own, or the one that `FUNCTION_ARN` names. */
export function watchedFunction(config: StageConfig): WatchedFunction {
  const { functionArn: attached } = config;
  const names = namesOf(config);
  if (attached)
    return {
      ...servicesOf(config),
      functionName: attached.functionName,
      ...(attached.aliasName !== undefined && { aliasName: attached.aliasName }),
    };
  // By its exported ARN (`arn:aws:lambda:region:account:function:name`), so that it deploys first.
  const functionName = Fn.select(6, Fn.split(":", Fn.importValue(names.functionArnExport)));
  return { ...servicesOf(config), functionName, aliasName: ALIAS_NAME };
}

function servicesOf({
  stage,
  model,
}: StageConfig): Pick<WatchedFunction, "service" | "probeService" | "modelId"> {
  return { service: agentServiceName(stage), probeService: probeServiceName(stage), modelId: model.id };
}

/** Where requests are sent: the exported URL, that of `FUNCTION_URL`, or nothing. */
export function watchedUrl(config: StageConfig): string | undefined {
  if (!config.functionArn) return Fn.importValue(namesOf(config).functionUrlExport);
  return config.functionUrl === "" ? undefined : config.functionUrl;
}

/** The metrics of the same stage in another of its Regions, by name: no export reaches across. */
export function metricsInRegion(config: StageConfig, region: string): AgentMetrics {
  const { function: functionName, logGroup } = namesOf(config);
  return agentMetrics(
    { ...servicesOf(configInRegion(config, region)), functionName, aliasName: ALIAS_NAME },
    { logGroupName: logGroup, region },
  );
}

/**
 * What AWS thinks that the account's month has cost so far; computed several times a day.
 *
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/monitor_estimated_charges_with_cloudwatch.html
 */
export function estimatedCharges(periodSeconds: number): Metric {
  return new Metric({
    namespace: "AWS/Billing",
    metricName: "EstimatedCharges",
    dimensionsMap: { Currency: "USD" },
    statistic: "Maximum",
    period: Duration.seconds(periodSeconds),
    region: BILLING_REGION,
  });
}

/**
 * Share of the timeout within which an answer feels prompt, for a stage that states no aim: 10 of 30 seconds.
 */
const SHARE_OF_TIMEOUT = 1 / 3;

/** Milliseconds within which a request should be answered. */
export function latencySloMs(config: Pick<StageConfig, "latencySloMs" | "timeoutSeconds">): number {
  return config.latencySloMs ?? Math.round(config.timeoutSeconds * 1000 * SHARE_OF_TIMEOUT);
}

/**
 * Who emits the metrics that a row reads: the agent's own lines, Lambda, the Function URL, CloudWatch Logs of
 * the agent's lines, the probe, Bedrock, or the account's billing. A stage has only the rows whose metrics
 * somebody emits.
 */
export type MetricSource = "custom" | "lambda" | "url" | "log" | "probe" | "model" | "billing";

const ALL_SOURCES: readonly MetricSource[] = ["custom", "lambda", "url", "log", "probe", "model", "billing"];

/**
 * Whose metrics there are of what is watched: of somebody else's function only what Lambda and its settings
 * promise.
 */
export function metricSourcesOf(config: StageConfig): ReadonlySet<MetricSource> {
  const { functionArn, functionUrl } = config;
  if (!functionArn) return new Set(ALL_SOURCES.filter((source) => isEmitted(source, config)));
  return new Set<MetricSource>(["lambda", "billing", ...(functionUrl === "" ? [] : (["url"] as const))]);
}

/** Whether a probe asks what is watched: it then finds an outage, and AWS's own metrics hold its requests. */
export function hasProbe(config: StageConfig): boolean {
  return metricSourcesOf(config).has("probe");
}

/**
 * Whether the stage's agent blocks requests once a day has cost its limit; a function of somebody else's does
 * not.
 */
export function hasSpendBreaker({ spendBreaker, functionArn }: StageConfig): boolean {
  return spendBreaker && functionArn === undefined;
}

/**
 * Bedrock counts calls under the profile that is called, and the id of a stage's own is known only once it is
 * made.
 */
function isEmitted(source: MetricSource, { probeMinutes, ownInferenceProfile }: StageConfig): boolean {
  if (source === "probe") return probeMinutes > 0;
  return source !== "model" || !ownInferenceProfile;
}
