import type { MetricRow } from "./metric-rows.ts";

/** Labels for rows that name none: the parts in which the metrics of the widget differ. */
export function defaultLabels(rows: readonly MetricRow[]): ReadonlyMap<string, string> {
  const metrics = rows.filter((row) => row.visible && row.metric !== undefined).map(partsOf);
  const names = new Set(metrics.flatMap(({ parts }) => [...parts.keys()]));
  const differing = [...names].filter(
    (name) => new Set(metrics.map(({ parts }) => parts.get(name))).size > 1,
  );
  const labels = new Map(rows.map((row) => [row.id, row.label ?? row.metric?.metricName ?? row.id]));
  for (const { row, parts } of metrics) {
    const text = differing.map((name) => parts.get(name)).filter((part) => part !== undefined);
    if (text.length > 0) labels.set(row.id, text.join(" "));
  }
  return labels;
}

interface Parts {
  readonly row: MetricRow;
  readonly parts: ReadonlyMap<string, string>;
}

function partsOf(row: MetricRow): Parts {
  const { namespace = "", metricName = "", dimensions = {} } = row.metric ?? {};
  const parts = new Map([
    ["namespace", namespace],
    ["metricName", metricName],
    ...Object.entries(dimensions).map(([name, value]): [string, string] => [`dimension ${name}`, value]),
    ["stat", row.stat],
  ]);
  return { row, parts };
}
