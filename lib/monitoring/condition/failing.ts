import { Duration } from "aws-cdk-lib/core";
import { MathExpression } from "aws-cdk-lib/aws-cloudwatch";
import type { MetricName } from "../../../lambda/contract/metrics.ts";
import type { AgentMetrics } from "../agent-metrics.ts";

/** When a period counts as failing. */
export interface FailingRule {
  /** Metric that is 1 on a failed request and 0 on any other. */
  readonly metric: MetricName;
  readonly periodSeconds: number;
  /** Failures that the period must hold at least. */
  readonly count: number;
  /** Share of the period's requests that must have failed, 0 to 1. */
  readonly share: number;
}

/**
 * 1 when the period holds enough failures, 0 when it holds a success and not enough failures, and no point otherwise.
 *
 * "No point" is what keeps an alarm from an all-clear without evidence: a period that holds the last failure of an
 * outage and nothing else is no news of recovery. Dividing by the number of successes drops exactly these points, as
 * CloudWatch drops a division by zero:
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
 */
export function failing(metrics: AgentMetrics, rule: FailingRule): MathExpression {
  const enough = `(failed >= ${rule.count}) AND ((failed / requests) >= ${rule.share})`;
  return new MathExpression({
    expression: `IF(${enough}, 1, 0 / (requests - failed))`,
    usingMetrics: {
      failed: metrics.custom(rule.metric, "Sum", rule.periodSeconds).with({ label: "failed" }),
      requests: metrics.custom(rule.metric, "SampleCount", rule.periodSeconds).with({ label: "requests" }),
    },
    label: "failing",
    period: Duration.seconds(rule.periodSeconds),
  });
}
