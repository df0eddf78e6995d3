import { describe, expect, test } from "vitest";
import type { MetricDataQuery } from "@wrist-agent/cloudwatch/metric";
import { MetricStore } from "@wrist-agent/cloudwatch/metrics/metric-store";
import { ContributorInsights } from "@wrist-agent/cloudwatch/logs/contributor-insights";
import {
  type AnomalyDetector,
  detectorKey,
  trainedBand,
} from "@wrist-agent/cloudwatch/math/anomaly-detector";
import { readSeriesFrom } from "@wrist-agent/cloudwatch/math/read-series";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const NOW = Date.UTC(2026, 10, 23);
const METRIC = { namespace: "Shop", metricName: "Orders", dimensions: { stage: "test" } };
const STAT = { metric: METRIC, stat: "Sum", periodSeconds: 3600 };

function detector(change: Partial<AnomalyDetector> = {}): AnomalyDetector {
  return {
    target: { kind: "metric", metric: METRIC, stat: "Sum" },
    excludedRanges: [],
    putMs: NOW,
    ...change,
  };
}

/** Ten days of 100 by day (from 8 to 20 hours in UTC) and 10 by night. */
function store(): MetricStore {
  const kept = new MetricStore();
  for (let ms = NOW - 10 * DAY; ms < NOW; ms += HOUR) {
    const hour = new Date(ms).getUTCHours();
    kept.put({ ...METRIC, timestampMs: ms, values: [hour >= 8 && hour < 20 ? 100 : 10] });
  }
  return kept;
}

const QUERIES: readonly MetricDataQuery[] = [
  { id: "m", metricStat: STAT, returnData: false },
  { id: "band", expression: "ANOMALY_DETECTION_BAND(m, 2)" },
];

/** Both edges at midnight and at noon. */
function edges(detectors: readonly AnomalyDetector[], queries = QUERIES): readonly unknown[] {
  const sources = { detectors: () => detectors, insights: new ContributorInsights() };
  const grid = { startMs: NOW, periodSeconds: 3600, slots: 24 };
  const series = readSeriesFrom(store(), undefined, () => sources)(queries, grid);
  return series.map(({ values }) => [values[0], values[12]]);
}

describe("the band of a metric", () => {
  test("without a detector is one for all hours", () => {
    expect(edges([])).toEqual([
      [-35, -35],
      [145, 145],
    ]);
  });

  test("with a detector follows the hours of the day", () => {
    expect(edges([detector()])).toEqual([
      [10, 100],
      [10, 100],
    ]);
  });

  test("follows the hours of the detector's time zone across a change of its clocks", () => {
    const history = {
      startMs: Date.UTC(2026, 9, 20),
      periodSeconds: 3600,
      points: Array.from({ length: 14 * 24 }, (_, slot) => {
        const ms = Date.UTC(2026, 9, 20) + slot * HOUR;
        // Berlin leaves summer time on October 25.
        const local = new Date(ms + (ms < Date.UTC(2026, 9, 25, 1) ? 2 : 1) * HOUR).getUTCHours();
        return local === 8 ? 100 : 10;
      }),
    };
    const at = (timezone: string) => trainedBand(detector({ timezone }), history)?.(Date.UTC(2026, 10, 3, 7));
    expect(at("Europe/Berlin")).toEqual({ mean: 100, deviation: 0 });
    expect(at("UTC")?.mean).toBeCloseTo((9 * 100 + 5 * 10) / 14);
  });

  test("is learnt without the excluded ranges", () => {
    const kept = store();
    kept.put({ ...METRIC, timestampMs: NOW - 36 * HOUR, values: [9000] });
    const read = (excludedRanges: AnomalyDetector["excludedRanges"]) => {
      const sources = {
        detectors: () => [detector({ excludedRanges })],
        insights: new ContributorInsights(),
      };
      const grid = { startMs: NOW + 12 * HOUR, periodSeconds: 3600, slots: 1 };
      return readSeriesFrom(kept, undefined, () => sources)(QUERIES, grid).map(({ values }) => values[0]);
    };
    expect(read([])[1]).toBeGreaterThan(1000);
    expect(read([{ startMs: NOW - 37 * HOUR, endMs: NOW - 35 * HOUR }])).toEqual([100, 100]);
  });

  test("is none where everything is excluded", () => {
    const all = detector({ excludedRanges: [{ startMs: 0, endMs: NOW }] });
    expect(edges([all])).toEqual([
      [undefined, undefined],
      [undefined, undefined],
    ]);
  });

  test("with a detector of another statistic, set of dimensions or name is as without", () => {
    const others: readonly AnomalyDetector["target"][] = [
      { kind: "metric", metric: METRIC, stat: "Average" },
      { kind: "metric", metric: { ...METRIC, dimensions: {} }, stat: "Sum" },
      { kind: "metric", metric: { ...METRIC, metricName: "Returns" }, stat: "Sum" },
    ];
    expect(edges(others.map((target) => detector({ target })))).toEqual(edges([]));
  });
});

describe("the band of an expression", () => {
  const metric = { id: "m", metricStat: STAT, returnData: false };
  const twice = { id: "e", expression: "m * 2", returnData: false };
  const queries = [metric, twice, { id: "band", expression: "ANOMALY_DETECTION_BAND(e, 2)" }];

  test("follows the detector of the same expression over the same metrics", () => {
    const target = { kind: "math", queries: [metric, { id: "e", expression: "m * 2" }] } as const;
    expect(edges([detector({ target })], queries)).toEqual([
      [20, 200],
      [20, 200],
    ]);
  });

  test("does not follow that of another expression or another metric", () => {
    const other = { ...STAT, stat: "Average" };
    const targets = [
      { kind: "math", queries: [metric, { id: "e", expression: "m * 3" }] },
      {
        kind: "math",
        queries: [
          { ...metric, metricStat: other },
          { id: "e", expression: "m * 2" },
        ],
      },
    ] as const;
    expect(
      edges(
        targets.map((target) => detector({ target })),
        queries,
      ),
    ).toEqual(edges([], queries));
  });
});

test("a detector is known by its metric and statistic, in whatever order the dimensions come", () => {
  const dimensions = { a: "1", b: "2" };
  const turned = { b: "2", a: "1" };
  const key = (of: Record<string, string>) =>
    detectorKey({ kind: "metric", metric: { ...METRIC, dimensions: of }, stat: "Sum" });
  expect(key(dimensions)).toBe(key(turned));
  expect(key(dimensions)).not.toBe(key({ a: "1" }));
});
