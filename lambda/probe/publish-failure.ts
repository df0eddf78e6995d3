import { type CloudWatchClient, PutMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import {
  METRIC_NAMESPACE,
  METRICS,
  PROBE_METRIC,
  probeServiceName,
  SERVICE_DIMENSION,
} from "../contract/metrics.ts";
import { PROBE_LIMITS } from "../contract/probe.ts";

/**
 * Publishes a run's value by PutMetricData, stamped with the start of the run.
 *
 * A point of an EMF line is there after half a minute in the median and after minutes now and then; this one within seconds.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html
 */
export function publishFailure(
  client: Pick<CloudWatchClient, "send">,
  stage: string,
): (value: number, startedMs: number) => Promise<void> {
  const Dimensions = [{ Name: SERVICE_DIMENSION, Value: probeServiceName(stage) }];
  return async (value, startedMs) => {
    const datum = { MetricName: PROBE_METRIC, Dimensions, Unit: METRICS[PROBE_METRIC].unit, Value: value };
    await client.send(
      new PutMetricDataCommand({
        Namespace: METRIC_NAMESPACE,
        MetricData: [{ ...datum, Timestamp: new Date(startedMs) }],
      }),
      { abortSignal: AbortSignal.timeout(PROBE_LIMITS.publishMs) },
    );
  };
}
