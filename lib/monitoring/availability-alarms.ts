import { PROBE_FAILURES, PROBE_LIMITS, type ProbeFailure } from "../../lambda/contract/probe.ts";
import type { StageConfig } from "../config/stage-config.ts";
import type { AlarmRow } from "./alarm-row.ts";
import {
  DAY_SECONDS,
  degradedReplies,
  failingAtUrl,
  failingRequests,
  failuresToAlarm,
  filledMetric,
} from "./conditions.ts";

const PROBE_ATTEMPTS = PROBE_LIMITS.pausesMs.length + 1;

/** What to do about each way in which a run fails. */
const PROBE_FAILURE_STEPS: Readonly<Record<ProbeFailure, string>> = {
  dns: "the name of the URL has no address. Compare it with the output `FunctionUrl` of the application stack: a URL that was made anew has another name, and the Shortcut needs it too. If it is the same, look at the AWS Health page of Lambda.",
  connection:
    "Lambda's front door refuses or cuts connections. Look at the AWS Health page; nothing to mend here.",
  tls: "no TLS session. `detail` is Node's code: a certificate's code speaks of the URL's side, so look at the AWS Health page.",
  timeout:
    "`detail` says what was waited for. `answer` means the agent: read its Latency and TimeToFirstToken; another word means the network.",
  url_forbidden:
    "Lambda lets nobody through. Both permissions of the URL must be there (`aws lambda get-policy --qualifier live`); deploy the application stack to put them back.",
  unauthorized:
    "the agent refuses the token in the parameter, so every Shortcut is refused too. Was the parameter written by hand or rotated a moment ago? The agent takes up a new token within its cache's time.",
  too_many_requests:
    "without `outcome` Lambda has no concurrency left: see throttles. With `outcome` it is Bedrock's rate or quota: see failing-now.",
  refused:
    "the agent refuses a sound question, so probe and agent are of different versions or the URL leads elsewhere. Deploy both stacks.",
  agent_failed:
    "`outcome` and `reason` say why; failing-now's runbook has a step for each. Without them the agent could not read its token, or has a bug: find `requestId` in its log.",
  function_failed:
    "Lambda itself answered: the function crashed, ran out of time or of memory, or does not start. See lambda-errors.",
  wrong_shape:
    "`detail` names the field that is missing or wrong: go back to the previous version (`npm run cli -- rollback`).",
  token_unreadable:
    "`detail` says why. `token_missing` or `token_empty`: make the parameter; the agent will refuse everybody once its cache ends. `token_denied`: the probe's role or the key; deploy the monitoring stack. `token_unavailable`: SSM is down, and so is every agent that starts now.",
  probe_broken:
    "a bug of the probe, or a token that no header can carry (`ERR_INVALID_CHAR`). Ask the agent yourself (`npm run cli -- ask`) before anything else.",
};

/** Pages when the agent does not answer its probe, or the probe is dead. */
export const PROBE_FAILING: AlarmRow = {
  key: "probe-failing",
  severity: "page",
  profile: "default",
  needs: "probe",
  whatHappened: (config) =>
    `The probe asked the agent ${PROBE_ATTEMPTS} times in a row and got no usable answer, or it has not asked at all for ${probeWindowMinutes(config)} minutes.`,
  userImpact:
    "Whoever dictates now most likely gets no answer; if the probe is dead, nobody would notice that.",
  firstStep:
    "Run the log query, or on the dashboard read failureClass and detail of the probe's last failed runs; the runbook has a line for each.",
  nextSteps: [
    "No failed run there: the probe does not run. Look for its function's errors and whether its schedule is enabled; then deploy the monitoring stack.",
    ...PROBE_FAILURES.map((failure) => `\`${failure}\`: ${PROBE_FAILURE_STEPS[failure]}`),
  ],
  window: {
    kind: "heartbeat",
    why: "A run is stamped with its start, so points lie an interval apart, give or take nothing; the minute on top is the time that a run may take and its line needs to arrive. Filled, the window never judges an older run instead.",
  },
  log: "runs",
  why: `One point is enough: a run fails only when ${PROBE_ATTEMPTS} tries in it fail. Missing data is a failure, because a dead probe must not look like a good one. OK says that the window holds a run, and that it was served. A new alarm waits until the probe has had time for its first runs.`,
  rule: ({ config, metrics }) => ({
    metric: filledMetric(metrics.probe("Failure", "Maximum", 60 * probeWindowMinutes(config)), 1),
    threshold: 1,
    datapointsToAlarm: 1,
    evaluationPeriods: 1,
    treatMissingData: "breaching",
    warmUpMinutes: 2 * config.probeMinutes + 5,
  }),
};

/** The window of the alarm: an interval, and a minute for the run and its line. */
function probeWindowMinutes({ probeMinutes }: StageConfig): number {
  return probeMinutes + 1;
}

/** Seconds of the period in which a try and its retries fall. */
const RETRY_PERIOD = 300;

/** Share of the requests of a period that must have failed, so that ten thousand a day do not alarm on a handful. */
const FAILING_NOW_SHARE = 0.2;
const FAILING_SHARE = 0.1;

const PERIODS_OF_DAY = DAY_SECONDS / RETRY_PERIOD;

/**
 * Up to so many requests a day, one failure makes a period of five minutes a failing one; beyond it chance makes ever
 * fewer periods fail, because a tenth of each is several requests.
 */
