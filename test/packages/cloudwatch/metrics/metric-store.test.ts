import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Datum, Grid } from "@wrist-agent/cloudwatch/metric";
import { MetricStore } from "@wrist-agent/cloudwatch/metrics/metric-store";
import { parseStatistic } from "@wrist-agent/cloudwatch/metrics/statistic";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const start = Date.UTC(2026, 10, 1, 12);
const metric = { namespace: "App", metricName: "Latency", dimensions: { service: "chat" } };

function datum(minute: number, values: Datum["values"], more: Partial<Datum> = {}): Datum {
  return { ...metric, timestampMs: start + minute * MINUTE, values, ...more };
}

type GridFromStart = Partial<Grid> & { readonly slots: number; readonly unit?: string };

function read(store: MetricStore, stat: string, { unit, ...grid }: GridFromStart) {
  const request = {
    metric,
    statistic: parseStatistic(stat),
    grid: { startMs: start, periodSeconds: 60, ...grid },
  };
  return store.read(unit === undefined ? request : { ...request, unit }).values;
}

function storeOf(...data: readonly Datum[]): MetricStore {
  const store = new MetricStore();
  for (const each of data) store.put(each);
  return store;
}

describe("the metric store", () => {
  it("answers every simple statistic of a period", () => {
    const store = storeOf(datum(0, [1, 2, 3]), datum(0.5, [6]), datum(2, [10]));
    expect(read(store, "SampleCount", { slots: 3 })).toEqual([4, undefined, 1]);
    expect(read(store, "Sum", { slots: 3 })).toEqual([12, undefined, 10]);
    expect(read(store, "Average", { slots: 3 })).toEqual([3, undefined, 10]);
    expect(read(store, "Minimum", { slots: 3 })).toEqual([1, undefined, 10]);
    expect(read(store, "Maximum", { slots: 3 })).toEqual([6, undefined, 10]);
  });

  it("keeps a zero as a value", () => {
    expect(read(storeOf(datum(0, [0])), "Sum", { slots: 2 })).toEqual([0, undefined]);
  });

  it("takes another set of dimensions for another metric, in whatever order they come", () => {
    const two = { dimensions: { a: "1", b: "2" } };
    const store = storeOf(
      datum(0, [5]),
      datum(0, [7], two),
      datum(0, [1], { dimensions: { b: "2", a: "1" } }),
    );
    expect(read(store, "Sum", { slots: 1 })).toEqual([5]);
    const both = { ...metric, ...two };
    const grid = { startMs: start, periodSeconds: 60, slots: 1 };
    expect(store.read({ metric: both, statistic: { kind: "Sum" }, grid }).values).toEqual([8]);
    expect([...store.metrics()]).toHaveLength(2);
  });

  it("keeps units as separate streams and reads of each period the one that CloudWatch prefers", () => {
    const store = storeOf(
      datum(0, [1], { unit: "Seconds" }),
      datum(0, [1000], { unit: "Milliseconds" }),
      datum(1, [2000], { unit: "Milliseconds" }),
      datum(2, [3], { unit: "Seconds" }),
    );
    expect(read(store, "Sum", { slots: 3 })).toEqual([1000, 2000, 3]);
    expect(read(store, "Sum", { slots: 2, unit: "Milliseconds" })).toEqual([1000, 2000]);
    expect(read(store, "Sum", { slots: 2, unit: "Bytes" })).toEqual([undefined, undefined]);
    expect([...store.metrics()][0]?.units).toEqual(["Milliseconds", "Seconds"]);
  });

  it("answers periods under a minute with a point at each minute of standard resolution", () => {
    const store = storeOf(datum(0, [1, 2]), datum(1, [4]));
    expect(read(store, "Sum", { periodSeconds: 20, slots: 4 })).toEqual([3, undefined, undefined, 4]);
  });

  it("reads five-minute buckets that slide by a minute", () => {
    const store = storeOf(...[0, 1, 2, 3, 4, 5, 6].map((minute) => datum(minute, [minute])));
    const sums = (shift: number) =>
      read(store, "Sum", { startMs: start + shift * MINUTE, periodSeconds: 300, slots: 1 });
    expect([sums(0), sums(1), sums(2)]).toEqual([[10], [15], [20]]);
  });

  it("answers periods under a minute from high-resolution data alone", () => {
    const store = storeOf(
      datum(0, [1], { storageResolution: 1 }),
      datum(0.25, [2], { storageResolution: 1 }),
    );
    store.put(datum(0, [100]));
    expect(read(store, "Sum", { periodSeconds: 10, slots: 3 })).toEqual([1, 2, undefined]);
    expect(read(store, "Sum", { slots: 1 })).toEqual([103]);
  });

  it("counts each value as often as its count says", () => {
    const store = storeOf(datum(0, [1, 2], { counts: [3, 1] }));
    expect(read(store, "Sum", { slots: 1 })).toEqual([5]);
    expect(read(store, "p75", { slots: 1 })).toEqual([1]);
    expect(read(store, "p76", { slots: 1 })).toEqual([2]);
  });

  it("has no percentile of a statistic set, unless the set says every value", () => {
    const set = { sampleCount: 2, sum: 3, minimum: 1, maximum: 2 };
    const alike = { sampleCount: 3, sum: 6, minimum: 2, maximum: 2 };
    const store = storeOf(datum(0, set), datum(1, alike), datum(2, [4]), datum(2, set));
    expect(read(store, "p50", { slots: 3 })).toEqual([undefined, 2, undefined]);
    expect(read(store, "Sum", { slots: 3 })).toEqual([3, 6, 7]);
  });

  it("has no percentile of a period with a negative value", () => {
    expect(read(storeOf(datum(0, [-1, 2]), datum(1, [2])), "p50", { slots: 2 })).toEqual([undefined, 2]);
  });

  it("drops one-second data after three hours and keeps their minutes", () => {
    const store = storeOf(datum(0, [1], { storageResolution: 1 }));
    store.retain(start + 181 * MINUTE);
    expect(read(store, "Sum", { periodSeconds: 10, slots: 1 })).toEqual([undefined]);
    expect(read(store, "Sum", { slots: 1 })).toEqual([1]);
  });

  it("rolls minutes up after 15 days, five minutes after 63, and forgets after 455", () => {
    const store = storeOf(datum(1, [1]), datum(4, [3]), datum(11, [5]));
    store.retain(start + 15 * DAY + 10 * MINUTE);
    expect(read(store, "Sum", { slots: 5 })).toEqual(Array(5).fill(undefined));
    expect(read(store, "Sum", { periodSeconds: 300, slots: 3 })).toEqual([4, undefined, 5]);
    expect(read(store, "p99", { periodSeconds: 300, slots: 1 })).toEqual([3]);
    store.retain(start + 64 * DAY);
    expect(read(store, "Sum", { periodSeconds: 300, slots: 3 })).toEqual(Array(3).fill(undefined));
    expect(read(store, "Sum", { periodSeconds: 3600, slots: 1 })).toEqual([9]);
    store.retain(start + 456 * DAY);
    expect([...store.metrics()]).toEqual([]);
  });

  it("says how much memory its columns hold", () => {
    const store = storeOf(datum(0, [1]));
    expect(store.bytes).toBeGreaterThanOrEqual(40);
    expect(store.bytes).toBeLessThan(4096);
  });
});

