import { MathExpression } from "aws-cdk-lib/aws-cloudwatch";
import { Duration } from "aws-cdk-lib/core";
import type { StageConfig } from "../config/stage-config.ts";
import type { AlarmRow } from "./alarm-row.ts";
import { filledMetric } from "./conditions.ts";

const FIVE_MINUTES = 300;
const HOUR = 3600;

/** Share of the configured timeout from which a request counts as nearly stopped by Lambda. */
const NEAR_TIMEOUT = 0.9;

/** Milliseconds from which an invocation counts as nearly stopped. */
export function nearTimeoutMs(config: StageConfig): number {
  return config.timeoutSeconds * 1000 * NEAR_TIMEOUT;
}

/** What Lambda itself says of the function, whether or not the handler could say anything. */
export const FUNCTION_ALARMS: readonly AlarmRow[] = [
  {
    key: "lambda-errors",
    severity: "page",
    profile: "default",
    needs: "lambda",
    whatHappened: () => "Within 5 minutes Lambda saw the function crash, time out or run out of memory.",
    userImpact: "A request got no usable answer, and the handler was stopped before it could say why.",
    firstStep: "Open the log at that minute: Task timed out, Runtime exited, or a stack trace?",
    nextSteps: [
      "`Task timed out`: the deadline in the handler did not hold. Raise `LAMBDA_TIMEOUT` and report it as a bug.",
      "`Runtime exited` or `signal: killed`: compare Max Memory Used in the REPORT line with `LAMBDA_MEMORY`.",
      "A stack trace: point the alias at the previous version (`npm run cli -- rollback` for the agent, `aws lambda update-alias` for any other function), then mend it.",
    ],
    log: "crashes",
    window: {
      kind: "wallClockUtc",
      why: "An empty period keeps the state, and an error before a recovery never comes back.",
    },
    why: "The handler turns every failure that it knows into an answer, so a single error is a bug or a limit. The metric is 0 for each good invocation: that is the evidence that brings OK, and silence keeps the state.",
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
    needs: "lambda",
    whatHappened: (config) =>
      `In two hours in a row a request took over ${nearTimeoutMs(config) / 1000} s; Lambda stops it at ${config.timeoutSeconds} s.`,
    userImpact: "Answers come late or are cut off by the deadline; the Shortcut may give up before.",
    firstStep: "Compare Latency with TimeToFirstToken on the traffic dashboard: slow model, or long replies?",
    nextSteps: [
      "Late first token: the model is busy. Check the AWS Health page of Bedrock.",
      "Long replies: lower `maxTokens` or `thinkingTokens` in the Shortcut, or raise `LAMBDA_TIMEOUT`.",
    ],
    log: "slow",
    window: {
      kind: "wallClockUtc",
      why: "An hour without requests keeps the state. Two of two rather than two of three: then OK always rests on a quick hour after the slow ones.",
    },
    why: "Maximum, because at ten requests a day an average hides the slow one; against the configured timeout, not a fixed number. One slow deepthink is no news, hence two hours in a row; shorter periods seldom meet in sparse traffic. An hour of quick requests brings OK.",
    rule: ({ config, metrics }) => ({
      metric: metrics.lambda("Duration", "Maximum", HOUR),
      threshold: nearTimeoutMs(config),
      datapointsToAlarm: 2,
      evaluationPeriods: 2,
      treatMissingData: "ignore",
    }),
  },
  {
    key: "throttles",
    severity: "page",
    profile: "default",
    needs: "lambda",
    whatHappened: () => "Within 5 minutes Lambda refused a request because no concurrency was left.",
    userImpact: "The caller got 429, and the agent never ran.",
    firstStep: "Compare ConcurrentExecutions on the traffic dashboard with the account's concurrency quota.",
    nextSteps: [
      "Many requests: find the Shortcut that loops, and rotate the token if it is not yours.",
      "Few requests: another function of the account uses the quota up; reserve concurrency for this one.",
    ],
    window: {
      kind: "sliding",
      why: "Judged every minute over the last five; filled, it never judges an older window instead.",
    },
    why: "One person needs one or two environments, so any throttle says that something else uses them up. A throttled request runs nothing, so Lambda may publish no later zero; five minutes without throttles count as good.",
    rule: ({ metrics }) => ({
      metric: filledMetric(metrics.lambda("Throttles", "Sum", FIVE_MINUTES)),
      threshold: 1,
      datapointsToAlarm: 1,
      evaluationPeriods: 1,
      treatMissingData: "notBreaching",
    }),
  },
];

/** Whether the other alarms see anything. */
export const TELEMETRY_ALARMS: readonly AlarmRow[] = [
  {
    key: "metrics-rejected",
    severity: "ticket",
    profile: "full",
    needs: "log",
    whatHappened: () => "Within an hour CloudWatch could not turn a line of the agent's log into metrics.",
    userImpact: "Dictating works; dashboards and alarms may be blind.",
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
    why: "Nobody is told when an EMF line is malformed; only these two counters move. They exist only when lines are rejected, so missing data is fine.",
    rule: ({ metrics }) => ({
      metric: new MathExpression({
        expression: "FILL(parsing, 0) + FILL(validation, 0)",
        usingMetrics: {
          parsing: metrics.logGroup("EMFParsingErrors", "Sum", HOUR),
          validation: metrics.logGroup("EMFValidationErrors", "Sum", HOUR),
        },
        label: "rejected lines",
        period: Duration.seconds(HOUR),
      }),
      threshold: 1,
      datapointsToAlarm: 1,
      evaluationPeriods: 1,
      treatMissingData: "notBreaching",
    }),
  },
];
