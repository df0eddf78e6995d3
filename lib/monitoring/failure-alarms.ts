import type { StageConfig } from "../config/stage-config.ts";
import type { AlarmRow } from "./alarm-row.ts";
import { failing } from "./failing.ts";
import { DAY_SECONDS, failuresToAlarm } from "./sparse-traffic.ts";

/** Seconds of the window in which a try and its retries fall. */
const RETRY_WINDOW = 300;

/** Share of the requests of a window that must have failed, so that ten thousand a day do not alarm on a handful. */
const FAILING_NOW_SHARE = 0.25;
const FAILING_SHARE = 0.1;

/** Failed requests within five minutes that raise `failing-now`. */
export function failuresNow(config: StageConfig): number {
  return failuresToAlarm(config.requestsPerDay, RETRY_WINDOW);
}

function failuresOfDay(config: StageConfig): number {
  return failuresToAlarm(config.requestsPerDay, DAY_SECONDS);
}

/** Requests that fail because of us or the model, seen by what the handler says of them. */
export const FAILURE_ALARMS: readonly AlarmRow[] = [
  {
    key: "failing-now",
    severity: "page",
    profile: "default",
    happened: (config) =>
      `At least ${failuresNow(config)} requests failed within 5 minutes, a quarter or more of all.`,
    means: "Whoever dictates now gets an error instead of a note.",
    firstStep:
      "On the dashboard, read outcome and reason of the last failures; the runbook has a line for each.",
    thenSteps: [
      "`throttled`: Bedrock's rate for this model is used up. Wait a minute; if it stays, look for a Shortcut that loops, then ask for a higher quota.",
      "`quota`: the daily token quota is used up. It comes back at midnight UTC; choose another profile in `BEDROCK_MODEL_ID` meanwhile.",
      "`config`: access denied, unknown or retired model, or no access to the token parameter. Compare `BEDROCK_MODEL_ID` with the profiles of the account (`aws bedrock list-inference-profiles`) and the role's policy.",
      "`timeout`: the model did not answer within the deadline. Check the AWS Health page of Bedrock; shorter `maxTokens` helps at once.",
      "`upstream`: Bedrock answered with an error of its own. Check the AWS Health page; nothing to mend here.",
      "`internal`: a bug. Read the stack trace at that request id, and go back to the previous version of the alias.",
    ],
    why: "Five minutes hold one person's try and retries, so an outage shows with the second attempt; the count is the first one that 1 % of random failures reaches less than once in ten months. A window that holds too few failures and no success gives no point, so silence keeps the state and only a success brings OK.",
    requestsNeeded: failuresNow,
    rule: ({ config, metrics }) => ({
      metric: failing(metrics, {
        windowSeconds: RETRY_WINDOW,
        count: failuresNow(config),
        share: FAILING_NOW_SHARE,
      }),
      threshold: 1,
      datapointsToAlarm: 1,
      evaluationPeriods: 1,
      treatMissingData: "ignore",
    }),
  },
  {
    key: "failing-share",
    severity: "ticket",
    profile: "default",
    happened: (config) =>
      `At least ${failuresOfDay(config)} requests failed within 24 hours, a tenth or more of all.`,
    means: "Dictating works most of the time, and fails too often to be chance.",
    firstStep:
      "Count outcomes and modes of the failures on the dashboard: is it one mode, one hour, one reason?",
    thenSteps: [
      "One mode only: its replies are longer than the deadline or the token limit allows; compare OutputTokens with `maxTokens`.",
      "One hour only: it is over. The alarm returns by itself when the last 24 hours hold too few failures.",
      "Spread evenly: read the steps of failing-now for the commonest outcome.",
    ],
    why: "Failures that come one at a time never meet in five minutes, so they are counted over a day that slides by a minute. At 30 requests a day the count catches 30 % of failures within 24 hours in 99 of 100 cases. A window without a success gives no point unless it breaks the rule, so silence keeps the state.",
    requestsNeeded: failuresOfDay,
    rule: ({ config, metrics }) => ({
      metric: failing(metrics, {
        windowSeconds: DAY_SECONDS,
        count: failuresOfDay(config),
        share: FAILING_SHARE,
      }),
      threshold: 1,
      datapointsToAlarm: 1,
      evaluationPeriods: 1,
      treatMissingData: "ignore",
    }),
  },
  {
    key: "degraded-replies",
    severity: "ticket",
    profile: "full",
    happened: () => "Over a fifth of the replies of 24 hours had to be repaired or were sent as plain text.",
    means: "Notes arrive, but reminders and events may lack their time or land as notes.",
    firstStep: "Look at outcome degraded and its reason in the log: truncated, or not JSON?",
    thenSteps: [
      "Truncated: raise `maxTokens` in the Shortcut for that mode.",
      "Not JSON: the model or its version changed; compare the `model` column before and after.",
    ],
    why: "A few replies in a hundred come fenced or cut; a fifth of a day says that the model or the prompt changed. The metric is 0 on each good reply, which brings OK; silence keeps the state.",
    rule: ({ metrics }) => ({
      metric: metrics.custom("Degraded", "Average", DAY_SECONDS),
      threshold: 0.2,
      datapointsToAlarm: 1,
      evaluationPeriods: 1,
      treatMissingData: "ignore",
    }),
  },
];
