import { LINE, METRICS } from "../../../lambda/contract/metrics.ts";
import { MODES } from "../../../lambda/contract/request.ts";
import { LAST_FAILED_RUNS } from "./probe-queries.ts";
import { OUTCOME_CLASS, OUTCOMES } from "../../../lambda/contract/outcome.ts";

/**
 * Logs Insights queries over the agent's log; each EMF line is one request, and those of the probe and of a deployment are nobody's.
 *
 * A failure writes a second line that tells more of it and has an outcome too; the status stands on the EMF line alone.
 */
const REQUEST_LINES = [
  `filter ispresent(${LINE.status})`,
  `not ispresent(${LINE.probe})`,
  `not ispresent(${LINE.verification})`,
].join(" and ");

const failed = OUTCOMES.filter((outcome) => OUTCOME_CLASS[outcome] !== "served");

/** The newest requests that were refused or failed, and why. */
export const LAST_FAILURES: readonly string[] = [
  `fields @timestamp, ${LINE.outcome}, ${LINE.reason}, ${LINE.mode}, ${LINE.status}, ${LINE.requestId}`,
  REQUEST_LINES,
  `filter ${LINE.outcome} in [${failed.map((outcome) => `"${outcome}"`).join(", ")}]`,
  "sort @timestamp desc",
  "limit 20",
];

/** Requests by what became of them, and when each was last seen: since when it fails, and whether it still does. */
export const BY_OUTCOME: readonly string[] = [
  REQUEST_LINES,
  `stats count(*) as requests, max(@timestamp) as last by ${LINE.outcome}`,
  "sort last desc",
];

/** Versions by when each answered first: what was deployed, when, and how it fares. */
export const VERSIONS: readonly string[] = [
  REQUEST_LINES,
  [
    "stats min(@timestamp) as first",
    "max(@timestamp) as last",
    "count(*) as requests",
    `sum(${METRICS.Failure.name}) as failed by ${LINE.version}`,
  ].join(", "),
  "sort first desc",
];

/** Requests by mode, a bar for each period. */
export function modesPer(period: "1h" | "1d"): readonly string[] {
  const each = MODES.map((mode) => `sum(strcontains(${LINE.mode}, "${mode}")) as ${mode}`);
  return [REQUEST_LINES, `filter ispresent(${LINE.mode})`, `stats ${each.join(", ")} by bin(${period})`];
}

/** Requests, their time, their lengths by mode. */
export const BY_MODE: readonly string[] = byMode(
  "count(*) as requests",
  `pct(${METRICS.Latency.name}, 50) as typicalMs`,
  `max(${METRICS.Latency.name}) as slowestMs`,
  `avg(${LINE.textLength}) as textCharacters`,
  `max(${LINE.textLength}) as longestText`,
  `avg(${LINE.replyLength}) as replyCharacters`,
);

/** Tokens and dollars by mode. */
export const COST_BY_MODE: readonly string[] = byMode(
  "count(*) as requests",
  `sum(${METRICS.InputTokens.name}) as read`,
  `sum(${METRICS.OutputTokens.name}) as written`,
  `sum(${LINE.cacheReadTokens}) as fromCache`,
  `sum(${LINE.cacheWriteTokens}) as intoCache`,
  `avg(${METRICS.CostUsd.name}) as usdEach`,
  `sum(${METRICS.CostUsd.name}) as usd`,
);

function byMode(...figures: readonly string[]): readonly string[] {
  return [
    REQUEST_LINES,
    `filter ispresent(${LINE.mode})`,
    `stats ${figures.join(", ")} by ${LINE.mode}`,
    "sort requests desc",
  ];
}

/** Tokens that the prompt's cache gave and took, by day. */
export const CACHE_TOKENS: readonly string[] = [
  REQUEST_LINES,
  `filter ispresent(${METRICS.InputTokens.name})`,
  [
    `stats sum(${LINE.cacheReadTokens}) as fromCache`,
    `sum(${LINE.cacheWriteTokens}) as intoCache`,
    `sum(${METRICS.InputTokens.name}) as read by bin(1d) as day`,
  ].join(", "),
  "sort day desc",
];

/** Cold starts among the requests, by day. */
export const COLD_STARTS: readonly string[] = [
  REQUEST_LINES,
  `stats sum(${METRICS.ColdStart.name}) as coldStarts, count(*) as requests by bin(1d) as day`,
  "sort day desc",
];

/** The queries that mails open, each with the column first that answers the mail's first step. */
export const MAIL_QUERIES = {
  failures: `fields @timestamp,${LINE.outcome},${LINE.reason},${LINE.mode},${LINE.requestId}|filter ${METRICS.Failure.name}=1|sort @timestamp desc`,
  crashes: 'filter record.status="timeout" or record.status="error" or level="ERROR"|sort @timestamp desc',
  slow: `fields @timestamp,${METRICS.Latency.name},${METRICS.TimeToFirstToken.name},${LINE.mode}|sort ${METRICS.Latency.name} desc`,
  degraded: `filter ${METRICS.Degraded.name}=1|stats count(*) by ${LINE.reason},${LINE.mode}`,
  refused: `filter ${METRICS.Rejected.name}=1|stats count(*),max(@timestamp) by ${LINE.reason},${LINE.client}|sort ${LINE.reason} asc`,
  spend: `stats sum(${METRICS.CostUsd.name}),count(*) by ${LINE.mode}`,
  traffic: `stats count(*) by bin(5m),${LINE.client}`,
  previousToken: `filter ${METRICS.PreviousToken.name}=1|stats count(*),max(@timestamp) by ${LINE.tokenAge},${LINE.client}`,
  configuration: `filter ${METRICS.ConfigFault.name}=1|stats count(*),max(@timestamp) by ${LINE.reason}`,
  /** Of the probe, whose runs have a log group of their own. */
  runs: LAST_FAILED_RUNS.join("|"),
} as const;

/** Name of one of {@link MAIL_QUERIES}. */
export type MailQuery = keyof typeof MAIL_QUERIES;
