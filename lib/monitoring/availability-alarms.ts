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
  FIVE_MINUTES_SECONDS,
  HOUR_SECONDS,
  MINUTE_SECONDS,
  mostlyFailingChance,
  WAKING_HOURS,
} from "./conditions.ts";
import { hasProbe } from "./metrics.ts";

/** Tries of one run of the probe at most. */
export const PROBE_TRIES = PROBE_LIMITS.triesAtMs.length;
const PROBE_SECONDS = Math.round(Math.max(...PROBE_LIMITS.triesAtMs) / 1000);

/** What to do about each way in which a run fails. */
const PROBE_FAILURE_STEPS: Readonly<Record<ProbeFailure, string>> = {
  dns: "the name of the URL has no address. Compare it with the output `FunctionUrl` of the application stack: a URL that was created again has another name, and the Shortcut needs it too. If it is the same, look at the AWS Health page of Lambda.",
  connection:
    "Lambda's endpoint refuses or cuts connections. Look at the AWS Health page; nothing to fix here.",
  tls: "no TLS session. `detail` is Node's code: a certificate's code speaks of the URL's side, so look at the AWS Health page.",
  timeout:
    "`detail` says what was waited for. `answer` means the agent: read its Latency and TimeToFirstToken; another word means the network.",
  url_forbidden:
    "Lambda refuses every request. Both permissions of the URL must be there (`aws lambda get-policy --qualifier live`); deploy the application stack to put them back.",
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
    "`detail` says why. `token_missing` or `token_empty`: make the parameter; the agent will refuse every request once its cache ends. `token_denied`: the probe's role or the key; deploy the monitoring stack. `token_unavailable`: SSM is down, and so is every agent that starts now.",
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
    `The probe asked the agent ${PROBE_TRIES} times within ${PROBE_SECONDS} seconds and got no usable answer, or it has not reported for ${probeWindowMinutes(config)} minutes.`,
  userImpact:
    "Users most likely get no answer now; if the probe is dead, nobody would notice an outage at night.",
  firstStep:
    "Run the log query: the runbook has a line for each failureClass. The on-call dashboard lists the last failed runs too.",
  nextSteps: [
    "No failed run there: the probe does not run, or cannot publish (`unpublished` on its lines). Look for its function's errors and whether both of its schedules are enabled; then deploy the monitoring stack.",
    "Runs that ask `health` succeed and those that ask the `model` fail: the agent is well and the model is not.",
    '`mode` on the failed runs: they asked in the full form of that mode, which goes on until it is answered. Ask that mode and another one (`npm run cli -- ask "ok" --mode note`): if the other is answered, this mode alone fails, so look at what was deployed or changed for it (its rules in the prompt, a guardrail, the reply\'s schema).',
    ...PROBE_FAILURES.map((failure) => `\`${failure}\`: ${PROBE_FAILURE_STEPS[failure]}`),
  ],
  window: {
    kind: "heartbeat",
    why: "A failed run's own point raises the alarm at the next look, however long the window is. The window is longer than two questions to the model, so one run that Scheduler leaves out is neither a dead probe nor a recovery, and points that come minutes late change nothing.",
  },
  log: "runs",
  why: `One failed run is enough: it fails only when ${PROBE_TRIES} tries over ${PROBE_SECONDS} seconds all fail, so a shorter interruption pages nobody. The value is the share of the tries that failed, and only 1 breaches. It is published by PutMetricData and there within seconds, where a line of the log may take minutes. Missing data is a failure, because a dead probe must not look like a good one. OK says that every run of the window was answered. A new alarm waits until the probe has had time for its first runs.`,
  rule: ({ config, metrics }) => ({
    metric: filledMetric(metrics.probe("Failure", "Maximum", 60 * probeWindowMinutes(config)), 1),
    threshold: 1,
    datapointsToAlarm: 1,
    evaluationPeriods: 1,
    treatMissingData: "breaching",
    warmUpMinutes: probeWindowMinutes(config) + 4,
  }),
};

/**
 * The window of the alarm: two questions to the model, and the time in which a run begins and is heard of.
 */
