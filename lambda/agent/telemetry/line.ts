import { LINE, METRICS, probeServiceOf, serviceOf, type MetricName } from "../../contract/metrics.ts";
import { OUTCOME_CLASS } from "../../contract/outcome.ts";
import type { Ending } from "../ending.ts";
import type { Settings } from "../settings.ts";

/** What a request's line holds, before it is written as EMF. */
export interface Line {
  /** Value of the `service` dimension. */
  readonly service: string;
  /** Values that become CloudWatch metrics, in the catalogue's order. */
  readonly metrics: readonly (readonly [MetricName, number])[];
  /** Everything else; read with Logs Insights. */
  readonly properties: Readonly<Record<string, string | number>>;
}

/** What is known of a request beside how it ended. */
export interface Around {
  readonly requestId: string;
  readonly traceId?: string;
  readonly isColdStart: boolean;
  readonly latencyMs: number;
  readonly remainingMs: number;
  readonly client: string;
  readonly settings: Pick<Settings, "stage" | "version" | "model">;
}

type Values = Readonly<Record<string, string | number | undefined>>;

/** The line of a request: which values are metrics says the catalogue. */
export function lineOf(ending: Ending, around: Around): Line {
  const isProbe = ending.facts.isProbe === true;
  const values = metricValues(ending, around);
  const column = isProbe ? "probeSeries" : "series";
  const named = Object.values(METRICS).flatMap((entry) => {
    const value = values[entry.name];
    return value === undefined || !Number.isFinite(value) ? [] : [{ entry, value }];
  });
  const { stage } = around.settings;
  return {
    service: isProbe ? probeServiceOf(stage) : serviceOf(stage),
    metrics: named
      .filter(({ entry }) => entry[column] === "metric")
      .map(({ entry, value }) => [entry.name, value]),
    properties: known({
      ...Object.fromEntries(
        named
          .filter(({ entry }) => entry[column] === "property")
          .map(({ entry, value }) => [entry.name, value]),
      ),
      ...aroundProperties(ending, around),
      ...factProperties(ending),
    }),
  };
}

function metricValues(ending: Ending, around: Around): Partial<Record<MetricName, number>> {
  const { answered, modelLatencyMs } = ending.facts;
  const kind = OUTCOME_CLASS[ending.outcome];
  return {
    Failure: kind === "failed" ? 1 : 0,
    Degraded: ending.outcome === "degraded" ? 1 : 0,
    Rejected: kind === "rejected" ? 1 : 0,
    Latency: tenths(around.latencyMs),
    ColdStart: around.isColdStart ? 1 : 0,
    ...(answered === undefined
      ? {}
      : {
          ...(answered.firstTokenMs === undefined ? {} : { TimeToFirstToken: tenths(answered.firstTokenMs) }),
          InputTokens: inputTokens(answered.usage),
          OutputTokens: answered.usage.outputTokens,
          CostUsd: Number(answered.costUsd.toFixed(9)),
          ModelLatency: tenths(modelLatencyMs ?? 0),
        }),
  };
}

type Answered = NonNullable<Ending["facts"]["answered"]>;

function inputTokens({ inputTokens, cacheReadTokens, cacheWriteTokens }: Answered["usage"]): number {
  return inputTokens + cacheReadTokens + cacheWriteTokens;
}

function aroundProperties(ending: Ending, around: Around): Values {
  return {
    [LINE.requestId]: around.requestId,
    [LINE.outcome]: ending.outcome,
    [LINE.reason]: ending.reason,
    [LINE.status]: ending.answer.status,
    [LINE.model]: around.settings.model?.profileId,
    [LINE.version]: around.settings.version,
    [LINE.client]: around.client,
    [LINE.traceId]: around.traceId,
    [LINE.deadlineMargin]: Math.round(around.remainingMs),
  };
}

function factProperties({ facts }: Ending): Values {
  return {
    [LINE.route]: facts.route,
    [LINE.probe]: facts.isProbe === true ? 1 : undefined,
    [LINE.duplicate]: facts.isDuplicate === true ? 1 : undefined,
    [LINE.tokenAge]: facts.tokenAge,
    [LINE.mode]: facts.mode,
    [LINE.textLength]: facts.textLength,
    [LINE.replyLength]: facts.replyLength,
    [LINE.attempts]: facts.attempts,
    [LINE.throttles]: facts.throttles,
    [LINE.stopReason]: facts.answered?.stopReason,
    [LINE.cacheReadTokens]: facts.answered?.usage.cacheReadTokens,
    [LINE.cacheWriteTokens]: facts.answered?.usage.cacheWriteTokens,
    [LINE.thinkingCharacters]: facts.answered?.thinkingCharacters,
  };
}

function known(values: Values): Readonly<Record<string, string | number>> {
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

function tenths(milliseconds: number): number {
  return Math.round(milliseconds * 10) / 10;
}