describe("the metric store against a list of everything put", () => {
  const value = fc.integer({ min: 0, max: 9 });
  const put = fc.record({
    minute: fc.integer({ min: 0, max: 40 }),
    values: fc.array(value, { minLength: 1 }),
  });
  const grids = fc.record({
    shift: fc.integer({ min: -3, max: 20 }),
    period: fc.constantFrom(1, 2, 5, 7),
    slots: fc.integer({ min: 1, max: 9 }),
  });

  it.each(["SampleCount", "Sum", "Minimum", "Maximum", "Average", "p50", "p90"])("agrees on %s", (stat) => {
    fc.assert(
      fc.property(fc.array(put), grids, (puts, { shift, period, slots }) => {
        const store = storeOf(...puts.map(({ minute, values }) => datum(minute, values)));
        const grid = { startMs: start + shift * MINUTE, periodSeconds: period * 60, slots };
        const naive = Array.from({ length: slots }, (_, slot) => {
          const from = shift + slot * period;
          const inside = puts.filter(({ minute }) => minute >= from && minute < from + period);
          return naiveStatistic(
            stat,
            inside.flatMap(({ values }) => values),
          );
        });
        expect(read(store, stat, grid)).toEqual(naive);
      }),
    );
  });
});

describe("a writer of one metric", () => {
  const written = [
    [0, 5, 2],
    [2, 7, 1],
    [1, 3, 4],
    [3, 9, 0],
  ] as const;
  const counted = { ...metric, unit: "Milliseconds" };

  it("stores what the values one by one make, units and the newest time among them", () => {
    const [one, other] = [new MetricStore(), new MetricStore()];
    const write = one.writer(counted);
    for (const [minute, value, count] of written) {
      write(start + minute * MINUTE, value, count);
      other.put(datum(minute, [value], { unit: "Milliseconds", counts: [count] }));
    }
    for (const stat of ["Sum", "SampleCount", "Maximum"])
      expect(read(one, stat, { slots: 4 })).toEqual(read(other, stat, { slots: 4 }));
    expect(read(one, "Sum", { slots: 4 })).toEqual([10, 12, 7, undefined]);
    expect([...one.metrics()]).toEqual([...other.metrics()]);
    expect([...one.metrics()]).toMatchObject([{ lastMs: start + 3 * MINUTE, units: ["Milliseconds"] }]);
  });

  it("goes on with a metric whose data are all gone", () => {
    const store = new MetricStore();
    const write = store.writer(counted);
    write(start, 1, 1);
    store.retain(start + 500 * DAY);
    expect([...store.metrics()]).toEqual([]);
    write(start + 500 * DAY, 2, 1);
    expect(read(store, "Sum", { startMs: start + 500 * DAY, slots: 1 })).toEqual([2]);
  });
});

