import type { MetricDataQuery, Series } from "@wrist-agent/cloudwatch/metric";
import { MetricStore } from "@wrist-agent/cloudwatch/metrics/metric-store";
import { readSeriesFrom } from "@wrist-agent/cloudwatch/math/read-series";

export type Points = readonly (number | null)[];

/** A Sunday. */
export const startMs = Date.UTC(2026, 10, 1, 12);

/** A store with one metric `App <id>` for each line of points, a minute apart. */
export function storeOf(inputs: Readonly<Record<string, Points>>): MetricStore {
  const store = new MetricStore();
  for (const [metricName, points] of Object.entries(inputs))
    points.forEach((value, minute) => {
      if (value === null) return;
      const timestampMs = startMs + minute * 60_000;
      store.put({ namespace: "App", metricName, dimensions: {}, timestampMs, values: [value] });
    });
  return store;
}

/** The queries for the inputs, hidden, each under its name as its id. */
export function inputQueries(inputs: Readonly<Record<string, Points>>): readonly MetricDataQuery[] {
  return Object.keys(inputs).map((metricName) => ({
    id: metricName,
    returnData: false,
    metricStat: { metric: { namespace: "App", metricName, dimensions: {} }, periodSeconds: 60, stat: "Sum" },
  }));
}

/** Evaluates one expression over the inputs. */
export function seriesOf(
  expression: string,
  inputs: Readonly<Record<string, Points>> = {},
): readonly Series[] {
  const slots = Math.max(3, ...Object.values(inputs).map((points) => points.length));
  const queries = [...inputQueries(inputs), { id: "result", expression }];
  return readSeriesFrom(storeOf(inputs))(queries, { startMs, periodSeconds: 60, slots });
}

/** The points of the one series that the expression gives. */
export function pointsOf(expression: string, inputs: Readonly<Record<string, Points>> = {}): Points {
  const [first, ...others] = seriesOf(expression, inputs);
  if (first === undefined || others.length > 0) throw new Error(`${expression} is not one series`);
  return first.values.map((value) => value ?? null);
}

/** The points of every series that the expression gives. */
export function arrayOf(
  expression: string,
  inputs: Readonly<Record<string, Points>> = {},
): readonly Points[] {
  return seriesOf(expression, inputs).map(({ values }) => values.map((value) => value ?? null));
}
