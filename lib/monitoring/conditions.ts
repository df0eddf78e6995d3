import { type IMetric, MathExpression, type Metric } from "aws-cdk-lib/aws-cloudwatch";
import { Duration } from "aws-cdk-lib/core";
import { type AgentMetrics, answeredRequests } from "./metrics.ts";

/** Share of requests that may fail at random without an alarm. */
export const HARMLESS_FAILURE_SHARE = 0.01;

/** How many false alarms a rule may raise in 30 days at {@link HARMLESS_FAILURE_SHARE}. */
const FALSE_ALARMS_IN_30_DAYS = 0.1;

/** Hours of the day in which users ask. */
export const WAKING_HOURS = 16;

/** Requests that follow another one within a minute or two: people retry and dictate in bursts. */
const BURST_COMPANIONS = 0.5;

/** Seconds of a minute, five minutes, an hour and a day: periods that wall-clock windows know. */
export const MINUTE_SECONDS = 60;
export const FIVE_MINUTES_SECONDS = 300;
export const HOUR_SECONDS = 3600;
export const DAY_SECONDS = 86_400;

/**
 * The smallest number of failures within a window that bad luck does not reach.
 *
 * Failures at the harmless share, 1 % when not given, start 0.3 x requests-per-day windows in 30 days; each
 * window then holds a Poisson number of further failures. The count is the first one whose expected number of
 * false alarms stays under 0.1 in 30 days.
 */
export function failuresToAlarm(
  requestsPerDay: number,
  windowSeconds: number,
  harmlessShare = HARMLESS_FAILURE_SHARE,
): number {
  const perSecond = requestsPerDay / (WAKING_HOURS * 3600);
  const most = requestsPerDay * Math.max(1, windowSeconds / DAY_SECONDS);
  const others = Math.min(most, perSecond * windowSeconds) + BURST_COMPANIONS;
  const windows = 30 * requestsPerDay * harmlessShare;
  const mean = others * harmlessShare;
  // Logarithms, because e to the minus thousand is 0 in a double.
  let logTerm = -mean;
  let below = Math.exp(logTerm);
  let count = 2;
  while (windows * (1 - below) > FALSE_ALARMS_IN_30_DAYS) {
    logTerm += Math.log(mean / (count - 1));
    below += Math.exp(logTerm);
    count += 1;
  }
  return count;
}

/**
 * The chance that a period holds so many failures and that they are half or more of its requests, where a
 * share of them fails: failed and good ones are Poisson numbers that do not know of each other.
 */
export function mostlyFailingChance(
  requests: number,
  { share, count }: { readonly share: number; readonly count: number },
): number {
  let failed = Math.exp(-requests * share);
  let good = Math.exp(-requests * (1 - share));
  let atMostAsMany = good;
  let chance = 0;
  // Beyond so many failures nothing is left of either.
  for (let number = 1; number <= count + 10 * requests + 20; number += 1) {
    failed *= (requests * share) / number;
    good *= (requests * (1 - share)) / number;
    atMostAsMany += good;
    if (number >= count) chance += failed * atMostAsMany;
  }
  return chance;
}

/**
 * The metric with a filler where it has no point: 0 for alarms to which silence is good news, 1 where it is a
 * failure itself.
 *
 * With it the newest period of a sliding window is never empty, so CloudWatch never judges an older one
 * instead. https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
 */
export function filledMetric(metric: Metric, filler: 0 | 1 = 0): MathExpression {
  return new MathExpression({
    expression: `FILL(counted, ${filler})`,
    usingMetrics: { counted: metric },
    label: metric.metricName,
    period: metric.period,
  });
}

/** When a period counts as failing. */
interface FailingRule {
  readonly periodSeconds: number;
  /** Failures that the period must hold at least. */
  readonly count: number;
  /** Share of the period's requests that must have failed, 0 to 1. */
  readonly share: number;
}

/** What is counted, by metrics of one period. */
interface CountedRequests {
  readonly failed: IMetric;
  /** How many requests went well: an id of `metrics`, or an expression over them. */
  readonly served: string;
  readonly metrics: Readonly<Record<string, IMetric>>;
}

/**
 * 1 when the period holds enough failures, 0 when it holds a success and not enough failures, and no point
 * otherwise.
 *
 * "No point" is what keeps an alarm from an all-clear without evidence: a period that holds the last failure
 * of an outage and nothing else is no news of recovery. Dividing by whether there is news drops exactly these
 * points, as CloudWatch drops a division by zero; nothing else is needed, as a missing point counts as 0
 * beside one that is there:
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
 */
function failingPeriod(
  { periodSeconds, count, share }: FailingRule,
  counted: CountedRequests,
): MathExpression {
  const { failed, served, metrics } = counted;
  const enough = `((failed >= ${count}) AND ((failed * ${round(1 - share)}) >= (${share} * ${served})))`;
  return new MathExpression({
    expression: `${enough} / (${enough} OR (${served} > 0))`,
    usingMetrics: { failed, ...metrics },
    label: "failing",
    period: Duration.seconds(periodSeconds),
  });
}

/** Without the dust of binary fractions: 1 - 0.144 is 0.856. */
function round(share: number): number {
  return Number(share.toPrecision(6));
}

/**
 * Requests that failed, against those that the model answered.
 *
 * Refused requests are neither: a scanner's bad tokens must not thin out the failures, nor pass for a
 * recovery.
 */
export function failingRequests(metrics: AgentMetrics, rule: FailingRule): MathExpression {
  return failingPeriod(rule, {
    failed: metrics.custom("Failure", "Sum", rule.periodSeconds).with({ label: "failed" }),
    served: "served",
    metrics: {
      served: answeredRequests(metrics, rule.periodSeconds).with({ label: "served" }),
    },
  });
}

/** Replies that had to be repaired, against those that were sound. */
export function degradedReplies(metrics: AgentMetrics, rule: FailingRule): MathExpression {
  return failingPeriod(rule, {
    failed: metrics.custom("Degraded", "Sum", rule.periodSeconds).with({ label: "degraded" }),
    served: "(answered - failed)",
    metrics: {
      answered: answeredRequests(metrics, rule.periodSeconds).with({ label: "answered" }),
    },
  });
}

/** Requests that the Function URL answered with 5xx, against those that got neither 5xx nor 4xx. */
export function failingAtUrl(metrics: AgentMetrics, rule: FailingRule): MathExpression {
  const count = (name: "UrlRequestCount" | "Url4xxCount" | "Url5xxCount", label: string): IMetric =>
    metrics.url(name, "Sum", rule.periodSeconds).with({ label });
  return failingPeriod(rule, {
    failed: count("Url5xxCount", "answered with 5xx"),
    served: "(requests - failed - refused)",
    metrics: {
      requests: count("UrlRequestCount", "requests"),
      refused: count("Url4xxCount", "answered with 4xx"),
    },
  });
}
