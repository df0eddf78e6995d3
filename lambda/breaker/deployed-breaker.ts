import { type CloudWatchClient, GetMetricStatisticsCommand } from "@aws-sdk/client-cloudwatch";
import {
  GetParameterCommand,
  ParameterNotFound,
  PutParameterCommand,
  type SSMClient,
} from "@aws-sdk/client-ssm";
import { type BreakerState, breakerStateOf } from "../contract/breaker.ts";
import { agentServiceName, METRIC_NAMESPACE, METRICS, SERVICE_DIMENSION } from "../contract/metrics.ts";

/** The breaker's state in its parameter, which is no secret. */
export function ssmBreakerState(client: Pick<SSMClient, "send">, name: string) {
  return {
    readState: async (): Promise<BreakerState | undefined> => {
      try {
        const { Parameter } = await client.send(new GetParameterCommand({ Name: name }));
        return breakerStateOf(Parameter?.Value ?? "");
      } catch (error) {
        if (error instanceof ParameterNotFound) return undefined;
        throw error;
      }
    },
    writeState: async (state: BreakerState): Promise<void> => {
      const put = { Name: name, Type: "String", Value: JSON.stringify(state), Overwrite: true } as const;
      await client.send(new PutParameterCommand(put));
    },
  };
}

/** A day of 25 hours has 300 of them, and one call answers 1,440. */
const PERIOD_SECONDS = 300;

/**
 * Reads what the model cost people from their own metric.
 *
 * `GetMetricStatistics` and not `GetMetricData`, which is billed by the metric:
 * https://aws.amazon.com/cloudwatch/pricing/
 */
export function cloudWatchSpend(
  client: Pick<CloudWatchClient, "send">,
  stage: string,
): (fromMs: number, toMs: number) => Promise<number> {
  return async (fromMs, toMs) => {
    const { Datapoints = [] } = await client.send(
      new GetMetricStatisticsCommand({
        Namespace: METRIC_NAMESPACE,
        MetricName: METRICS.CostUsd.name,
        Dimensions: [{ Name: SERVICE_DIMENSION, Value: agentServiceName(stage) }],
        StartTime: new Date(fromMs),
        EndTime: new Date(toMs),
        Period: PERIOD_SECONDS,
        Statistics: ["Sum"],
      }),
    );
    return Datapoints.reduce((total, { Sum = 0 }) => total + Sum, 0);
  };
}
