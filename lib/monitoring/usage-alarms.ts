import type { Metric } from "aws-cdk-lib/aws-cloudwatch";
import { MODEL_ROWS } from "../../lambda/contract/model-row.ts";
import { usualRequestUsd } from "../../lambda/contract/usual-traffic.ts";
import type { StageConfig } from "../config/stage-config.ts";
import type { AlarmInputs, AlarmRow, UsualValue } from "./alarm-row.ts";
import { DAY_SECONDS, filledMetric, HOUR_SECONDS } from "./conditions.ts";
import { estimatedCharges } from "./metrics.ts";

/** Days of a month of any length, rounded down: what is refused is refused in February too. */
const DAYS_OF_MONTH = 28;

/**
 * What the model costs on a day of usual requests; missing where its price is not known, or nothing of ours
 * asks it.
 */
function usualDayUsd({ requestsPerDay, model, functionArn }: StageConfig): number | undefined {
  const row = MODEL_ROWS[model.foundationModelId];
  if (row === undefined || functionArn !== undefined) return undefined;
  return requestsPerDay * usualRequestUsd(row, model.id.startsWith("global.") ? 1 : row.geographicFactor);
}

/** Refused requests within an hour that raise `refused-requests`: a quarter of a day's, at least five. */
function refusedRequestsThreshold(config: StageConfig): number {
  return Math.max(5, Math.ceil(config.requestsPerDay / 4));
}

/**
 * What the model costs in so many days of usual requests, and the limit that leaves room for a day of twice
 * as many.
 */
function usualSpend(days: number, setting: "DAILY_SPEND_USD" | "MONTHLY_BUDGET_USD"): UsualValue {
  const spend = (config: StageConfig): number | undefined => {
    const day = usualDayUsd(config);
    return day === undefined ? undefined : day * days;
  };
  return {
    value: spend,
    unit: "USD",
    from: ({ requestsPerDay }) => `REQUESTS_PER_DAY ${requestsPerDay}`,
    remedy: (config) => `state ${setting} ${Math.ceil(2 * (spend(config) ?? 0))}, or fewer requests`,
  };
}

/** How the agent is used: by whom, and for how much. */
export const USE_ALARMS: readonly AlarmRow[] = [
  {
    key: "refused-requests",
    severity: "ticket",
    profile: "default",
    needs: "custom",
    whatHappened: (config) =>
      `At least ${refusedRequestsThreshold(config)} requests within an hour were refused because of their token or their fields.`,
    userImpact: "A Shortcut with an old token gets nothing done, or somebody is guessing.",
    firstStep:
      "Open the log query: one client with token_expired, clients with token_wrong, or the name of a field?",
    nextSteps: [
      "`token_expired`: that client sends the token that the last rotation replaced; put the current one into that Shortcut.",
      "`token_wrong` or `token_absent` from one client: a Shortcut with a token that is mistyped, revoked or older still; put the current one into it.",
      "`token_wrong` or `token_absent` from many: a scanner. Nothing got through; change the token if you doubt it.",
      "Any other reason names the field that the Shortcut sends wrongly, `method` or `path`, or is Bedrock's word for an input that it refuses.",
    ],
    log: "refused",
    window: {
      kind: "sliding",
      why: "A clock hour would cut a burst in two; filled, it never judges an older hour instead.",
    },
    why: "Only requests with a token are counted: scanners find every public address and call without one. A quarter of a day's requests refused within an hour is more than mistyping. A window without refusals is good news, so missing data is fine.",
    requestsNeeded: refusedRequestsThreshold,
    rule: ({ config, metrics }) => ({
      metric: filledMetric(metrics.custom("Rejected", "Sum", HOUR_SECONDS)),
      threshold: refusedRequestsThreshold(config),
      datapointsToAlarm: 1,
      evaluationPeriods: 1,
      treatMissingData: "notBreaching",
    }),
  },
  {
    key: "spend-today",
    severity: "ticket",
    profile: "default",
    needs: "custom",
    whatHappened: (config) => `The model cost ${config.dailySpendUsd} USD or more within 24 hours.`,
    userImpact:
      "The bill grows faster than you allowed. Requests are answered; where the stage has a spend breaker, it blocks them until midnight.",
    firstStep:
      'On the cost dashboard, compare "Tokens per day" with "Tokens and cost by mode": more requests, longer replies, or thinking tokens?',
    dashboard: "cost",
    nextSteps: [
      "More requests: see runaway traffic; a Shortcut may loop.",
      "Longer replies or thinking: lower `maxTokens` or `thinkingTokens` in the Shortcut.",
      "As intended: raise `DAILY_SPEND_USD` and deploy the monitoring stack.",
      "Blocked, and you need it now: `npm run cli -- breaker close` lets requests pass until midnight, whatever they cost (docs/spend-breaker.md).",
    ],
    log: "spend",
    window: {
      kind: "sliding",
      why: "A clock day would be judged at midnight only; filled, it never judges an older day instead.",
    },
    why: "AWS/Billing lags by hours, so the handler's own CostUsd is summed over 24 hours. No request costs nothing, so missing data is fine. A limit that usual requests reach on any day is refused.",
    usual: usualSpend(1, "DAILY_SPEND_USD"),
    rule: ({ config, metrics }) => ({
      metric: filledMetric(metrics.custom("CostUsd", "Sum", DAY_SECONDS)),
      threshold: config.dailySpendUsd,
      datapointsToAlarm: 1,
      evaluationPeriods: 1,
      treatMissingData: "notBreaching",
    }),
  },
];

