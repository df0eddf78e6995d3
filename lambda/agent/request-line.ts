import {
  isMetricInProfile,
  REQUEST_LINE,
  METRICS,
  probeServiceName,
  agentServiceName,
  type MetricEntry,
  type MetricName,
} from "../contract/metrics.ts";
import { OUTCOME_CLASS } from "../contract/outcome.ts";
import type { RequestOutcome } from "./request-outcome.ts";
import type { AgentSettings } from "./settings.ts";

type Properties = Readonly<Record<string, string | number | undefined>>;

/** What a request's line holds, before it is written as EMF. */
export interface RequestLine {
  /** Value of the `service` dimension. */
  readonly service: string;
  /** Values that become CloudWatch metrics, in the catalogue's order. */
  readonly metrics: readonly (readonly [MetricName, number])[];
  /** Everything else, read with Logs Insights; a missing value is not written. */
  readonly properties: Properties;
}

/** What is known of a request beside how it ended. */
export interface RequestContext {
  readonly requestId: string;
  readonly traceId?: string;
  readonly isColdStart: boolean;
  /** From the handler's start to its answer. */
  readonly durationMs: number;
  readonly remainingMs: number;
  readonly client: string;
  readonly settings: Pick<
    AgentSettings,
    "stage" | "version" | "model" | "metricsProfile" | "hasSpendBreaker"
  >;
}

/**
 * Whoever brings no token at all is a stranger: scanners find every public address, and no metric counts
 * them.
 */
const NO_TOKEN = "token_absent";

type Entry = MetricEntry & { readonly name: MetricName };

const ENTRIES: readonly Entry[] = Object.values(METRICS);

/**
 * The line of a request: which values are metrics says the catalogue. Every request pays for this, hence the
 * plain loop.
 *
 * A request of the probe has no metric but what concerns the deployment: the probe itself says whether it was
 * answered. Nor has a question of the pre-traffic hook, which nobody dictated.
 */
export function requestLineOf(ending: RequestOutcome, around: RequestContext): RequestLine {
  const isProbe = ending.facts.isProbe === true;
  const isMeasured = !isProbe && ending.facts.isVerification !== true && ending.reason !== NO_TOKEN;
  const values = metricValues(ending, around);
  const metrics: [MetricName, number][] = [];
  const properties: Record<string, string | number | undefined> = {};
  const { stage, metricsProfile } = around.settings;
  for (const entry of ENTRIES) {
    const { name } = entry;
    const value = values[name];
    if (value === undefined || !Number.isFinite(value)) continue;
    const isTold = isMeasured || (isProbe && entry.ofProbeToo === true);
    if (isTold && isMetricInProfile(entry, metricsProfile)) metrics.push([name, value]);
    else properties[name] = value;
  }
  Object.assign(properties, contextProperties(ending, around), factProperties(ending));
  return { service: isProbe ? probeServiceName(stage) : agentServiceName(stage), metrics, properties };
}

function metricValues(
  ending: RequestOutcome,
  around: RequestContext,
): Partial<Record<MetricName, number | undefined>> {
  const { answered, spent, modelLatencyMs = 0, tokenAge, currentTokenDays } = ending.facts;
  const kind = OUTCOME_CLASS[ending.outcome];
  const values = {
    Failure: kind === "failed" ? 1 : 0,
    Degraded: ending.outcome === "degraded" ? 1 : 0,
    Rejected: kind === "rejected" ? 1 : 0,
    SpendBreaker: around.settings.hasSpendBreaker ? (kind === "blocked" ? 1 : 0) : undefined,
    ParametersRejected: ending.facts.parametersRejected,
    ColdStart: around.isColdStart ? 1 : 0,
    PreviousToken: tokenAge === undefined ? undefined : Number(tokenAge !== "current"),
    ConfigFault: configFault(ending),
    TokenAgeDays: currentTokenDays,
  };
  if (answered === undefined) return { ...values, ...spentValues(spent) };
  return {
    ...values,
    ...spentValues(spent),
    Latency: tenths(around.durationMs),
    TimeToFirstToken: answered.firstTokenMs === undefined ? undefined : tenths(answered.firstTokenMs),
    ModelLatency: tenths(modelLatencyMs),
  };
}

/** A request that was refused, or only asked for the agent's health, says nothing of access and model. */
function configFault({ outcome, facts }: RequestOutcome): 0 | 1 | undefined {
  if (outcome === "config") return 1;
  const kind = OUTCOME_CLASS[outcome];
  return facts.route === "ask" && (kind === "served" || kind === "failed") ? 0 : undefined;
}

/** Attempts that failed cost too, so a request without an answer may have these. */
function spentValues(spent: RequestOutcome["facts"]["spent"]): Partial<Record<MetricName, number>> {
  if (spent === undefined) return {};
  const { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens } = spent.usage;
  return {
    InputTokens: inputTokens + cacheReadTokens + cacheWriteTokens,
    OutputTokens: outputTokens,
    CostUsd: usdToNine(spent.costUsd),
  };
}

function usdToNine(usd: number): number {
  return Number(usd.toFixed(9));
}

function contextProperties(ending: RequestOutcome, around: RequestContext): Properties {
  return {
    [REQUEST_LINE.requestId]: around.requestId,
    [REQUEST_LINE.outcome]: ending.outcome,
    [REQUEST_LINE.reason]: ending.reason,
    [REQUEST_LINE.status]: ending.answer.status,
    [REQUEST_LINE.model]: ending.facts.modelId ?? around.settings.model?.profileId,
    [REQUEST_LINE.version]: around.settings.version,
    [REQUEST_LINE.client]: around.client,
    [REQUEST_LINE.traceId]: around.traceId,
    [REQUEST_LINE.duration]: tenths(around.durationMs),
    [REQUEST_LINE.deadlineMargin]: Math.round(around.remainingMs),
  };
}

function factProperties({ facts }: RequestOutcome): Properties {
  return {
    [REQUEST_LINE.route]: facts.route,
    [REQUEST_LINE.probe]: facts.isProbe === true ? 1 : undefined,
    [REQUEST_LINE.verification]: facts.isVerification === true ? 1 : undefined,
    [REQUEST_LINE.probeForm]: facts.probeForm,
    [REQUEST_LINE.nowIgnored]: facts.isNowIgnored === true ? 1 : undefined,
    [REQUEST_LINE.estimatedUsd]:
      facts.spent?.estimatedUsd === undefined ? undefined : usdToNine(facts.spent.estimatedUsd),
    [REQUEST_LINE.duplicate]: facts.isDuplicate === true ? 1 : undefined,
    [REQUEST_LINE.tokenAge]: facts.tokenAge,
    [REQUEST_LINE.mode]: facts.mode,
    [REQUEST_LINE.textLength]: facts.textLength,
    [REQUEST_LINE.replyLength]: facts.replyLength,
    [REQUEST_LINE.thinkingAsked]: facts.thinkingAsked,
    [REQUEST_LINE.thinkingGranted]: facts.thinkingGranted,
    [REQUEST_LINE.attempts]: facts.attempts,
    [REQUEST_LINE.throttles]: facts.throttles,
    [REQUEST_LINE.stopReason]: facts.answered?.stopReason,
    [REQUEST_LINE.cacheReadTokens]: facts.spent?.usage.cacheReadTokens,
    [REQUEST_LINE.cacheWriteTokens]: facts.spent?.usage.cacheWriteTokens,
    [REQUEST_LINE.thinkingCharacters]: facts.answered?.thinkingCharacters,
  };
}

function tenths(milliseconds: number): number {
  return Math.round(milliseconds * 10) / 10;
}
