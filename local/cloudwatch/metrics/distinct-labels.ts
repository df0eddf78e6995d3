import type { MetricIdentity } from "../metric.ts";

/** One metric with the statistic that it is read with. */
export interface LabelledMetric {
  readonly metric: MetricIdentity;
  readonly stat: string;
}

/** A label for each metric: the parts in which they differ, or the name where they do not. */
export function distinctLabels(metrics: readonly LabelledMetric[]): readonly string[] {
  const parts = metrics.map(partsOf);
  const names = new Set(parts.flatMap((each) => [...each.keys()]));
  const differing = [...names].filter((name) => new Set(parts.map((each) => each.get(name))).size > 1);
  return metrics.map(({ metric }, index) => {
    const texts = differing.map((name) => parts[index]?.get(name)).filter((text) => text !== undefined);
    return texts.length === 0 ? metric.metricName : texts.join(" ");
  });
}

function partsOf({ metric, stat }: LabelledMetric): ReadonlyMap<string, string> {
  return new Map([
    ["namespace", metric.namespace],
    ["metricName", metric.metricName],
    ...Object.entries(metric.dimensions).map(([name, value]): [string, string] => [
      `dimension ${name}`,
      value,
    ]),
    ["stat", stat],
  ]);
}
