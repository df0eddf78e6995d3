import { Duration } from "aws-cdk-lib/core";
import { MathExpression, type IMetric } from "aws-cdk-lib/aws-cloudwatch";
import type { AgentMetrics } from "../metrics/agent-metrics.ts";

/** When a period counts as failing. */
export interface FailingRule {
  readonly periodSeconds: number;
  /** Failures that the period must hold at least. */
  readonly count: number;
  /** Share of the period's requests that must have failed, 0 to 1. */
  readonly share: number;
}

/** What is counted, by metrics of one period. */
interface Counted {
  readonly failed: IMetric;
  /** How many requests went well: an id of `metrics`, or an expression over them. */
  readonly served: string;
  readonly metrics: Readonly<Record<string, IMetric>>;
}

/**
 * 1 when the period holds enough failures, 0 when it holds a success and not enough failures, and no point otherwise.
 *
 * "No point" is what keeps an alarm from an all-clear without evidence: a period that holds the last failure of an
 * outage and nothing else is no news of recovery. Dividing by the number of successes drops exactly these points, as
 * CloudWatch drops a division by zero:
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
 */
function failing({ periodSeconds, count, share }: FailingRule, counted: Counted): MathExpression {
  const { failed, served, metrics } = counted;
  const enough = `(failed >= ${count}) AND ((failed / (failed + ${served})) >= ${share})`;
  return new MathExpression({
    expression: `IF(${enough}, 1, 0 / ${served})`,
    usingMetrics: { failed, ...metrics },
    label: "failing",
    period: Duration.seconds(periodSeconds),
  });
}

/**
 * Requests that failed, against those that the model answered.
 *
 * Refused requests are neither: a scanner's bad tokens must not thin out the failures, nor pass for a recovery.
 */
export function failingRequests(metrics: AgentMetrics, rule: FailingRule): MathExpression {
  return failing(rule, {
    failed: metrics.custom("Failure", "Sum", rule.periodSeconds).with({ label: "failed" }),
    served: "served",
    metrics: {
      served: metrics.custom("OutputTokens", "SampleCount", rule.periodSeconds).with({ label: "served" }),
    },
  });
}

/** Replies that had to be repaired, against those that were sound. */
export function degradedReplies(metrics: AgentMetrics, rule: FailingRule): MathExpression {
  return failing(rule, {
    failed: metrics.custom("Degraded", "Sum", rule.periodSeconds).with({ label: "degraded" }),
    served: "(answered - failed)",
    metrics: {
      answered: metrics.custom("OutputTokens", "SampleCount", rule.periodSeconds).with({ label: "answered" }),
    },
  });
}

/** Requests that the Function URL answered with 5xx, against those that got neither 5xx nor 4xx. */
export function failingAtUrl(metrics: AgentMetrics, rule: FailingRule): MathExpression {
  const count = (name: "UrlRequestCount" | "Url4xxCount" | "Url5xxCount", label: string): IMetric =>
    metrics.url(name, "Sum", rule.periodSeconds).with({ label });
  return failing(rule, {
    failed: count("Url5xxCount", "answered with 5xx"),
    served: "(requests - failed - refused)",
    metrics: {
      requests: count("UrlRequestCount", "requests"),
      refused: count("Url4xxCount", "answered with 4xx"),
    },
  });
}
