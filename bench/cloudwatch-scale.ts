import { Alarms } from "@wrist-agent/cloudwatch/alarms/alarms";
import type { MetricAlarmDefinition } from "@wrist-agent/cloudwatch/alarm";
import { readSeriesFrom } from "@wrist-agent/cloudwatch/math/read-series";
import { MetricStore } from "@wrist-agent/cloudwatch/metrics/metric-store";
import type { Bench, Figure } from "./bench.ts";

const SERIES = 100_000;
const POINTS = 10;
const ALARMS = 10_000;
const START_MS = Date.UTC(2026, 0, 5);
const MINUTE_MS = 60_000;

/** An account as large as one gets: whether each further alarm costs the same, and what all of it takes. */
export const bench: Bench = {
  description: "100,000 series of ten points and 10,000 alarms: taken in, evaluated each minute, in memory",
  run: () => {
    const store = new MetricStore();
    const figures: Figure[] = [
      { name: "filling 100,000 series", value: seconds(() => fill(store)), unit: "s" },
    ];
    let revision = 0;
    const alarms = new Alarms({
      accountId: "123456789012",
      region: "us-east-1",
      readSeries: readSeriesFrom(store),
      revision: () => revision,
    });
    const put = (from: number, to: number): number =>
      seconds(() => {
        for (let index = from; index < to; index += 1) alarms.put(definition(index), START_MS);
      });
    const first = put(0, 1000);
    put(1000, ALARMS - 1000);
    const last = put(ALARMS - 1000, ALARMS);
    figures.push(
      { name: "putting an alarm, the first thousand", value: first, unit: "ms" },
      { name: "putting an alarm, the tenth thousand", value: last, unit: "ms" },
    );
    for (let minute = 1; minute <= 3; minute += 1) {
      revision += 1;
      const atMs = START_MS + (POINTS + minute) * MINUTE_MS;
      figures.push({
        name: `evaluating 10,000 alarms, minute ${minute}`,
        value: seconds(() => void alarms.evaluate(atMs)),
        unit: "s",
      });
    }
    figures.push({ name: "heap", value: process.memoryUsage().heapUsed / 1e6, unit: "MB" });
    return Promise.resolve(figures);
  },
};

function seconds(work: () => void): number {
  const start = performance.now();
  work();
  return (performance.now() - start) / 1000;
}

function fill(store: MetricStore): void {
  for (let index = 0; index < SERIES; index += 1)
    for (let point = 0; point < POINTS; point += 1)
      store.put({
        namespace: "Bench",
        metricName: "errors",
        dimensions: { id: String(index) },
        timestampMs: START_MS + point * MINUTE_MS,
        values: [index % 7],
      });
}

function definition(index: number): MetricAlarmDefinition {
  return {
    alarmName: `errors-${index}`,
    namespace: "Bench",
    metricName: "errors",
    dimensions: { id: String(index) },
    statistic: "Sum",
    periodSeconds: 60,
    evaluationPeriods: 3,
    threshold: 5,
    comparisonOperator: "GreaterThanOrEqualToThreshold",
  };
}