describe("a whole series", () => {
  const optional = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined });
  const series = fc.record({
    values: fc.array(optional(fc.integer({ min: 0, max: 9 })), { maxLength: 30 }),
    counts: optional(fc.array(optional(fc.integer({ min: 0, max: 3 })), { maxLength: 30 })),
    intervalMs: fc.constantFrom(10_000, 45_000, MINUTE, 5 * MINUTE),
    storageResolution: fc.constantFrom<1 | 60>(1, 60),
    unit: fc.constantFrom("None", "Count"),
  });

  it("is stored as its values one by one are", () => {
    fc.assert(
      fc.property(fc.array(series, { maxLength: 3 }), (all) => {
        const [whole, single] = [new MetricStore(), new MetricStore()];
        for (const { counts, ...each } of all) {
          whole.putSeries({ ...metric, startMs: start, ...each, ...(counts && { counts }) });
          each.values.forEach((value, index) => {
            if (value === undefined) return;
            const at = { timestampMs: start + index * each.intervalMs, counts: [counts?.[index] ?? 1] };
            const { unit, storageResolution } = each;
            single.put({ ...metric, ...at, unit, storageResolution, values: [value] });
          });
        }
        expect([...whole.metrics()]).toEqual([...single.metrics()]);
        for (const stat of ["SampleCount", "Sum", "Minimum", "Maximum", "p50"])
          for (const grid of [
            { slots: 30 },
            { slots: 40, periodSeconds: 10 },
            { slots: 9, periodSeconds: 300 },
          ])
            expect(read(whole, stat, grid)).toEqual(read(single, stat, grid));
      }),
    );
  });
});

function naiveStatistic(stat: string, values: readonly number[]): number | undefined {
  if (values.length === 0) return undefined;
  const sum = values.reduce((total, value) => total + value, 0);
  const sorted = values.toSorted((a, b) => a - b);
  const table: Record<string, number | undefined> = {
    SampleCount: values.length,
    Sum: sum,
    Minimum: sorted[0],
    Maximum: sorted.at(-1),
    Average: sum / values.length,
    p50: sorted[Math.ceil((values.length * 50) / 100) - 1],
    p90: sorted[Math.ceil((values.length * 90) / 100) - 1],
  };
  return table[stat];
}
