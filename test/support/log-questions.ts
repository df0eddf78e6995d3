import * as queries from "../../lib/monitoring/log-queries.ts";

/** A query of a dashboard, and what it answers. */
export interface LogQuestion {
  readonly lines: readonly string[];
  readonly question: string;
}

/** Every query of the agent's and the probe's log that a dashboard shows. */
export const QUESTIONS: readonly LogQuestion[] = [
  { lines: queries.LAST_FAILURES_QUERY, question: "Which requests were refused or failed, and why?" },
  {
    lines: queries.OUTCOMES_QUERY,
    question: "What becomes of requests, and when was each outcome last seen?",
  },
  { lines: queries.VERSIONS_QUERY, question: "What was deployed, when, and how well does it work?" },
  { lines: queries.FAILED_PROBE_RUNS_QUERY, question: "Where did the probe get stuck?" },
  { lines: queries.modesQuery("1d"), question: "How many requests of each mode?" },
  {
    lines: queries.LATENCY_BY_MODE_QUERY,
    question: "How long do answers take, and how long are texts and replies?",
  },
  { lines: queries.COLD_STARTS_QUERY, question: "How many requests met a cold start?" },
  { lines: queries.COST_BY_MODE_QUERY, question: "Which mode costs what?" },
  { lines: queries.CACHE_TOKENS_QUERY, question: "Does the prompt's cache save anything?" },
];

/** What the query answers that a mail opens. */
export const MAIL_QUESTIONS: Readonly<Record<queries.MailQuery, string>> = {
  failures: "Which requests failed, and why?",
  crashes: "Where did the function crash or run out of time?",
  slow: "Which requests took longest, and was it the model?",
  degraded: "What had to be repaired, in which mode?",
  refused: "Who is refused, and why: one caller or many?",
  spend: "Which mode costs how much?",
  traffic: "Who asks so often?",
  previousToken: "Which caller still sends the old token?",
  configuration: "What is wrong with the deployment?",
  functionErrors: "Which lines of any function's log report a failure?",
  functionSlow: "Which invocations of any function took longest?",
  runs: "Where did the probe get stuck?",
  tries: "In what way do tries of the probe fail now and then?",
};
