import * as ours from "../../lib/monitoring/queries/log-queries.ts";
import { LAST_FAILED_RUNS } from "../../lib/monitoring/queries/probe-queries.ts";

/** A query of a dashboard, and what it answers. */
export interface LogQuestion {
  readonly lines: readonly string[];
  readonly question: string;
}

/** Every query of the agent's and the probe's log that a dashboard shows. */
export const QUESTIONS: readonly LogQuestion[] = [
  { lines: ours.LAST_FAILURES, question: "Which requests were refused or failed, and why?" },
  { lines: ours.BY_OUTCOME, question: "What becomes of requests, and when was each outcome last seen?" },
  { lines: ours.VERSIONS, question: "What was deployed, when, and how does it fare?" },
  { lines: LAST_FAILED_RUNS, question: "Where did the probe get stuck?" },
  { lines: ours.modesPer("1d"), question: "How many requests of each mode?" },
  { lines: ours.BY_MODE, question: "How long do answers take, and how long are texts and replies?" },
  { lines: ours.COLD_STARTS, question: "How many requests met a cold start?" },
  { lines: ours.COST_BY_MODE, question: "Which mode costs what?" },
  { lines: ours.CACHE_TOKENS, question: "Does the prompt's cache save anything?" },
];

/** What the query answers that a mail opens. */
export const MAIL_QUESTIONS: Readonly<Record<ours.MailQuery, string>> = {
  failures: "Which requests failed, and why?",
  crashes: "Where did the function crash or run out of time?",
  slow: "Which requests took longest, and was it the model?",
  degraded: "What had to be repaired, in which mode?",
  refused: "Who is refused, and why: one caller or many?",
  spend: "Which mode costs how much?",
  traffic: "Who asks so often?",
  previousToken: "Which caller still sends the old token?",
  configuration: "What is wrong with the deployment?",
  runs: "Where did the probe get stuck?",
};
