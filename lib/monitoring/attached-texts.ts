import type { AlarmText } from "./alarm-row.ts";
import { nearTimeoutMs } from "./function-alarms.ts";

/** What a row says of a function that this project did not deploy, where the table speaks of the agent. */
type AttachedText = Pick<AlarmText, "userImpact" | "firstStep" | "nextSteps" | "why"> &
  Partial<Pick<AlarmText, "whatHappened" | "log">>;

/**
 * Texts by the key of a row: of what Lambda says of any function, with queries that read its log in text or
 * JSON.
 */
export const ATTACHED_TEXTS: Readonly<Record<string, AttachedText>> = {
  "lambda-errors": {
    userImpact: "At least one invocation failed. Whether it is tried again depends on what invoked it.",
    firstStep: "Run the log query: Task timed out, Runtime exited, or a stack trace?",
    nextSteps: [
      "`Task timed out`: raise the function's timeout, or find what it waited for.",
      "`Runtime exited` or `signal: killed`: compare Max Memory Used in the REPORT line with the memory that it has.",
      "A stack trace: point the alias at the previous version (`aws lambda update-alias`), then fix it.",
    ],
    why: "One failed invocation is enough: a function that fails for good reason in ordinary operation has no use for this alarm. The metric is 0 for each good invocation: that is the evidence that brings OK, and silence keeps the state.",
    log: "functionErrors",
  },
  duration: {
    whatHappened: (config) =>
      `In two hours in a row an invocation took over ${nearTimeoutMs(config) / 1000} s; Lambda stops it at ${config.timeoutSeconds} s.`,
    userImpact: "Answers come late, or Lambda is about to cut invocations off.",
    firstStep: "Run the log query: do all invocations take longer, or a few?",
    nextSteps: [
      "All: what they wait for is slow (database, other service), or the last deploy made them slower.",
      "A few: large input, or cold starts; the query shows what the first run of an environment took.",
      "Near the timeout by design: raise it, and pass the new value to the monitoring with `-c lambdaTimeout=`.",
    ],
    why: "Maximum, because an average hides the slow one; against the configured timeout, not a fixed number. One slow invocation is no news, hence two hours in a row. An hour of quick ones brings OK.",
    log: "functionSlow",
  },
  throttles: {
    userImpact: "The caller was refused; the function never ran.",
    firstStep:
      'Compare "Concurrent executions, max per day" on the traffic dashboard with the account\'s concurrency quota.',
    nextSteps: [
      "Many invocations: find what invokes it more than usual.",
      "Few: another function of the account uses the quota up; reserve concurrency for this one.",
    ],
    why: "A throttle means that the account's or the function's own concurrency is used up. A throttled request runs nothing, so silence is no recovery: an invocation proves that there is room again.",
    log: "functionErrors",
  },
  "url-5xx": {
    userImpact: "Callers of the URL get an error now.",
    firstStep:
      "Run the log query: without a failure in it, the function never ran, or answered 5xx by itself.",
    nextSteps: [
      "Failures in the log, and lambda-errors is in ALARM: its steps.",
      "None: the function answers 5xx itself; look at what it logs for such a request.",
      "No invocations at all: the URL or its permission is wrong. Compare the permissions of the function (`aws lambda get-policy`) with what a URL needs.",
    ],
    why: "Seen from outside: it counts also what never reached the function.",
    log: "functionErrors",
  },
  "runaway-traffic": {
    whatHappened: (config) =>
      `Far more invocations than ${config.requestsPerDay} a day would bring within one hour.`,
    userImpact: "Nothing fails yet; each invocation costs money.",
    firstStep:
      'In "Invocations per hour" on the traffic dashboard, find when it began; then what invokes the function.',
    nextSteps: [
      "A loop: stop what invokes it, or set its reserved concurrency to 0.",
      "Expected: raise `REQUESTS_PER_DAY`.",
    ],
    why: "Three days' worth of invocations within an hour. No traffic is no runaway, so missing data is fine.",
    log: "functionErrors",
  },
  "unusual-traffic": {
    userImpact: "Nothing fails; something invokes it more than it ever did.",
    firstStep:
      'In "Invocations per hour" on the traffic dashboard, find the hours; then what invokes the function.',
    nextSteps: [
      "A new habit: nothing to do. The band learns it within two weeks; raise `REQUESTS_PER_DAY`.",
      "A loop: the steps of runaway-traffic.",
    ],
    why: "A fixed bound must leave room for the busiest hour; a band that CloudWatch learns from the last weeks knows what is usual at night.",
    log: "functionErrors",
  },
};

/** A row as it reads for a function that this project did not deploy. */
export function attachedRow<Row extends AlarmText>(row: Row): Row {
  return { ...row, ...ATTACHED_TEXTS[row.key] };
}
