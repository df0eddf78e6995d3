import { METRICS, REQUEST_LINE } from "../../lambda/contract/metrics.ts";
import { OUTCOME_CLASS, OUTCOMES } from "../../lambda/contract/outcome.ts";
import { PROBE_LINE } from "../../lambda/contract/probe.ts";
import { MODES } from "../../lambda/contract/request.ts";

/** The newest failed runs of the probe, from its own log group. */
export const FAILED_PROBE_RUNS_QUERY: readonly string[] = [
  `fields @timestamp, ${[
    PROBE_LINE.failure,
    PROBE_LINE.detail,
    PROBE_LINE.asks,
    PROBE_LINE.status,
    PROBE_LINE.outcome,
    PROBE_LINE.reason,
    PROBE_LINE.mode,
    PROBE_LINE.requestId,
  ].join(", ")}`,
  `filter ispresent(${PROBE_LINE.failure})`,
  "sort @timestamp desc",
  "limit 10",
];

/**
 * Logs Insights queries over the agent's log; each EMF line is one request, and those of the probe and of a
 * deployment are nobody's.
 *
 * A failure writes a second line that says more of it and has an outcome too; the status stands on the EMF
 * line alone.
 */
const REQUEST_LINES = [
  `filter ispresent(${REQUEST_LINE.status})`,
  `not ispresent(${REQUEST_LINE.probe})`,
  `not ispresent(${REQUEST_LINE.verification})`,
].join(" and ");

const UNSERVED_OUTCOMES = OUTCOMES.filter((outcome) => OUTCOME_CLASS[outcome] !== "served");

/** The newest requests that were refused or failed, and why. */
export const LAST_FAILURES_QUERY: readonly string[] = [
  `fields @timestamp, ${REQUEST_LINE.outcome}, ${REQUEST_LINE.reason}, ${REQUEST_LINE.mode}, ${REQUEST_LINE.status}, ${REQUEST_LINE.requestId}`,
  REQUEST_LINES,
  `filter ${REQUEST_LINE.outcome} in [${UNSERVED_OUTCOMES.map((outcome) => `"${outcome}"`).join(", ")}]`,
  "sort @timestamp desc",
  "limit 20",
];

/**
 * Requests by what became of them, and when each was last seen: since when it fails, and whether it still
 * does.
 */
export const OUTCOMES_QUERY: readonly string[] = [
  REQUEST_LINES,
  `stats count(*) as requests, max(@timestamp) as last by ${REQUEST_LINE.outcome}`,
  "sort last desc",
];

/** Versions by when each answered first: what was deployed, when, and how it fares. */
export const VERSIONS_QUERY: readonly string[] = [
  REQUEST_LINES,
  [
    "stats min(@timestamp) as first",
    "max(@timestamp) as last",
    "count(*) as requests",
    `sum(${METRICS.Failure.name}) as failed by ${REQUEST_LINE.version}`,
  ].join(", "),
  "sort first desc",
];

/** Requests by mode, a bar for each period. */
export function modesQuery(period: "1h" | "1d"): readonly string[] {
  const each = MODES.map((mode) => `sum(strcontains(${REQUEST_LINE.mode}, "${mode}")) as ${mode}`);
  return [
    REQUEST_LINES,
    `filter ispresent(${REQUEST_LINE.mode})`,
    `stats ${each.join(", ")} by bin(${period})`,
  ];
}

/** Requests, their time, their lengths by mode. */
export const LATENCY_BY_MODE_QUERY: readonly string[] = queryByMode(
  "count(*) as requests",
  `pct(${METRICS.Latency.name}, 50) as p50Ms`,
  `max(${METRICS.Latency.name}) as maxMs`,
  `avg(${REQUEST_LINE.textLength}) as textCharacters`,
  `max(${REQUEST_LINE.textLength}) as longestText`,
  `avg(${REQUEST_LINE.replyLength}) as replyCharacters`,
);

/** Tokens and dollars by mode. */
export const COST_BY_MODE_QUERY: readonly string[] = queryByMode(
  "count(*) as requests",
  `sum(${METRICS.InputTokens.name}) as inputTokens`,
  `sum(${METRICS.OutputTokens.name}) as outputTokens`,
  `sum(${REQUEST_LINE.cacheReadTokens}) as cacheReadTokens`,
  `sum(${REQUEST_LINE.cacheWriteTokens}) as cacheWriteTokens`,
  `avg(${METRICS.CostUsd.name}) as usdPerRequest`,
  `sum(${METRICS.CostUsd.name}) as usd`,
);

function queryByMode(...figures: readonly string[]): readonly string[] {
  return [
    REQUEST_LINES,
    `filter ispresent(${REQUEST_LINE.mode})`,
    `stats ${figures.join(", ")} by ${REQUEST_LINE.mode}`,
    "sort requests desc",
  ];
}