function probeWindowMinutes({ probeMinutes }: StageConfig): number {
  return Math.max(9, 2 * probeMinutes + 3);
}

/**
 * Failed tries that make an hour a failing one: 1 % of failing tries makes one hour in twenty such, a tenth
 * of the model's answers failing three in five.
 */
const INTERMITTENT_TRIES = 3;

/**
 * Failing hours of the last 24 that 1 % of failing tries and five interruptions a day of 20 seconds each do
 * not reach.
 */
const INTERMITTENT_HOURS_TO_ALARM = 9;
const INTERMITTENT_HOURS = 24;

/**
 * Notifies when the probe's tries fail now and then, which a few requests a day would show only after days.
 */
export const INTERMITTENT_FAILURES: AlarmRow = {
  key: "intermittent-failures",
  severity: "ticket",
  profile: "default",
  needs: "probe",
  notifiedBy: "failing-often",
  whatHappened: () =>
    `In ${INTERMITTENT_HOURS_TO_ALARM} of the last ${INTERMITTENT_HOURS} hours at least ${INTERMITTENT_TRIES} tries of the probe failed.`,
  userImpact: "Some requests fail, more than chance explains; trying again mostly helps.",
  firstStep:
    "In the probe's log, count the failed tries by failure class, and compare the runs that ask the model with those that ask health.",
  nextSteps: [
    "Runs that ask the model alone: Bedrock throttles or fails now and then; read outcome and reason, and take the step of failing-now for it.",
    "Both: Lambda, its concurrency or the network; take the step of probe-failing for the commonest failure class.",
    "Since a deploy: go back to the previous version (`npm run cli -- rollback`).",
  ],
  log: "tries",
  window: {
    kind: "wallClockUtc",
    why: "Periods are judged as they complete. Where the probe is silent there is nothing to judge, and probe-failing says so.",
  },
  why: "With a few requests a day a tenth of them failing shows only after days; the probe asks the agent every minute and the model every few, and its first try is a sample of what users meet. At 1 % of failing tries about one hour of a day holds three; a tenth of the questions to the model failing makes fourteen, and three in ten nearly all, so many more that the alarm does not come and go. Whole hours, because what one hour brings then outweighs what the one of yesterday takes away.",
  rule: ({ metrics }) => ({
    metric: metrics.probe("Failure", "Sum", HOUR_SECONDS),
    // A run's value is the share of its tries that failed; half a try less, because the shares are rounded.
    threshold: Number(((INTERMITTENT_TRIES - 0.5) / PROBE_TRIES).toFixed(2)),
    datapointsToAlarm: INTERMITTENT_HOURS_TO_ALARM,
    evaluationPeriods: INTERMITTENT_HOURS,
    treatMissingData: "ignore",
  }),
};

/**
 * Share of the requests of a period that must have failed: an outage, and no partial fault of many requests.
 */
const FAILING_NOW_SHARE = 0.5;
const FAILING_SHARE = 0.1;

/**
 * Share of a day's requests that must have failed where they are many: a few percent are for the burn-rate
 * alarms.
 */
const FAILING_SHARE_OF_DAY = 0.05;

const MINUTES_OF_DAY = DAY_SECONDS / MINUTE_SECONDS;

/**
 * Up to so many requests a day, one failure makes a minute a failing one; beyond it chance makes ever fewer
 * minutes fail, because a tenth of each is several requests.
 */
const MAX_SPARSE_REQUESTS = MINUTES_OF_DAY / FAILING_SHARE;

/**
 * A day of replies that says something: so large a share of a usual day's must be degraded, and of those that
 * came.
 */
const DEGRADED_SHARE = 0.2;

/** Degraded replies of a day that raise `degraded-replies`, at least five. */
function degradedToAlarm({ requestsPerDay }: StageConfig): number {
  return Math.max(5, Math.ceil(DEGRADED_SHARE * requestsPerDay));
}

/**
 * A partial fault in which three of ten requests fail, and how often it may look like an outage within two
 * days.
 */
