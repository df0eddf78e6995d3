import { CloudWatchClient, type MetricDataQuery, paginateGetMetricData } from "@aws-sdk/client-cloudwatch";
import type { StageConnection } from "./stage-connection.ts";

/** A point of a series. */
export interface SeriesPoint {
  readonly timeMs: number;
  readonly value: number;
}

/** A metric with a statistic and a period. */
export interface SeriesRequest {
  readonly namespace: string;
  readonly metricName: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly statistic: string;
  readonly periodSeconds: number;
}

/** Which time: CloudWatch's periods begin at `startMs`. */
export interface SeriesRange {
  readonly startMs: number;
  readonly endMs: number;
}

/** A query of GetMetricData for one metric. */
export function metricQuery(id: string, request: SeriesRequest): MetricDataQuery {
  const Dimensions = Object.entries(request.dimensions).map(([Name, Value]) => ({ Name, Value }));
  return {
    Id: id,
    MetricStat: {
      Metric: { Namespace: request.namespace, MetricName: request.metricName, Dimensions },
      Period: request.periodSeconds,
      Stat: request.statistic,
    },
  };
}

/** The points of each query by its id, oldest first. */
export async function readSeries(
  stage: StageConnection,
  queries: readonly MetricDataQuery[],
  { startMs, endMs, region = stage.region }: SeriesRange & { readonly region?: string },
): Promise<ReadonlyMap<string, readonly SeriesPoint[]>> {
  const client = stage.client(CloudWatchClient, region);
  const found = new Map<string, SeriesPoint[]>();
  const read = async (): Promise<void> => {
    const pages = paginateGetMetricData(
      { client },
      {
        MetricDataQueries: [...queries],
        StartTime: new Date(startMs),
        EndTime: new Date(endMs),
        ScanBy: "TimestampAscending",
      },
    );
    for await (const { MetricDataResults = [] } of pages)
      for (const { Id = "", Timestamps = [], Values = [] } of MetricDataResults) {
        const points = found.get(Id) ?? [];
        Timestamps.forEach((time, at) => points.push({ timeMs: time.getTime(), value: Values[at] ?? 0 }));
        found.set(Id, points);
      }
  };
  await stage.ask({ action: "cloudwatch:GetMetricData", on: `metrics in ${region}` }, read);
  return found;
}

/** Points as one value for each period of a range; `undefined` where a period has none. */
export function valuesByPeriod(
  points: readonly SeriesPoint[],
  { startMs, endMs }: SeriesRange,
  periodSeconds: number,
): readonly (number | undefined)[] {
  const count = Math.max(0, Math.ceil((endMs - startMs) / (1000 * periodSeconds)));
  const values: (number | undefined)[] = Array.from({ length: count }, () => undefined);
  for (const { timeMs, value } of points) {
    const at = Math.floor((timeMs - startMs) / (1000 * periodSeconds));
    if (at >= 0 && at < count) values[at] = value;
  }
  return values;
}