const MAX_SPARSE_REQUESTS = PERIODS_OF_DAY / FAILING_SHARE;

/** A day of replies that says something: so many must be degraded, and so large a share. */
const DEGRADED_REPLIES = 5;
const DEGRADED_SHARE = 0.2;

/** Failed requests within five minutes of the clock that raise `failing-now`. */
export function failuresNow(config: StageConfig): number {
  return failuresToAlarm(config.requestsPerDay, RETRY_PERIOD);
}

/** Periods of five minutes with failures within 24 hours that raise `failing-share`. */
function failingPeriods(config: StageConfig): number {
  return failuresToAlarm(Math.min(config.requestsPerDay, MAX_SPARSE_REQUESTS), DAY_SECONDS);
}

/** Requests that fail because of us or the model, seen by what the handler says of them. */
export const FAILURE_ALARMS: readonly AlarmRow[] = [
  {
    key: "failing-now",
    severity: "page",
    profile: "default",
    needs: "custom",
    whatHappened: (config) =>
      `At least ${failuresNow(config)} requests failed within 5 minutes, a fifth or more of all.`,
    userImpact: "Whoever dictates now gets an error instead of a note.",
    firstStep:
      "On the dashboard, read outcome and reason of the last failures; the runbook has a line for each.",
    nextSteps: [
      "`throttled`: Bedrock's rate for this model is used up. Wait a minute; if it stays, look for a Shortcut that loops, then ask for a higher quota.",
      "`quota`: the daily token quota is used up. It comes back at midnight UTC; choose another profile in `BEDROCK_MODEL_ID` meanwhile.",
      "`config`: access denied, unknown or retired model, or no access to the token parameter. Compare `BEDROCK_MODEL_ID` with the profiles of the account (`aws bedrock list-inference-profiles`) and the role's policy.",
      "`timeout`: the model did not answer within the deadline. Check the AWS Health page of Bedrock; shorter `maxTokens` helps at once.",
      "`upstream`: Bedrock answered with an error of its own. Check the AWS Health page; nothing to mend here.",
      "`internal`: a bug. Read the stack trace at that request id, and go back to the previous version (`npm run cli -- rollback`).",
    ],
    log: "failures",
    window: {
      kind: "wallClockUtc",
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
    whatHappened: (config) =>
      `In at least ${failingPeriods(config)} periods of 5 minutes of the last 24 hours a tenth or more of the requests failed.`,
    userImpact: "Dictating works most of the time, and fails too often to be chance.",
    firstStep:
      "Count outcomes and modes of the failures on the dashboard: is it one mode, one hour, one reason?",
    nextSteps: [
      "One mode only: its replies are longer than the deadline or the token limit allows; compare OutputTokens with `maxTokens`.",
      "One hour only: it is over. The alarm returns by itself when the last 24 hours hold too few failures.",
      "Spread evenly: read the steps of failing-now for the commonest outcome.",
    ],
    log: "failures",
    window: {
      kind: "wallClockUtc",
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
    whatHappened: () =>
      `At least ${DEGRADED_REPLIES} replies of a day, a fifth or more, had to be repaired or were sent as plain text.`,
    userImpact: "Notes arrive, but reminders and events may lack their time or land as notes.",
    firstStep: "Look at outcome degraded and its reason in the log: truncated, or not JSON?",
    nextSteps: [
      "Truncated: raise `maxTokens` in the Shortcut for that mode.",
      "Not JSON: the model or its version changed; compare the `model` column before and after.",
    ],
    log: "degraded",
    window: {
      kind: "wallClockLocal",
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

const FIVE_MINUTES = 300;

/** What the caller of the Function URL sees, whatever the function says of itself. */
export const URL_ALARMS: readonly AlarmRow[] = [
  {
    key: "url-5xx",
    severity: "page",
    profile: "full",
    needs: "url",
    whatHappened: (config) =>
      `Within 5 minutes the Function URL answered 5xx to at least ${failuresNow(config)} requests, a fifth or more.`,
    userImpact: "Whoever dictates now gets an error instead of a note.",
    firstStep: "Run the log query: without a failed request in it, the function never ran or was cut off.",
    nextSteps: [
      "Failed requests in the log: the steps of failing-now.",
      "None, and lambda-errors is in ALARM: the steps of lambda-errors.",
      "None at all: the URL or its permission is wrong. Compare both permissions of the alias with the template, and deploy the application again.",
    ],
    log: "failures",
    window: {
      kind: "wallClockUtc",
      why: "An empty or undecided period keeps the state, and failures before a recovery never come back.",
    },
    why: "Seen from outside: it counts also what the handler never saw and what could not be turned into metrics. Same count and share as failing-now, so that 1 % of random failures reach it less than once in ten months. Refused requests (4xx) are neither failure nor proof of recovery; only an answer that went well brings OK.",
    requestsNeeded: failuresNow,
    rule: ({ config, metrics }) => ({
      metric: failingAtUrl(metrics, {
        periodSeconds: FIVE_MINUTES,
        count: failuresNow(config),
        share: FAILING_NOW_SHARE,
      }),
      threshold: 1,
      datapointsToAlarm: 1,
      evaluationPeriods: 1,
      treatMissingData: "ignore",
    }),
  },
];