const PARTIAL_FAULT = { share: 0.3, retries: 0.7, days: 2, episodes: 0.5 } as const;

/**
 * Failed requests within five minutes of the clock that raise `failing-now`: more than bad luck makes, and
 * more than meet in a row or in a busy five minutes where three of ten requests fail.
 */
export function failuresNow({ requestsPerDay }: StageConfig): number {
  const { share, retries, days, episodes } = PARTIAL_FAULT;
  const periods = (days * WAKING_HOURS * HOUR_SECONDS) / FIVE_MINUTES_SECONDS;
  let count = failuresToAlarm(requestsPerDay, FIVE_MINUTES_SECONDS);
  const inARow = (): number => requestsPerDay * days * share * (share * retries) ** (count - 1);
  const byChance = (): number =>
    periods * mostlyFailingChance(busyRequests(requestsPerDay), { share, count });
  while (inARow() + byChance() > episodes) count += 1;
  return count;
}

/** The busiest hours hold half as many requests again as the mean of the day. */
const BUSY_HOURS = 1.5;

/** Requests of five minutes in busy hours, with the tries that follow where three of ten fail. */
function busyRequests(requestsPerDay: number): number {
  const { share, retries } = PARTIAL_FAULT;
  const mean = (requestsPerDay * FIVE_MINUTES_SECONDS) / (WAKING_HOURS * HOUR_SECONDS);
  return (mean * BUSY_HOURS) / (1 - share * retries);
}

/** Minutes with failures within 24 hours that raise `failing-share`. */
function failingMinutes(config: StageConfig): number {
  const requestsPerDay = Math.min(config.requestsPerDay, MAX_SPARSE_REQUESTS);
  const ofMany = Math.ceil(FAILING_SHARE_OF_DAY * requestsPerDay);
  return Math.max(failuresToAlarm(requestsPerDay, DAY_SECONDS), ofMany);
}

