import { MathExpression, type Metric } from "aws-cdk-lib/aws-cloudwatch";

/**
 * The metric with a filler where it has no point: 0 for alarms to which silence is good news, 1 where it is a failure itself.
 *
 * With it the newest period of a sliding window is never empty, so CloudWatch never judges an older one instead.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
 */
export function filled(metric: Metric, filler: 0 | 1 = 0): MathExpression {
  return new MathExpression({
    expression: `FILL(counted, ${filler})`,
    usingMetrics: { counted: metric },
    label: metric.metricName,
    period: metric.period,
  });
}
