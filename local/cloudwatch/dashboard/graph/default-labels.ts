import { distinctLabels } from "../../metrics/distinct-labels.ts";
import type { MetricRow } from "./metric-rows.ts";

/** Labels for rows that name none: the parts in which the metrics of the widget differ. */
export function defaultLabels(rows: readonly MetricRow[]): ReadonlyMap<string, string> {
  const labels = new Map(rows.map((row) => [row.id, row.label ?? row.metric?.metricName ?? row.id]));
  const metrics = rows.flatMap(({ id, visible, metric, stat }) =>
    visible && metric !== undefined ? [{ id, metric, stat }] : [],
  );
  distinctLabels(metrics).forEach((label, index) => {
    const id = metrics[index]?.id;
    if (id !== undefined) labels.set(id, label);
  });
  return labels;
}
