import type { AlarmRow } from "./alarm-row.ts";
import { failing } from "./failing.ts";
import { DAY_SECONDS } from "./sparse-traffic.ts";

const FIVE_MINUTES = 300;
const HOUR = 3600;

/** Share of the configured timeout from which a request counts as nearly stopped by Lambda. */
const NEAR_TIMEOUT = 0.9;

/** Every alarm of the monitoring stack. */
export const ALARMS: readonly AlarmRow[] = [
  {
    key: "failing-now",
    severity: "page",
    profile: "default",
    happened: ({ config }) =>
      `At least ${failing.countIn(config, FIVE_MINUTES)} requests within 5 minutes failed, and they were at least half of all.`,
    means:
      "Whoever dictates now gets an error instead of a note; the text stays on the watch only if the Shortcut keeps it.",
    firstStep:
      "Open the on-call dashboard, read outcome and reason of the last failures, and follow the runbook for that outcome.",
    why: "Five minutes hold one person's try and retries, so an outage shows with the second attempt; one failure never alarms. A window with failures alone gives no point once it holds too few of them, so silence keeps the state, and only a success brings OK.",
    rule: ({ config, metrics }) => ({
      metric: failing.expression(metrics, {
        windowSeconds: FIVE_MINUTES,
        count: failing.countIn(config, FIVE_MINUTES),
        share: 0.5,
      }),
      threshold: 1,
      datapointsToAlarm: 1,
      evaluationPeriods: 1,
      treatMissingData: "ignore",
    }),
  },
  {
    key: "lambda-errors",
    severity: "page",
    profile: "default",
    happened: () =>
      "Lambda reports a crash, a timeout or an out-of-memory kill of the function within 5 minutes.",
    means:
      "The request had no usable answer and left no line of its own: the handler was stopped before it could say why.",
    firstStep:
      "Open the log group at that minute and look for Task timed out, Runtime exited or a stack trace.",
    why: "The handler turns every failure that it knows into an answer, so a single error is a bug or a limit. The metric is 0 on each good invocation: that is the evidence that brings OK, and silence keeps the state.",
    rule: ({ metrics }) => ({
      metric: metrics.lambda("Errors", "Sum", FIVE_MINUTES),
      threshold: 1,
      datapointsToAlarm: 1,
      evaluationPeriods: 1,
      treatMissingData: "ignore",
    }),
  },
  {
    key: "duration",
    severity: "ticket",
    profile: "default",
    happened: ({ config }) =>
      `Twice within 15 minutes a request took over ${NEAR_TIMEOUT * 100} % of the configured timeout of ${config.timeoutSeconds} s.`,
    means: "Answers come late or are cut off by the deadline; the Shortcut may give up before.",
    firstStep:
      "Compare Latency with TimeToFirstToken on the traffic dashboard: is the model slow, or are the replies long?",
    why: "Maximum, because at ten requests a day an average hides the slow one. One slow deepthink is no news, hence two of three. Silence keeps the state; a quick request brings OK.",
    rule: ({ config, metrics }) => ({
      metric: metrics.lambda("Duration", "Maximum", FIVE_MINUTES),
      threshold: config.timeoutSeconds * 1000 * NEAR_TIMEOUT,
      datapointsToAlarm: 2,
      evaluationPeriods: 3,
      treatMissingData: "ignore",
    }),
  },
  {
    key: "throttles",
    severity: "page",
    profile: "default",
    happened: () => "Lambda refused at least one request within 5 minutes because no concurrency was left.",
    means: "The caller got 429 without the agent having run.",
    firstStep:
      "Check ConcurrentExecutions and the account's concurrency quota; look for a Shortcut that loops.",
    why: "One person needs one or two environments, so any throttle says that something else uses them up. A throttled request runs nothing and so can never be followed by proof; no throttle for three windows counts as good.",
    rule: ({ metrics }) => ({
      metric: metrics.lambda("Throttles", "Sum", FIVE_MINUTES),
      threshold: 1,
      datapointsToAlarm: 1,
      evaluationPeriods: 1,
      treatMissingData: "notBreaching",
    }),
  },
  {
    key: "refused-requests",
    severity: "ticket",
    profile: "default",
    happened: ({ config }) =>
      `At least ${refusals(config.requestsPerDay)} requests within an hour were refused because of their token or fields.`,
    means: "Either a Shortcut still sends an old token and gets nothing done, or somebody is guessing.",
    firstStep:
      "List outcome unauthorized and invalid in the log: one client with an old token, or many sources?",
    why: "Scanners find every public URL; a quarter of a day's requests refused within one hour is more than their noise. No refusals is good news, so missing data is fine.",
    rule: ({ config, metrics }) => ({
      metric: metrics.custom("Rejected", "Sum", HOUR),
      threshold: refusals(config.requestsPerDay),
      datapointsToAlarm: 1,
      evaluationPeriods: 1,
      treatMissingData: "notBreaching",
    }),
  },
  {
    key: "spend-today",
    severity: "ticket",
    profile: "default",
    happened: ({ config }) => `The model cost more than ${config.dailySpendUsd} USD within 24 hours.`,
    means: "Nothing is broken for whoever dictates; the bill grows faster than you wanted.",
    firstStep: "Open the cost dashboard: more requests, longer replies, or thinking tokens?",
    why: "AWS/Billing lags by hours, so the handler's own CostUsd is summed over 24 hours that slide by a minute. No request costs nothing, so missing data is fine.",
    rule: ({ config, metrics }) => ({
      metric: metrics.custom("CostUsd", "Sum", DAY_SECONDS),
      threshold: config.dailySpendUsd,
      datapointsToAlarm: 1,
      evaluationPeriods: 1,
      treatMissingData: "notBreaching",
    }),
  },
];

/** A quarter of a day's requests, at least five. */
function refusals(requestsPerDay: number): number {
  return Math.max(5, Math.ceil(requestsPerDay / 4));
}
