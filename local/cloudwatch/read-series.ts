import type { Grid, MetricDataQuery, MetricStat, ReadSeries, Series } from "./metric.ts";
import type { MetricStore } from "./metrics/metric-store.ts";
import { QueryError } from "./query-error.ts";
import { parseStatistic } from "./metrics/statistic.ts";

/** Reads queries from a store, over any grid. */
export function readSeriesFrom(store: MetricStore): ReadSeries {
  return (queries, grid) =>
    queries.filter((query) => query.returnData !== false).map((query) => readQuery(store, query, grid));
}

function readQuery(store: MetricStore, query: MetricDataQuery, grid: Grid): Series {
  if (query.metricStat === undefined)
    throw new QueryError(`query "${query.id}" has no metricStat: expressions are not evaluated`);
  const { metric, stat, unit } = query.metricStat satisfies MetricStat;
  const statistic = parseStatistic(stat);
  const read = unit === undefined ? { metric, statistic, grid } : { metric, statistic, grid, unit };
  return {
    id: query.id,
    label: query.label ?? metric.metricName,
    startMs: grid.startMs,
    periodSeconds: grid.periodSeconds,
    ...store.read(read),
  };
}
