import { MathExpression } from "aws-cdk-lib/aws-cloudwatch";
import { Duration } from "aws-cdk-lib/core";
import type { StageConfig } from "../config/stage-config.ts";
import type { AlarmRow, AlarmRule } from "./alarm-row.ts";
import { DAY_SECONDS, FIVE_MINUTES_SECONDS, HOUR_SECONDS } from "./conditions.ts";
import { QUICKEST_ANSWER_MS } from "../../lambda/contract/usual-traffic.ts";
import { type AgentMetrics, hasProbe, latencySloMs } from "./metrics.ts";

/** Share of the latency objective that the average of an hour must reach to count as slow. */
const SLOW_AVERAGE = 0.9;

/** Milliseconds from which the average answer of an hour counts as slow. */
export function slowAverageMs(config: StageConfig): number {
  return Math.round(latencySloMs(config) * SLOW_AVERAGE);
}

/**
 * Share of the configured timeout from which an invocation of any function counts as nearly stopped by
 * Lambda.
 */
const NEAR_TIMEOUT = 0.9;

/** Milliseconds from which an invocation counts as nearly stopped. */
export function nearTimeoutMs(config: StageConfig): number {
  return config.timeoutSeconds * 1000 * NEAR_TIMEOUT;
}

const HOURS_OF_DAY = 24;
const SLOW_HOURS = 4;

const PERIODS_OF_DAY = DAY_SECONDS / FIVE_MINUTES_SECONDS;

/** What Lambda itself says of the function, whether or not the handler could say anything. */
export const FUNCTION_ALARMS: readonly AlarmRow[] = [
  {
    key: "lambda-errors",
    severity: "ticket",
    profile: "default",
    needs: "lambda",
    withoutProbe: { severity: "page" },
    whatHappened: (config) =>
      hasProbe(config)
        ? "Within the last 24 hours Lambda saw the function crash, time out or run out of memory."
        : "Within 5 minutes Lambda saw the function crash, time out or run out of memory.",
    userImpact: "A request got no usable answer, and the handler was stopped before it could say why.",
    firstStep: "Open the log query: Task timed out, Runtime exited, or a stack trace, and since when?",
    nextSteps: [
      "`Task timed out`: the deadline in the handler did not hold. Raise `LAMBDA_TIMEOUT` and report it as a bug.",
      "`Runtime exited` or `signal: killed`: compare Max Memory Used in the REPORT line with `LAMBDA_MEMORY`.",
      "A stack trace: `npm run -s cli -- stack` makes it name file and line of the source. Point the alias at the previous version (`npm run cli -- rollback` for the agent, `aws lambda update-alias` for any other function), then fix it.",
    ],
    log: "crashes",
    window: {
      kind: "wallClockUtc",
      why: "An empty period keeps the state, and an error before a recovery never comes back. Where a probe asks, its good answers every minute would end the alarm while users' requests still crash; so it ends only when a whole day holds no crash.",
    },
    why: "The handler turns every failure that it knows into an answer, so a single error is a bug or a limit. Where a probe asks, it pages for an outage, and one crash is work for the day: a ticket. Where none asks, this alarm pages, and the metric, 0 for each good invocation of a user, is the evidence that brings OK.",
    rule: ({ config, metrics }) => ({
      metric: metrics.lambda("Errors", "Sum", FIVE_MINUTES_SECONDS),
      threshold: 1,
      datapointsToAlarm: 1,
      evaluationPeriods: hasProbe(config) ? PERIODS_OF_DAY : 1,
      treatMissingData: "ignore",
    }),
  },
  {
    key: "duration",
    severity: "ticket",
    profile: "default",
    needs: "lambda",
    whatHappened: (config) =>
      `In ${SLOW_HOURS} of the last ${HOURS_OF_DAY} hours the average answer took ${slowAverageMs(config) / 1000} s or more.`,
    userImpact: "Answers come late or are cut off by the deadline; the Shortcut may give up before.",
    firstStep:
      'On the traffic dashboard, compare "Latency of answered requests, per hour" with "Time to the model\'s first token, per hour": slow model, or long replies?',
    dashboard: "traffic",
    nextSteps: [
      "Late first token: the model is busy. Check the AWS Health page of Bedrock.",
      "Long replies: lower `maxTokens` or `thinkingTokens` in the Shortcut, or raise `LAMBDA_TIMEOUT`.",
      "As intended, with long thinking: raise `LATENCY_SLO_MS`.",
    ],
    log: "slow",
    window: {
      kind: "wallClockUtc",
      why: "An hour without an answer keeps the state, and slow hours before a recovery never come back.",
    },
    why: "The latency of requests that the model answered: a refusal or a failure is no fast answer, and the probe's are not among them. An hour's average, because a quick and a slow mode mix; four of a day's hours, because one long thought makes one slow hour and not four. OK takes a day with fewer slow hours. An objective that not even the quickest mode keeps is refused.",
    usual: {
      value: ({ functionArn }) => (functionArn ? undefined : QUICKEST_ANSWER_MS),
      unit: "ms",
      from: () => "the quickest mode",
      remedy: (config) =>
        `state LATENCY_SLO_MS ${Math.ceil((2 * QUICKEST_ANSWER_MS) / SLOW_AVERAGE)} or more (it is ${latencySloMs(config)})`,
    },
    rule: ({ config, metrics }) =>
      config.functionArn ? slowInvocations(config, metrics) : slowAnswers(config, metrics),
  },
  {
    key: "throttles",
    severity: "ticket",
    profile: "full",
    needs: "lambda",
    withoutProbe: { severity: "page", profile: "default" },
    whatHappened: () => "Within 15 minutes Lambda refused a request because no concurrency was left.",
    userImpact: "The caller got 429, and the agent never ran.",
    firstStep:
      'Compare "Concurrent executions, max per day" on the traffic dashboard with the account\'s concurrency quota.',
    dashboard: "traffic",
    nextSteps: [
      "Many requests: find the Shortcut that loops, and rotate the token if it is not yours.",
      "Few requests: another function of the account uses the quota up; reserve concurrency for this one.",
    ],
    window: {
      kind: "wallClockUtc",
      why: "A period without throttles and without invocations is no news and keeps the state; three periods, so that one request that found room is no all-clear.",
    },
    why: "One user needs one or two environments, so any throttle says that something else uses them up. Where a probe asks, it pages, and this alarm names the cause. A throttled request runs nothing, so silence is no recovery: an invocation, whoever asks, proves that there is room again.",
    rule: ({ metrics }) => ({
      metric: throttledPeriod(metrics),
      threshold: 1,
      datapointsToAlarm: 1,
      evaluationPeriods: 3,
      treatMissingData: "ignore",
    }),
  },
];