/** Days of requests that no user sends within an hour. */
const DAYS_IN_AN_HOUR = 3;

/** Requests within an hour that raise `runaway-traffic`. */
function runawayThreshold(config: StageConfig): number {
  return DAYS_IN_AN_HOUR * config.requestsPerDay;
}

/** Requests of users within an hour: Lambda would count the probe's too, and those of strangers. */
function requestsPerHour({ metrics, sources }: AlarmInputs): Metric {
  return sources?.has("custom") === false
    ? metrics.lambda("Invocations", "Sum", HOUR_SECONDS)
    : metrics.custom("Failure", "SampleCount", HOUR_SECONDS);
}

/** Standard deviations above what is usual, and for how many hours of how many. */
const BAND = { deviations: 6, hours: 2, of: 3 } as const;

/** Two days, the longest warm-up: a band that has seen a night alone takes the morning for unusual. */
const LEARNING_MINUTES = 2880;

/** How much is asked, whoever asks. */
export const TRAFFIC_ALARMS: readonly AlarmRow[] = [
  {
    key: "runaway-traffic",
    severity: "ticket",
    profile: "full",
    needs: "lambda",
    whatHappened: (config) =>
      `At least ${runawayThreshold(config)} requests reached the function within one hour.`,
    userImpact: "Nothing fails yet; each request costs money, and the model's quota is near.",
    firstStep: "In the log query, find the minute and the client: a Shortcut that loops, or a stranger?",
    dashboard: "traffic",
    nextSteps: ["A loop: stop that automation.", "A stranger: change the token."],
    log: "traffic",
    window: {
      kind: "sliding",
      why: "A loop may begin at any minute of an hour; filled, it never judges an older hour instead.",
    },
    why: "Three days' worth of requests within an hour is no user. Requests with a token are counted, so neither the probe nor a stranger is among them. No traffic is no runaway, so missing data is fine.",
    rule: (inputs) => ({
      metric: filledMetric(requestsPerHour(inputs)),
      threshold: runawayThreshold(inputs.config),
      datapointsToAlarm: 1,
      evaluationPeriods: 1,
      treatMissingData: "notBreaching",
    }),
  },
  {
    key: "unusual-traffic",
    severity: "ticket",
    profile: "full",
    needs: "lambda",
    whatHappened: () =>
      `In ${BAND.hours} of ${BAND.of} hours far more requests came than are usual at that time.`,
    userImpact: "Nothing fails; somebody or something asks more than it ever did.",
    firstStep: "In the log query, find the hours and the client: a new habit, a loop, or a stranger?",
    dashboard: "traffic",
    nextSteps: [
      "A new habit: nothing to do. The band learns it within two weeks; raise `REQUESTS_PER_DAY`.",
      "A loop or a stranger: the steps of runaway-traffic.",
    ],
    log: "traffic",
    window: {
      kind: "wallClockUtc",
      why: "CloudWatch learns by hours of the clock; an hour without requests keeps the state.",
    },
    why: "A fixed bound must leave room for the busiest hour; a band that CloudWatch learns from the last weeks knows what is usual at night. Six deviations in two of three hours, as a day of few requests varies widely by itself; it judges nothing in its first two days. Only upwards: an hour without requests has no point to be too low, and the probe watches for silence. The local runtime's band is the mean and the deviation of two weeks, a stand-in for CloudWatch's model.",
    rule: (inputs) => ({
      metric: requestsPerHour(inputs),
      threshold: { deviations: BAND.deviations },
      datapointsToAlarm: BAND.hours,
      evaluationPeriods: BAND.of,
      treatMissingData: "ignore",
      warmUpMinutes: LEARNING_MINUTES,
    }),
  },
];

/** A figure may arrive many hours after the time that it is stamped with. */
const HOURS_LOOKED_BACK = 24;

/** The one alarm of the billing stack. */
export const CHARGES_ALARM = {
  key: "estimated-charges",
  severity: "ticket",
  profile: "default",
  needs: "billing",
  whatHappened: (config: StageConfig) =>
    `AWS estimates that this month has cost ${config.monthlyBudgetUsd} USD or more so far.`,
  userImpact: "Nothing is broken; the whole account, not only this agent, costs more than you allowed.",
  firstStep: "Open the bill and sort it by service: which one grew?",
  nextSteps: [
    "Amazon Bedrock: open the cost dashboard of each stage; spend-today says which day.",
    "CloudWatch: `MONITORING_PROFILE=full`, further dashboards or log volume.",
    "Anything else: not this project; follow that service.",
    "As intended: raise `MONTHLY_BUDGET_USD` and deploy the billing stack.",
  ],
  window: {
    kind: "wallClockUtc",
    why: "Hours without a figure are skipped, and with a month's last figure gone from the 24 hours it never comes back.",
  },
  why: "The figure rises through the month and is computed every few hours, often stamped hours ago; so any figure of the last 24 hours counts, and while there is none the state stays. The next month's figures bring OK within a day.",
  usual: usualSpend(DAYS_OF_MONTH, "MONTHLY_BUDGET_USD"),
  rule: ({ config }: Pick<AlarmInputs, "config">) => ({
    metric: estimatedCharges(HOUR_SECONDS),
    threshold: config.monthlyBudgetUsd,
    datapointsToAlarm: 1,
    evaluationPeriods: HOURS_LOOKED_BACK,
    treatMissingData: "ignore",
  }),
} satisfies AlarmRow<Pick<AlarmInputs, "config">>;
