import type { Grid, MetricIdentity } from "../../metric.ts";
import { distinctLabels } from "../../metrics/distinct-labels.ts";
import type { MetricStore } from "../../metrics/metric-store.ts";
import { parseStatistic } from "../../metrics/statistic.ts";
import type { Line } from "../value.ts";
import { parseSearch } from "./search-expression.ts";

/** Metrics without data for longer than this are not found. */
const RECENT_MS = 14 * 24 * 3_600_000;
const MOST_SERIES = 500;

/** A search over a store's metrics, read with one statistic. */
export interface MetricSearch {
  readonly expression: string;
  readonly stat: string;
  readonly grid: Grid;
}

/** Reads every metric that the search finds, ordered by namespace, name and dimensions; at most 500 of them. */
export function searchMetrics(store: MetricStore, { expression, stat, grid }: MetricSearch): readonly Line[] {
  const finds = parseSearch(expression);
  const statistic = parseStatistic(stat);
  const sinceMs = grid.startMs + grid.slots * grid.periodSeconds * 1000 - RECENT_MS;
  const found = [...store.metrics()]
    .filter(({ identity, lastMs }) => lastMs >= sinceMs && finds(identity))
    .map(({ identity }) => ({ metric: identity, stat, order: orderOf(identity) }))
    .sort((a, b) => (a.order < b.order ? -1 : 1))
    .slice(0, MOST_SERIES);
  const labels = distinctLabels(found);
  return found.map(({ metric }, index) => ({
    points: store.read({ metric, statistic, grid }).values,
    label: labels[index] ?? metric.metricName,
    metric,
  }));
}

function orderOf({ namespace, metricName, dimensions }: MetricIdentity): string {
  return [namespace, metricName, ...Object.entries(dimensions).flat()].join("\u0000");
}