function slowAnswers(config: StageConfig, metrics: AgentMetrics): AlarmRule {
  return {
    metric: metrics.custom("Latency", "Average", HOUR_SECONDS),
    threshold: slowAverageMs(config),
    datapointsToAlarm: SLOW_HOURS,
    evaluationPeriods: HOURS_OF_DAY,
    treatMissingData: "ignore",
  };
}

/**
 * Of somebody else's function nobody knows what is slow: only its timeout is known, and two hours in a row
 * are no exception.
 */
function slowInvocations(config: StageConfig, metrics: AgentMetrics): AlarmRule {
  return {
    metric: metrics.lambda("Duration", "Maximum", HOUR_SECONDS),
    threshold: nearTimeoutMs(config),
    datapointsToAlarm: 2,
    evaluationPeriods: 2,
    treatMissingData: "ignore",
  };
}

/** 1 when a period holds a throttle, 0 when it holds invocations alone, and no point otherwise. */
function throttledPeriod(metrics: AgentMetrics): MathExpression {
  return new MathExpression({
    expression: "(throttled >= 1) / ((throttled >= 1) OR (ran > 0))",
    usingMetrics: {
      throttled: metrics.lambda("Throttles", "Sum", FIVE_MINUTES_SECONDS),
      ran: metrics.lambda("Invocations", "Sum", FIVE_MINUTES_SECONDS),
    },
    label: "throttled",
    period: Duration.seconds(FIVE_MINUTES_SECONDS),
  });
}

/** Whether the other alarms see anything. */
export const TELEMETRY_ALARMS: readonly AlarmRow[] = [
  {
    key: "metrics-rejected",
    severity: "ticket",
    profile: "full",
    needs: "log",
    whatHappened: () => "Within an hour CloudWatch could not turn a line of the agent's log into metrics.",
    userImpact: "Requests are answered; dashboards and alarms may be blind.",
    firstStep: "Find the last deploy of the application: which metric or dimension did it change?",
    nextSteps: [
      "EMFParsingErrors: the line is no sound EMF. Look for a value that is no number, or a text before the line.",
      "EMFValidationErrors: a name, unit or dimension breaks CloudWatch's rules.",
      "Go back to the previous version (`npm run cli -- rollback`), and report the line as a bug.",
    ],
    window: {
      kind: "sliding",
      why: "A line may be rejected at any minute of an hour; filled, it never judges an older hour instead.",
    },
    why: "CloudWatch notifies nobody when an EMF line is malformed; only these two counters move. They exist only when lines are rejected, so missing data is fine.",
    rule: ({ metrics }) => ({
      metric: new MathExpression({
        expression: "FILL(parsing, 0) + FILL(validation, 0)",
        usingMetrics: {
          parsing: metrics.logGroup("EMFParsingErrors", "Sum", HOUR_SECONDS),
          validation: metrics.logGroup("EMFValidationErrors", "Sum", HOUR_SECONDS),
        },
        label: "rejected lines",
        period: Duration.seconds(HOUR_SECONDS),
      }),
      threshold: 1,
      datapointsToAlarm: 1,
      evaluationPeriods: 1,
      treatMissingData: "notBreaching",
    }),
  },
];
