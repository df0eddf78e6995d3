import { MathExpression, type Metric } from "aws-cdk-lib/aws-cloudwatch";

/**
 * The metric with 0 where it has no point, for alarms to which silence is good news.
 *
 * With it the newest period of a sliding window is never empty, so CloudWatch never judges an older one instead.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
 */
export function filled(metric: Metric): MathExpression {
  return new MathExpression({
    expression: "FILL(counted, 0)",
    usingMetrics: { counted: metric },
    label: metric.metricName,
    period: metric.period,
  });
}
