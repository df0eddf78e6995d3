import type { StageConfig } from "../../../config/stage-config.ts";
import type { AlarmRow } from "../alarm-row.ts";
import { degradedReplies, failingRequests } from "../../condition/failing.ts";
import { DAY_SECONDS, failuresToAlarm } from "../../condition/sparse-traffic.ts";

/** Seconds of the period in which a try and its retries fall. */
const RETRY_PERIOD = 300;

/** Share of the requests of a period that must have failed, so that ten thousand a day do not alarm on a handful. */
export const FAILING_NOW_SHARE = 0.2;
const FAILING_SHARE = 0.1;

const PERIODS_OF_DAY = DAY_SECONDS / RETRY_PERIOD;

/**
 * Up to so many requests a day, one failure makes a period of five minutes a failing one; beyond it chance makes ever
 * fewer periods fail, because a tenth of each is several requests.
 */
const MOST_SPARSE = PERIODS_OF_DAY / FAILING_SHARE;

/** A day of replies that says something: so many must be degraded, and so large a share. */
const DEGRADED_REPLIES = 5;
const DEGRADED_SHARE = 0.2;

/** Failed requests within five minutes of the clock that raise `failing-now`. */
export function failuresNow(config: StageConfig): number {
  return failuresToAlarm(config.requestsPerDay, RETRY_PERIOD);
}

/** Periods of five minutes with failures within 24 hours that raise `failing-share`. */
export function failingPeriods(config: StageConfig): number {
  return failuresToAlarm(Math.min(config.requestsPerDay, MOST_SPARSE), DAY_SECONDS);
}

/** Requests that fail because of us or the model, seen by what the handler says of them. */
export const FAILURE_ALARMS: readonly AlarmRow[] = [
  {
    key: "failing-now",
    severity: "page",
    profile: "default",
    needs: "custom",
    happened: (config) =>
      `At least ${failuresNow(config)} requests failed within 5 minutes, a fifth or more of all.`,
    means: "Whoever dictates now gets an error instead of a note.",
    firstStep:
      "On the dashboard, read outcome and reason of the last failures; the runbook has a line for each.",
    thenSteps: [
      "`throttled`: Bedrock's rate for this model is used up. Wait a minute; if it stays, look for a Shortcut that loops, then ask for a higher quota.",
      "`quota`: the daily token quota is used up. It comes back at midnight UTC; choose another profile in `BEDROCK_MODEL_ID` meanwhile.",
      "`config`: access denied, unknown or retired model, or no access to the token parameter. Compare `BEDROCK_MODEL_ID` with the profiles of the account (`aws bedrock list-inference-profiles`) and the role's policy.",
      "`timeout`: the model did not answer within the deadline. Check the AWS Health page of Bedrock; shorter `maxTokens` helps at once.",
      "`upstream`: Bedrock answered with an error of its own. Check the AWS Health page; nothing to mend here.",
      "`internal`: a bug. Read the stack trace at that request id, and go back to the previous version (`npm run cli -- rollback`).",
    ],
    log: "failures",
    window: {
      kind: "clock",
      why: "An empty or undecided period keeps the state, and failures before a recovery never come back. Two tries may lie on both sides of a five-minute mark; a third one decides.",
    },
    why: "Five minutes hold one person's try and retries, so an outage shows with the second attempt; the count is the first one that 1 % of random failures reaches less than once in ten months. A period that holds too few failures and no success gives no point, so silence keeps the state and only an answer of the model brings OK; a refused request is neither failure nor success. This is the row for an outage; failures that come one at a time are for failing-share, and a high share over hours for fast-burn and slow-burn.",
    requestsNeeded: failuresNow,
    rule: ({ config, metrics }) => ({
      metric: failingRequests(metrics, {
        periodSeconds: RETRY_PERIOD,
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
    needs: "custom",
    happened: (config) =>
      `In at least ${failingPeriods(config)} periods of 5 minutes of the last 24 hours a tenth or more of the requests failed.`,
    means: "Dictating works most of the time, and fails too often to be chance.",
    firstStep:
      "Count outcomes and modes of the failures on the dashboard: is it one mode, one hour, one reason?",
    thenSteps: [
      "One mode only: its replies are longer than the deadline or the token limit allows; compare OutputTokens with `maxTokens`.",
      "One hour only: it is over. The alarm returns by itself when the last 24 hours hold too few failures.",
      "Spread evenly: read the steps of failing-now for the commonest outcome.",
    ],
    log: "failures",
    window: {
      kind: "clock",
      why: "A whole day of the clock would be judged at midnight only. Five-minute periods, counted over 24 hours, are judged as they complete, and a day without requests keeps the state.",
    },
    why: "Failures that come one at a time never meet in five minutes, so failing periods are counted over 24 hours. At 30 requests a day the count catches 30 % of failures within 24 hours in 99 of 100 cases, and 1 % of random failures less than once in ten months. OK says that the last 24 hours hold a period without failures and too few with them; whether it fails at this moment is for failing-now to say. This is the backstop of the free profile: by count over a day, by share within each period.",
    requestsNeeded: failingPeriods,
    rule: ({ config, metrics }) => ({
      metric: metrics.custom("Failure", "Average", RETRY_PERIOD),
      threshold: FAILING_SHARE,
      datapointsToAlarm: failingPeriods(config),
      evaluationPeriods: PERIODS_OF_DAY,
      treatMissingData: "ignore",
    }),
  },
  {
    key: "degraded-replies",
    severity: "ticket",
    profile: "full",
    needs: "custom",
    happened: () =>
      `At least ${DEGRADED_REPLIES} replies of a day, a fifth or more, had to be repaired or were sent as plain text.`,
    means: "Notes arrive, but reminders and events may lack their time or land as notes.",
    firstStep: "Look at outcome degraded and its reason in the log: truncated, or not JSON?",
    thenSteps: [
      "Truncated: raise `maxTokens` in the Shortcut for that mode.",
      "Not JSON: the model or its version changed; compare the `model` column before and after.",
    ],
    log: "degraded",
    window: {
      kind: "localClock",
      why: "A share needs many replies, so it is judged once a day; a day without requests keeps the state.",
    },
    why: "A few replies in a hundred come fenced or cut; a fifth of a day says that the model or the prompt changed. A day with good replies brings OK.",
    requestsNeeded: () => DEGRADED_REPLIES,
    rule: ({ metrics }) => ({
      metric: degradedReplies(metrics, {
        periodSeconds: DAY_SECONDS,
        count: DEGRADED_REPLIES,
        share: DEGRADED_SHARE,
      }),
      threshold: 1,
      datapointsToAlarm: 1,
      evaluationPeriods: 1,
      treatMissingData: "ignore",
    }),
  },
];
