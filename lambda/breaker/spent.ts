import { GetMetricStatisticsCommand, type CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { METRIC_NAMESPACE, METRICS, SERVICE_DIMENSION, serviceOf } from "../contract/metrics.ts";

/** A day of 25 hours has 300 of them, and one call answers 1,440. */
const PERIOD_SECONDS = 300;

/**
 * Reads what the model cost people from their own metric.
 *
 * `GetMetricStatistics` and not `GetMetricData`, which is billed by the metric: https://aws.amazon.com/cloudwatch/pricing/
 */
export function spentUsdOf(
  client: Pick<CloudWatchClient, "send">,
  stage: string,
): (fromMs: number, toMs: number) => Promise<number> {
  return async (fromMs, toMs) => {
    const { Datapoints = [] } = await client.send(
      new GetMetricStatisticsCommand({
        Namespace: METRIC_NAMESPACE,
        MetricName: METRICS.CostUsd.name,
        Dimensions: [{ Name: SERVICE_DIMENSION, Value: serviceOf(stage) }],
        StartTime: new Date(fromMs),
        EndTime: new Date(toMs),
        Period: PERIOD_SECONDS,
        Statistics: ["Sum"],
      }),
    );
    return Datapoints.reduce((total, { Sum = 0 }) => total + Sum, 0);
  };
}