/** Tokens that the prompt's cache gave and took, by day. */
export const CACHE_TOKENS_QUERY: readonly string[] = [
  REQUEST_LINES,
  `filter ispresent(${METRICS.InputTokens.name})`,
  [
    `stats sum(${REQUEST_LINE.cacheReadTokens}) as cacheReadTokens`,
    `sum(${REQUEST_LINE.cacheWriteTokens}) as cacheWriteTokens`,
    `sum(${METRICS.InputTokens.name}) as inputTokens by bin(1d) as day`,
  ].join(", "),
  "sort day desc",
];

/** Cold starts among the requests, by day. */
export const COLD_STARTS_QUERY: readonly string[] = [
  REQUEST_LINES,
  `stats sum(${METRICS.ColdStart.name}) as coldStarts, count(*) as requests by bin(1d) as day`,
  "sort day desc",
];

/** The queries that mails open, each with the column first that answers the mail's first step. */
export const MAIL_QUERIES = {
  failures: `fields @timestamp,${REQUEST_LINE.outcome},${REQUEST_LINE.reason},${REQUEST_LINE.mode},${REQUEST_LINE.requestId}|filter ${METRICS.Failure.name}=1|sort @timestamp desc`,
  crashes: 'filter record.status="timeout" or record.status="error" or level="ERROR"|sort @timestamp desc',
  slow: `fields @timestamp,${REQUEST_LINE.duration},${METRICS.TimeToFirstToken.name},${REQUEST_LINE.mode}|sort ${REQUEST_LINE.duration} desc`,
  degraded: `filter ${METRICS.Degraded.name}=1|stats count(*) by ${REQUEST_LINE.reason},${REQUEST_LINE.mode}`,
  refused: `filter ${METRICS.Rejected.name}=1|stats count(*),max(@timestamp) by ${REQUEST_LINE.reason},${REQUEST_LINE.client}|sort ${REQUEST_LINE.reason} asc`,
  spend: `stats sum(${METRICS.CostUsd.name}),count(*) by ${REQUEST_LINE.mode}`,
  traffic: `stats count(*) by bin(5m),${REQUEST_LINE.client}`,
  previousToken: `filter ${METRICS.PreviousToken.name}=1|stats count(*),max(@timestamp) by ${REQUEST_LINE.tokenAge},${REQUEST_LINE.client}`,
  configuration: `filter ${METRICS.ConfigFault.name}=1|stats count(*),max(@timestamp) by ${REQUEST_LINE.reason}`,
  /** Of any function, whether it logs text or JSON. */
  functionErrors:
    "filter @message like /(?i)(error|exception|panic|timed out|runtime exited)/|sort @timestamp desc",
  functionSlow:
    'filter @type="REPORT" or type="platform.report"|fields coalesce(@duration,record.metrics.durationMs) as ms,coalesce(@initDuration,record.metrics.initDurationMs) as initMs|sort ms desc',
  /** Of the probe, whose runs have a log group of their own. */
  runs: FAILED_PROBE_RUNS_QUERY.join("|"),
  tries: `filter ispresent(${PROBE_LINE.triesFailed})|stats count(*),max(@timestamp) by ${PROBE_LINE.triesFailed},${PROBE_LINE.asks},${PROBE_LINE.outcome},${PROBE_LINE.reason},${PROBE_LINE.mode}|sort ${PROBE_LINE.asks} asc`,
} as const;

/** Name of one of {@link MAIL_QUERIES}. */
export type MailQuery = keyof typeof MAIL_QUERIES;

/** Logs Insights queries over the log of any Lambda function, in text or JSON format. */

/** The newest lines that report a failure. */
export const FUNCTION_ERRORS_QUERY: readonly string[] = [
  "fields @timestamp, @message",
  "filter @message like /(?i)(error|exception|panic|timed out|runtime exited)/",
  "sort @timestamp desc",
  "limit 20",
];

/** Versions of the function by when each ran first: what changed, and when. */
export const FUNCTION_VERSIONS_QUERY: readonly string[] = [
  'filter @message like /^START / or type = "platform.start"',
  'parse @message /[Vv]ersion"?: ?"?(?<version>[^\\s",}]+)/',
  "stats min(@timestamp) as first, max(@timestamp) as last, count(*) as invocations by version",
  "sort first desc",
];

/** Cold starts and what they took, by day. */
export const FUNCTION_COLD_STARTS_QUERY: readonly string[] = [
  'filter @type = "REPORT" or type = "platform.report"',
  "fields coalesce(@initDuration, record.metrics.initDurationMs) as initMs",
  "stats count(initMs) as coldStarts, max(initMs) as slowestMs, count(*) as invocations by bin(1d) as day",
  "sort day desc",
];
