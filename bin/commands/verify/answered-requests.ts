import {
  agentServiceName,
  METRIC_NAMESPACE,
  METRICS,
  SERVICE_DIMENSION,
} from "../../../lambda/contract/metrics.ts";
import { metricQuery, readSeries } from "../../cli/metric-series.ts";
import type { StageConnection } from "../../cli/stage-connection.ts";

const MINUTE_MS = 60_000;

/** How many answered requests of people CloudWatch counts from the minute of `sinceMs` on: it knows no finer time. */
export async function answeredSince(stage: StageConnection, sinceMs: number, nowMs: number): Promise<number> {
  const request = {
    namespace: METRIC_NAMESPACE,
    metricName: METRICS.Latency.name,
    dimensions: { [SERVICE_DIMENSION]: agentServiceName(stage.target.stage) },
    statistic: "SampleCount",
    periodSeconds: 60,
  };
  const startMs = Math.floor(sinceMs / MINUTE_MS) * MINUTE_MS;
  const endMs = Math.floor(nowMs / MINUTE_MS + 1) * MINUTE_MS;
  const found = await readSeries(stage, [metricQuery("answered", request)], { startMs, endMs });
  return (found.get("answered") ?? []).reduce((sum, { value }) => sum + value, 0);
}
