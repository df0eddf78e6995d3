import { Duration } from "aws-cdk-lib/core";
import { MathExpression } from "aws-cdk-lib/aws-cloudwatch";
import type { AgentMetrics } from "./agent-metrics.ts";

/** When a window counts as failing. */
export interface FailingRule {
  readonly windowSeconds: number;
  /** Failures that the window must hold at least. */
  readonly count: number;
  /** Share of the window's requests that must have failed, 0 to 1. */
  readonly share: number;
}

/**
 * 1 when the window holds enough failures, 0 when it holds a success and not enough failures, and no point otherwise.
 *
 * "No point" is what keeps an alarm from an all-clear in silence: while a window slides over the last failures of an
 * outage it holds one of them and nothing else, which is no news of recovery. Dividing by the number of successes
 * drops exactly these points, as CloudWatch drops a division by zero:
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
 */
export function failing(metrics: AgentMetrics, rule: FailingRule): MathExpression {
  const enough = `(failed >= ${rule.count}) AND ((failed / requests) >= ${rule.share})`;
  return new MathExpression({
    expression: `IF(${enough}, 1, 0 / (requests - failed))`,
    usingMetrics: {
      failed: metrics.custom("Failure", "Sum", rule.windowSeconds).with({ label: "failed" }),
      requests: metrics.custom("Failure", "SampleCount", rule.windowSeconds).with({ label: "requests" }),
    },
    label: "failing",
    period: Duration.seconds(rule.windowSeconds),
  });
}