/** Requests that fail because of us or the model, seen by what the handler says of them. */
export const FAILURE_ALARMS: readonly AlarmRow[] = [
  {
    key: "failing-now",
    severity: "page",
    profile: "default",
    needs: "custom",
    whatHappened: (config) =>
      `At least ${failuresNow(config)} requests failed within 5 minutes, half or more of all.`,
    userImpact: "Users get an error instead of a note now.",
    firstStep:
      'On the on-call dashboard, read outcome and reason in "Last refused and failed requests"; the runbook has a line for each.',
    nextSteps: [
      "`throttled`: Bedrock's rate for this model is used up. Wait a minute; if it stays, look for a Shortcut that loops, then ask for a higher quota.",
      "`quota`: the daily token quota is used up. It comes back at midnight UTC; choose another profile in `BEDROCK_MODEL_ID` meanwhile.",
      "`config`: access denied, unknown or retired model, or no access to the token parameter. Compare `BEDROCK_MODEL_ID` with the profiles of the account (`aws bedrock list-inference-profiles`) and the role's policy.",
      "`timeout`: the model did not answer within the deadline. Check the AWS Health page of Bedrock; a lower `maxTokens` helps at once.",
      "`upstream`: Bedrock answered with an error of its own. Check the AWS Health page; nothing to fix here.",
      "`internal`: a bug. `npm run -s cli -- stack` makes the log's line of that request id name file and line of the source; go back to the previous version (`npm run cli -- rollback`).",
    ],
    log: "failures",
    window: {
      kind: "wallClockUtc",
      why: "An empty or undecided period keeps the state, and failures before a recovery never come back. Tries may lie on both sides of a five-minute mark; the next one decides. Two periods, so that one good answer between failures is no all-clear.",
    },
    why: "Five minutes hold one user's try and retries; the count is more than 1 % of random failures reach in ten months, and more than a user meets in a row where three of ten requests fail: that is for failing-share. A period that holds too few failures and no answer of the model gives no point, so silence keeps the state and only an answer to a user brings OK; a refused request is neither failure nor success, and the probe is not counted. An outage is found by the probe first; this alarm finds what the probe does not meet.",
    requestsNeeded: failuresNow,
    rule: ({ config, metrics }) => ({
      metric: failingRequests(metrics, {
        periodSeconds: FIVE_MINUTES_SECONDS,
        count: failuresNow(config),
        share: FAILING_NOW_SHARE,
      }),
      threshold: 1,
      datapointsToAlarm: 1,
      evaluationPeriods: 2,
      treatMissingData: "ignore",
    }),
  },
  {
    key: "failing-share",
    severity: "ticket",
    profile: "default",
    needs: "custom",
    notifiedBy: "failing-often",
    whatHappened: (config) =>
      `In at least ${failingMinutes(config)} minutes of the last 24 hours a tenth or more of the requests failed.`,
    userImpact: "Most requests are answered; more fail than chance explains.",
    firstStep:
      'On the on-call dashboard, count outcomes and modes in "Last refused and failed requests": one mode, one hour, one reason?',
    nextSteps: [
      "One mode only: its replies are longer than the deadline or the token limit allows; compare OutputTokens with `maxTokens`.",
      "One hour only: it is over. The alarm returns by itself when the last 24 hours hold too few failures.",
      "Spread evenly: read the steps of failing-now for the commonest outcome.",
    ],
    log: "failures",
    window: {
      kind: "wallClockUtc",
      why: "A whole day of the clock would be judged at midnight only. Minutes, counted over 24 hours, are judged as they complete, and a day without requests keeps the state.",
    },
    why: "Failures that come one at a time never meet in five minutes, so failing minutes are counted over 24 hours. A user who gets no answer tries again, mostly a minute later, and each try that fails counts. The count is more than 1 % of random failures reach in ten months; where requests are many, it is a twentieth of them, so that two in a hundred notify nobody. It reads users' requests alone, so it also finds what the probe's question does not meet: one mode, long texts. OK says that the last 24 hours hold a minute with an answer and too few with failures; whether it fails at this moment is for failing-now to say.",
    requestsNeeded: failingMinutes,
    rule: ({ config, metrics }) => ({
      metric: metrics.custom("Failure", "Average", MINUTE_SECONDS),
      threshold: FAILING_SHARE,
      datapointsToAlarm: failingMinutes(config),
      evaluationPeriods: MINUTES_OF_DAY,
      treatMissingData: "ignore",
    }),
  },
  {
    key: "degraded-replies",
    severity: "ticket",
    profile: "full",
    needs: "custom",
    whatHappened: (config) =>
      `At least ${degradedToAlarm(config)} replies of a day, a fifth or more, had to be repaired or were sent as plain text.`,
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
    requestsNeeded: degradedToAlarm,
    rule: ({ config, metrics }) => ({
      metric: degradedReplies(metrics, {
        periodSeconds: DAY_SECONDS,
        count: degradedToAlarm(config),
        share: DEGRADED_SHARE,
      }),
      threshold: 1,
      datapointsToAlarm: 1,
      evaluationPeriods: 1,
      treatMissingData: "ignore",
    }),
  },
];

/** What the caller of the Function URL sees, whatever the function says of itself. */
export const URL_ALARMS: readonly AlarmRow[] = [
  {
    key: "url-5xx",
    severity: "page",
    profile: "full",
    needs: "url",
    exists: (config) => !hasProbe(config),
    whatHappened: (config) =>
      `Within 5 minutes the Function URL answered 5xx to at least ${failuresNow(config)} requests, half or more.`,
    userImpact: "Users get an error instead of a note now.",
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
    why: "Seen from outside: it counts also what the handler never saw and what could not be turned into metrics. Same count and share as failing-now. Only where no probe asks: Lambda counts the probe's requests among the others, so its failures would raise this alarm and its answers would end it; there the probe itself sees from outside. Refused requests (4xx) are neither failure nor proof of recovery; only an answer that went well brings OK.",
    requestsNeeded: failuresNow,
    rule: ({ config, metrics }) => ({
      metric: failingAtUrl(metrics, {
        periodSeconds: FIVE_MINUTES_SECONDS,
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
