import { LINE, METRICS } from "../../lambda/contract/metrics.ts";
import { LAST_FAILED_RUNS } from "./probe-queries.ts";
import { OUTCOME_CLASS, OUTCOMES } from "../../lambda/contract/outcome.ts";

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

/** Requests by what became of them. */
export const BY_OUTCOME: readonly string[] = [
  REQUEST_LINES,
  `stats count(*) as requests by ${LINE.outcome}`,
  "sort requests desc",
];

/** Requests, their time and their price by mode. */
export const BY_MODE: readonly string[] = [
  REQUEST_LINES,
  `filter ispresent(${LINE.mode})`,
  [
    "stats count(*) as requests",
    `avg(${METRICS.Latency.name}) as latencyMs`,
    `avg(${METRICS.OutputTokens.name}) as outputTokens`,
    `sum(${METRICS.CostUsd.name}) as usd by ${LINE.mode}`,
  ].join(", "),
  "sort requests desc",
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
  refused: `filter ${METRICS.Rejected.name}=1|stats count(*) by ${LINE.outcome},${LINE.reason},${LINE.client}`,
  spend: `stats sum(${METRICS.CostUsd.name}),count(*) by ${LINE.mode}`,
  traffic: `stats count(*) by bin(5m),${LINE.client}`,
  previousToken: `filter ${METRICS.PreviousToken.name}=1|stats count(*),max(@timestamp) by ${LINE.client}`,
  configuration: `filter ${METRICS.ConfigFault.name}=1|stats count(*),max(@timestamp) by ${LINE.reason}`,
  /** Of the probe, whose runs have a log group of their own. */
  runs: LAST_FAILED_RUNS.join("|"),
} as const;

/** Name of one of {@link MAIL_QUERIES}. */
export type MailQuery = keyof typeof MAIL_QUERIES;
