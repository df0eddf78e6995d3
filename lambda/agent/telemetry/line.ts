import {
  isSeries,
  LINE,
  METRICS,
  probeServiceOf,
  serviceOf,
  type MetricEntry,
  type MetricName,
} from "../../contract/metrics.ts";
import { OUTCOME_CLASS } from "../../contract/outcome.ts";
import type { Ending } from "../ending.ts";
import type { Settings } from "../settings.ts";

type Properties = Readonly<Record<string, string | number | undefined>>;

/** What a request's line holds, before it is written as EMF. */
export interface Line {
  /** Value of the `service` dimension. */
  readonly service: string;
  /** Values that become CloudWatch metrics, in the catalogue's order. */
  readonly metrics: readonly (readonly [MetricName, number])[];
  /** Everything else, read with Logs Insights; a missing value is not written. */
  readonly properties: Properties;
}

/** What is known of a request beside how it ended. */
export interface Around {
  readonly requestId: string;
  readonly traceId?: string;
  readonly isColdStart: boolean;
  readonly latencyMs: number;
  readonly remainingMs: number;
  readonly client: string;
  readonly settings: Pick<Settings, "stage" | "version" | "model" | "metricsProfile" | "hasSpendBreaker">;
}

type Entry = MetricEntry & { readonly name: MetricName };

const ENTRIES: readonly Entry[] = Object.values(METRICS);

/**
 * The line of a request: which values are metrics says the catalogue. Every request pays for this, hence the plain loop.
 *
 * A request of the probe has no metric but what tells of the deployment: the probe itself says whether it was answered. Nor has a question of the pre-traffic hook, which
 * nobody dictated.
 */
export function lineOf(ending: Ending, around: Around): Line {
  const isProbe = ending.facts.isProbe === true;
  const isMeasured = !isProbe && ending.facts.isVerification !== true;
  const values = metricValues(ending, around);
  const metrics: [MetricName, number][] = [];
  const properties: Record<string, string | number | undefined> = {};
  const { stage, metricsProfile } = around.settings;
  for (const entry of ENTRIES) {
    const { name } = entry;
    const value = values[name];
    if (value === undefined || !Number.isFinite(value)) continue;
    const isTold = isMeasured || (isProbe && entry.ofProbeToo === true);
    if (isTold && isSeries(entry, metricsProfile)) metrics.push([name, value]);
    else properties[name] = value;
  }
  Object.assign(properties, aroundProperties(ending, around), factProperties(ending));
  return { service: isProbe ? probeServiceOf(stage) : serviceOf(stage), metrics, properties };
}

function metricValues(ending: Ending, around: Around): Partial<Record<MetricName, number | undefined>> {
  const { answered, modelLatencyMs = 0, tokenAge, currentTokenDays } = ending.facts;
  const kind = OUTCOME_CLASS[ending.outcome];
  const values = {
    Failure: kind === "failed" ? 1 : 0,
    Degraded: ending.outcome === "degraded" ? 1 : 0,
    Rejected: kind === "rejected" ? 1 : 0,
    Latency: tenths(around.latencyMs),
    SpendBreaker: around.settings.hasSpendBreaker ? (kind === "held" ? 1 : 0) : undefined,
    ParametersRejected: ending.facts.parametersRejected,
    ColdStart: around.isColdStart ? 1 : 0,
    PreviousToken: tokenAge === undefined ? undefined : Number(tokenAge !== "current"),
    ConfigFault: configFault(ending),
    TokenAgeDays: currentTokenDays,
  };
  if (answered === undefined) return values;
  return {
    ...values,
    TimeToFirstToken: answered.firstTokenMs === undefined ? undefined : tenths(answered.firstTokenMs),
    InputTokens: inputTokens(answered.usage),
    OutputTokens: answered.usage.outputTokens,
    CostUsd: Number(answered.costUsd.toFixed(9)),
    ModelLatency: tenths(modelLatencyMs),
  };
}

/** A request that was refused, or only asked for the agent's health, says nothing of access and model. */
function configFault({ outcome, facts }: Ending): 0 | 1 | undefined {
  if (outcome === "config") return 1;
  const kind = OUTCOME_CLASS[outcome];
  return facts.route === "ask" && (kind === "served" || kind === "failed") ? 0 : undefined;
}

type Answered = NonNullable<Ending["facts"]["answered"]>;

function inputTokens({ inputTokens, cacheReadTokens, cacheWriteTokens }: Answered["usage"]): number {
  return inputTokens + cacheReadTokens + cacheWriteTokens;
}

function aroundProperties(ending: Ending, around: Around): Properties {
  return {
    [LINE.requestId]: around.requestId,
    [LINE.outcome]: ending.outcome,
    [LINE.reason]: ending.reason,
    [LINE.status]: ending.answer.status,
    [LINE.model]: ending.facts.modelId ?? around.settings.model?.profileId,
    [LINE.version]: around.settings.version,
    [LINE.client]: around.client,
    [LINE.traceId]: around.traceId,
    [LINE.deadlineMargin]: Math.round(around.remainingMs),
  };
}

function factProperties({ facts }: Ending): Properties {
  return {
    [LINE.route]: facts.route,
    [LINE.probe]: facts.isProbe === true ? 1 : undefined,
    [LINE.verification]: facts.isVerification === true ? 1 : undefined,
    [LINE.duplicate]: facts.isDuplicate === true ? 1 : undefined,
    [LINE.tokenAge]: facts.tokenAge,
    [LINE.mode]: facts.mode,
    [LINE.textLength]: facts.textLength,
    [LINE.replyLength]: facts.replyLength,
    [LINE.thinkingAsked]: facts.thinkingAsked,
    [LINE.thinkingGranted]: facts.thinkingGranted,
    [LINE.attempts]: facts.attempts,
    [LINE.throttles]: facts.throttles,
    [LINE.stopReason]: facts.answered?.stopReason,
    [LINE.cacheReadTokens]: facts.answered?.usage.cacheReadTokens,
    [LINE.cacheWriteTokens]: facts.answered?.usage.cacheWriteTokens,
    [LINE.thinkingCharacters]: facts.answered?.thinkingCharacters,
  };
}

function tenths(milliseconds: number): number {
  return Math.round(milliseconds * 10) / 10;
}
