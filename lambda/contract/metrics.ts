/** CloudWatch namespace of every metric that this project's functions emit. */
export const METRIC_NAMESPACE = "WristAgent";

/** The one dimension of our metrics; its value is {@link agentServiceName} the stage. */
export const SERVICE_DIMENSION = "service";

/** The value of the `service` dimension for user traffic of one stage. */
export function agentServiceName(stage: string): string {
  return `wrist-agent-${stage}`;
}

/** The value of the `service` dimension for the probe of one stage, so that it never mixes with users. */
export function probeServiceName(stage: string): string {
  return `wrist-agent-${stage}-probe`;
}

/** Units as CloudWatch spells them; `None` where no unit fits (dollars). */
export type MetricUnit = "Count" | "Milliseconds" | "None";

/** One row of the catalogue of custom metrics. */
export interface MetricEntry {
  readonly name: string;
  readonly unit: MetricUnit;
  /** What one value says, in one sentence. */
  readonly meaning: string;
  /** On which requests a value is emitted. */
  readonly emittedOn:
    | "every request with a token"
    | "every authorised request"
    | "every authorised request whose token's age is known"
    | "every request with the current or the previous token"
    | "every request for the model that was not refused"
    | "every request that the model answered"
    | "every request that took tokens";
  /**
   * `default` is always a CloudWatch metric, `full` only in the full profile; else the value is a property of
   * the line.
   */
  readonly series: "default" | "full" | "property";
  /**
   * True also for the agent's lines of the probe's requests, in the probe's dimension; people's lines alone
   * when missing.
   */
  readonly ofProbeToo?: true;
}

/** The catalogue: the only place that names our metrics. Keys equal `name`. */
export const METRICS = {
  Failure: {
    name: "Failure",
    unit: "Count",
    meaning: "1 when the request failed because of us or the model, else 0",
    emittedOn: "every request with a token",
    series: "default",
  },
  Degraded: {
    name: "Degraded",
    unit: "Count",
    meaning: "1 when the reply was repaired or replaced by the plain text, else 0",
    emittedOn: "every request with a token",
    series: "default",
  },
  Rejected: {
    name: "Rejected",
    unit: "Count",
    meaning:
      "1 when the request was refused because of its token or its fields, else 0; a request without any token is a stranger's and counted nowhere",
    emittedOn: "every request with a token",
    series: "default",
  },
  Latency: {
    name: "Latency",
    unit: "Milliseconds",
    meaning:
      "time from the handler's start to its answer; its SampleCount is the number of answered requests",
    emittedOn: "every request that the model answered",
    series: "default",
  },
  TimeToFirstToken: {
    name: "TimeToFirstToken",
    unit: "Milliseconds",
    meaning: "time from the model call to its first token",
    emittedOn: "every request that the model answered",
    series: "default",
  },
  InputTokens: {
    name: "InputTokens",
    unit: "Count",
    meaning: "tokens that the model read for this request, attempts that failed included",
    emittedOn: "every request that took tokens",
    series: "default",
  },
  OutputTokens: {
    name: "OutputTokens",
    unit: "Count",
    meaning: "tokens that the model wrote for this request, thinking and attempts that failed included",
    emittedOn: "every request that took tokens",
    series: "default",
  },
  CostUsd: {
    name: "CostUsd",
    unit: "None",
    meaning: "list price of the model calls in US dollars, attempts that failed included",
    emittedOn: "every request that took tokens",
    series: "default",
  },
  SpendBreaker: {
    name: "SpendBreaker",
    unit: "Count",
    meaning: "1 when the open spend breaker blocked the request, else 0; only where the stage has a breaker",
    emittedOn: "every request with a token",
    series: "default",
  },
  ParametersRejected: {
    name: "ParametersRejected",
    unit: "Count",
    meaning: "run-time parameters whose value is not usable, so that the last good one holds",
    emittedOn: "every authorised request",
    series: "full",
  },
  ColdStart: {
    name: "ColdStart",
    unit: "Count",
    meaning: "1 on the first request of an execution environment, else 0",
    emittedOn: "every request with a token",
    series: "property",
  },
  ModelLatency: {
    name: "ModelLatency",
    unit: "Milliseconds",
    meaning: "time from the model call to its last token, retries included",
    emittedOn: "every request that the model answered",
    series: "property",
  },
  PreviousToken: {
    name: "PreviousToken",
    unit: "Count",
    meaning:
      "1 when the caller presented the previous token, still served or refused after its grace time; else 0",
    emittedOn: "every request with the current or the previous token",
    series: "full",
  },
  ConfigFault: {
    name: "ConfigFault",
    unit: "Count",
    meaning: "1 when the outcome is `config`, else 0",
    emittedOn: "every request for the model that was not refused",
    series: "full",
    ofProbeToo: true,
  },
  TokenAgeDays: {
    name: "TokenAgeDays",
    unit: "None",
    meaning: "days since the current token was made",
    emittedOn: "every authorised request whose token's age is known",
    series: "full",
  },
} as const satisfies Readonly<Record<string, MetricEntry>>;

/** How much the stage may pay for: custom metrics beyond the ten free ones exist in `full` alone. */
export type MetricsProfile = "default" | "full";

/**
 * Whether a value of the catalogue is a CloudWatch metric in a profile, and not only a property of the line.
 */
export function isMetricInProfile({ series }: Pick<MetricEntry, "series">, profile: MetricsProfile): boolean {
  return series === "default" || series === profile;
}

/** Name of a metric of the catalogue. */
export type MetricName = keyof typeof METRICS;

/**
 * What the probe publishes once per run, by PutMetricData, under {@link probeServiceName}; it counts against
 * the same ten.
 *
 * Its value is the share of the run's tries that failed: 1 when all did and the agent is not to be reached, 0
 * when the first one succeeded. The agent's own lines of the probe's requests emit none but those marked
 * `ofProbeToo`: their values are properties.
 */
export const PROBE_METRIC = "Failure" satisfies MetricName;

/** Names of the properties on a request's EMF line that other parts read back (page, report, log queries). */
export const REQUEST_LINE = {
  requestId: "requestId",
  mode: "mode",
  outcome: "outcome",
  reason: "reason",
  status: "httpStatus",
  model: "gen_ai.request.model",
  stopReason: "gen_ai.response.finish_reasons",
  cacheReadTokens: "gen_ai.usage.cache_read.input_tokens",
  cacheWriteTokens: "gen_ai.usage.cache_creation.input_tokens",
  thinkingCharacters: "thinkingCharacters",
  thinkingAsked: "thinkingAsked",
  thinkingGranted: "thinkingGranted",
  attempts: "attempts",
  throttles: "throttles",
  /**
   * From the handler's start to its answer, on every line; `Latency` has the same where the model answered.
   */
  duration: "durationMs",
  deadlineMargin: "deadlineMarginMs",
  textLength: "textLength",
  replyLength: "replyLength",
  traceId: "traceId",
  tokenAge: "tokenAge",
  client: "client",
  version: "version",
  route: "route",
  probe: "probe",
  /** `reply` when the probe asked as users do, `plain` for its short question. */
  probeForm: "probeForm",
  verification: "verification",
  duplicate: "duplicate",
  /** 1 when the request's `now` was no date or lay too far from the receipt. */
  nowIgnored: "nowIgnored",
  /** The part of `CostUsd` that is estimated, because Bedrock did not say what it counted. */
  estimatedUsd: "estimatedUsd",
} as const;
