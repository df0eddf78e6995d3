import type { AlarmSource } from "@wrist-agent/cloudwatch/alarms/alarm-points";
import { readSeriesFrom, steadyTimeFrom } from "@wrist-agent/cloudwatch/math/read-series";
import type { Datum, Grid, MetricDataQuery } from "@wrist-agent/cloudwatch/metric";
import { MetricStore } from "@wrist-agent/cloudwatch/metrics/metric-store";

/** The metric of a noted source. */
export const METRIC = { namespace: "Test", metricName: "Errors", dimensions: {} };

/** The queries of an alarm on an expression over the sum and the count of samples of {@link METRIC}. */
export function queriesOf(expression: string, periodSeconds: number): readonly MetricDataQuery[] {
  const leaf = (id: string, stat: string): MetricDataQuery => ({
    id,
    returnData: false,
    metricStat: { metric: METRIC, periodSeconds, stat },
  });
  return [leaf("m1", "Sum"), leaf("m2", "SampleCount"), { id: "e1", expression, periodSeconds }];
}

/**
 * What a source tells of changes: that there was one, since when, and for how long a range stays as it is.
 */
export type Telling = "nothing" | "revision" | "since when" | "how long";

/** A store that notes when what arrived, and each grid that is read. */
export class NotedSource {
  readonly source: AlarmSource;
  readonly grids: Grid[] = [];
  readonly #store = new MetricStore();
  readonly #arrivedMs: number[] = [];

  constructor(telling: Telling) {
    const read = readSeriesFrom(this.#store);
    this.source = {
      readSeries: (queries, grid) => {
        this.grids.push(grid);
        return read(queries, grid);
      },
      ...(telling !== "nothing" && { revision: () => this.#arrivedMs.length }),
      ...((telling === "since when" || telling === "how long") && {
        changedFromMs: (_queries: unknown, since: number) =>
          Math.min(Infinity, ...this.#arrivedMs.slice(Number.isNaN(since) ? 0 : since)),
      }),
      ...(telling === "how long" && { steadyForMs: steadyTimeFrom(this.#store) }),
    };
  }

  put(datum: Datum): void {
    this.#store.put(datum);
    this.#arrivedMs.push(datum.timestampMs);
  }
}
