import { Duration } from "aws-cdk-lib/core";
import { Metric } from "aws-cdk-lib/aws-cloudwatch";

/** The only Region that has billing metrics, for the charges of all Regions. */
export const BILLING_REGION = "us-east-1";

/**
 * What AWS thinks that the account's month has cost so far; computed several times a day.
 *
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/monitor_estimated_charges_with_cloudwatch.html
 */
export function estimatedCharges(periodSeconds: number): Metric {
  return new Metric({
    namespace: "AWS/Billing",
    metricName: "EstimatedCharges",
    dimensionsMap: { Currency: "USD" },
    statistic: "Maximum",
    period: Duration.seconds(periodSeconds),
    region: BILLING_REGION,
  });
}
