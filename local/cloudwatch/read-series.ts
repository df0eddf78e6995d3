import { Evaluation, readMetric } from "./math/evaluation.ts";
import type { Line, Value } from "./math/value.ts";
import type { Grid, MetricDataQuery, ReadSeries, Series } from "./metric.ts";
import type { MetricStore } from "./metrics/metric-store.ts";
import { QueryError } from "./query-error.ts";

/**
 * Reads metrics and metric math from a store, over any grid. The grid's period counts, whatever the queries say.
 * An expression that is an array gives one series for each element, all with the query's id. A mistake in a query
 * is thrown as a {@link QueryError}.
 */
export function readSeriesFrom(store: MetricStore): ReadSeries {
  return (queries, grid) => {
    let evaluation: Evaluation | undefined;
    return queries
      .filter((query) => query.returnData !== false)
      .flatMap((query): readonly Series[] =>
        query.metricStat === undefined
          ? seriesOf(query, (evaluation ??= new Evaluation(queries, store, grid)).valueOf(query), grid)
          : [metricSeries(store, query, grid)],
      );
  };
}

function metricSeries(store: MetricStore, query: MetricDataQuery, grid: Grid): Series {
  const { id, label, metricStat } = query;
  if (metricStat === undefined) throw new QueryError(`query "${id}" has no metricStat`);
  const { metric } = metricStat;
  return {
    ...base(id, grid),
    label: label ?? metric.metricName,
    ...readMetric(store, metricStat, grid),
    metric,
  };
}

function seriesOf({ id, label }: MetricDataQuery, value: Value, grid: Grid): readonly Series[] {
  if (value.type === "S")
    throw new QueryError(
      `query "${id}" is a number (S): what is returned must be a series, write TIME_SERIES(…)`,
    );
  const lines = value.type === "TS" ? [value.line] : value.lines;
  const isArray = value.type === "TS[]";
  return lines.map((line) =>
    lineSeries(line, {
      ...base(id, grid),
      label: (isArray ? line.label : label) ?? label ?? line.label ?? id,
    }),
  );
}

function lineSeries({ points, metric }: Line, rest: Omit<Series, "values">): Series {
  return metric === undefined ? { ...rest, values: points } : { ...rest, values: points, metric };
}

function base(
  id: string,
  { startMs, periodSeconds }: Grid,
): Pick<Series, "id" | "startMs" | "periodSeconds"> {
  return { id, startMs, periodSeconds };
}
