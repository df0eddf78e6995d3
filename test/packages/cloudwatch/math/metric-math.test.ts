import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MetricStore } from "@wrist-agent/cloudwatch/metrics/metric-store";
import { readSeriesFrom } from "@wrist-agent/cloudwatch/math/read-series";
import recorded from "../../../fixtures/aws/metric-math.json" with { type: "json" };
import { arrayOf, inputQueries, pointsOf, seriesOf, startMs, storeOf, type Points } from "./evaluate-math.ts";

const _ = null;

describe("the worked examples of AWS", () => {
  it.each(recorded.metricMath.map((vector) => [vector.expression, vector] as const))(
    "%s",
    (expression, vector) => {
      const inputs = Object.entries(vector.inputs).map(([id, points]) => [id, points] as const);
      expect(pointsOf(expression, Object.fromEntries(inputs))).toEqual(vector.expected);
    },
  );

  it.each(
    recorded.slidingWindowPoints.map(
      ({ evaluationTimeUtc, ...window }) => [evaluationTimeUtc, window] as const,
    ),
  )("the buckets of a window that ends at %s begin where AWS says", (time, window) => {
    const endMs = Date.parse(`2026-11-01T${time}Z`);
    const store = new MetricStore();
    const metric = { namespace: "App", metricName: "m", dimensions: {} };
    for (const [index, start] of window.pointStartTimes.entries()) {
      const timestampMs = Date.parse(`2026-11-01T${start}Z`);
      for (const minute of [0, 4])
        store.put({ ...metric, timestampMs: timestampMs + minute * 60_000, values: [index + 1] });
    }
    const { period: periodSeconds, evaluationPeriods: slots } = window;
    const grid = { startMs: endMs - slots * periodSeconds * 1000, periodSeconds, slots };
    const metricStat = { metric, periodSeconds, stat: "Sum" };
    expect(readSeriesFrom(store)([{ id: "m1", metricStat }], grid)[0]?.values).toEqual([2, 4, 6]);
  });
});

const inputs = { m1: [1, _, 4, 9], m2: [2, 5, _, 0], none: [_, _, _, _] };

describe("operators", () => {
  it.each<readonly [string, Points]>([
    ["m1 + m2", [3, 5, 4, 9]],
    ["m1 - m2", [-1, -5, 4, 9]],
    ["m1 * m2", [2, 0, 0, 0]],
    ["m1 / m2", [0.5, 0, _, _]],
    ["m1 ^ 2", [1, _, 16, 81]],
    ["2 ^ m1", [2, _, 16, 512]],
    ["10 - m1", [9, _, 6, 1]],
    ["-m1", [-1, _, -4, -9]],
    ["none + none", [_, _, _, _]],
    ["none + 1", [_, _, _, _]],
    ["m1 == m2", [0, 0, 0, 0]],
    ["m1 != m2", [1, 1, 1, 1]],
    ["m1 <= m2", [1, 1, 0, 0]],
    ["m1 > 1 || m2 > 4", [0, 1, 1, 1]],
    ["m1 > 0 && m2 > 0", [1, 0, 0, 0]],
    ["1 + 2 * m1", [3, _, 9, 19]],
    ["(1 + 2) * m1", [3, _, 12, 27]],
    ["m1 * 2 ^ 2 ^ 0", [2, _, 8, 18]],
    ["TIME_SERIES(-2 ^ 2)", [-4, -4, -4, -4]],
    ["TIME_SERIES(1 - 2 - 3)", [-4, -4, -4, -4]],
    ["TIME_SERIES(1 < 2 AND 2 >= 3 OR 4 == 4)", [1, 1, 1, 1]],
    ["TIME_SERIES(1/0)", [_, _, _, _]],
    ["m1 * .5e1", [5, _, 20, 45]],
  ])("%s", (expression, expected) => {
    expect(pointsOf(expression, inputs)).toEqual(expected);
  });

  it("apply to each series of an array, from either side", () => {
    expect(arrayOf("[m1, m2] - 1", inputs)).toEqual([
      [0, _, 3, 8],
      [1, 4, _, -1],
    ]);
    expect(arrayOf("m1 - [m1, m2]", inputs)).toEqual([
      [0, _, 0, 0],
      [-1, -5, 4, 9],
    ]);
    expect(arrayOf("-[m1]", inputs)).toEqual([[-1, _, -4, -9]]);
  });

  const point = fc.option(fc.integer({ min: -3, max: 3 }), { nil: null });
  const points = fc.array(point, { minLength: 4, maxLength: 4 });
  const naive: Readonly<Record<string, (a: number, b: number) => number>> = {
    "+": (a, b) => a + b,
    "-": (a, b) => a - b,
    "*": (a, b) => a * b,
    "/": (a, b) => a / b,
    "<": (a, b) => Number(a < b),
    ">=": (a, b) => Number(a >= b),
    "==": (a, b) => Number(a === b),
    AND: (a, b) => Number(a !== 0 && b !== 0),
    OR: (a, b) => Number(a !== 0 || b !== 0),
  };

  it.each(Object.entries(naive))(
    "%s agrees with a point by point reading of the rules",
    (operator, apply) => {
      fc.assert(
        fc.property(points, points, (a, b) => {
          const expected = a.map((left, slot) => {
            const right = b[slot] ?? null;
            const result = left === null && right === null ? NaN : apply(left ?? 0, right ?? 0);
            return Number.isFinite(result) ? result + 0 : null;
          });
          expect(
            pointsOf(`a ${operator} b`, { a, b }).map((each) => (each === null ? null : each + 0)),
          ).toEqual(expected);
        }),
      );
    },
  );
});

describe("functions", () => {
  it.each<readonly [string, Points]>([
    ["ABS(-m1)", [1, _, 4, 9]],
    ["CEIL(m1 / 2)", [1, _, 2, 5]],
    ["FLOOR(m1 / 2)", [0, _, 2, 4]],
    ["LOG10(m1 * 10 - 10)", [_, _, Math.log10(30), Math.log10(80)]],
    ["LOG(m1)", [0, _, Math.log(4), Math.log(9)]],
    ["DIFF(m1)", [_, _, 3, 5]],
    ["DIFF_TIME(m1)", [_, _, 120, 60]],
    ["RATE(m1)", [_, _, 3 / 120, 5 / 60]],
    ["RUNNING_SUM(m1)", [1, _, 5, 14]],
    ["FILL(m1, 0)", [1, 0, 4, 9]],
    ["FILL(m1, m2)", [1, 5, 4, 9]],
    ["FILL(m1, REPEAT)", [1, 1, 4, 9]],
    ["FILL(m2, LINEAR)", [2, 5, 2.5, 0]],
    ["FILL(none, REPEAT)", [_, _, _, _]],
    ["FILL(none, LINEAR)", [_, _, _, _]],
    ["FILL(IF(m1 > 1, m1), LINEAR)", [_, _, 4, 9]],
    ["FILL(none, 7)", [7, 7, 7, 7]],
    ["TIME_SERIES(AVG(m1))", [3.5, 3.5, 3.5, 3.5]],
    ["TIME_SERIES(SUM(m1))", [14, 14, 14, 14]],
    ["TIME_SERIES(MAX(m1))", [9, 9, 9, 9]],
    ["TIME_SERIES(MIN(m1))", [1, 1, 1, 1]],
    [
      "TIME_SERIES(STDDEV(m2 * 0 + m2))",
      [Math.sqrt(38 / 9), _, _, _].map((v, __, all) => v ?? all[0] ?? null),
    ],
    ["TIME_SERIES(DATAPOINT_COUNT(m1))", [3, 3, 3, 3]],
    ["TIME_SERIES(DATAPOINT_COUNT(none))", [0, 0, 0, 0]],
    ["TIME_SERIES(MAX(none))", [_, _, _, _]],
    ["m1 + AVG(none)", [_, _, _, _]],
    ["AVG([m1, m2])", [1.5, 2.5, 2, 4.5]],
    ["SUM([m1, m2])", [3, 5, 4, 9]],
    ["MAX([m1, m2])", [2, 5, 4, 9]],
    ["MIN([m1, m2])", [1, 5, 4, 0]],
    ["STDDEV([m1, m2])", [0.5, 0, 0, 4.5]],
    ["DATAPOINT_COUNT([m1, none])", [1, _, 1, 1]],
    ["FIRST([m1, m2])", [1, _, 4, 9]],
    ["LAST([m1, m2])", [2, 5, _, 0]],
    ["FIRST(REMOVE_EMPTY([none]))", [_, _, _, _]],
    ["FIRST(SLICE([m1, m2, none], 1))", [2, 5, _, 0]],
    ["FIRST(SORT([none, m1, m2], SUM, DESC))", [1, _, 4, 9]],
    ["FIRST(SORT([none, m1, m2], AVG, ASC))", [2, 5, _, 0]],
    ["FIRST(SORT([none, m1, m2], MAX, ASC, 1))", [2, 5, _, 0]],
    ["LAST(SORT([none, m1, m2], MIN, DESC))", [_, _, _, _]],
    ["TIME_SERIES(METRIC_COUNT(METRICS()))", [3, 3, 3, 3]],
    ['SUM(METRICS("m"))', [3, 5, 4, 9]],
    ['SUM([METRICS("m1"), METRICS("m2")])', [3, 5, 4, 9]],
    ["m1 / PERIOD(m1)", [1 / 60, _, 4 / 60, 9 / 60]],
    ["MINUTE(none)", [0, 1, 2, 3]],
    ["HOUR(m1)", [12, 12, 12, 12]],
    ["DAY(m1)", [7, 7, 7, 7]],
    ["DATE(m1)", [1, 1, 1, 1]],
    ["MONTH(m1)", [11, 11, 11, 11]],
    ["YEAR(m1)", [2026, 2026, 2026, 2026]],
    ["EPOCH(m1) - EPOCH(m1) + MINUTE(m1)", [0, 1, 2, 3]],
  ])("%s", (expression, expected) => {
    const found = pointsOf(expression, inputs);
    found.forEach((point, slot) => {
      const wanted = expected[slot] ?? null;
      if (point === null || wanted === null) expect(point).toBe(wanted);
      else expect(point).toBeCloseTo(wanted, 12);
    });
  });

  it("keep arrays as arrays", () => {
    expect(arrayOf("FILL([m1, m2], 0)", inputs)).toEqual([
      [1, 0, 4, 9],
      [2, 5, 0, 0],
    ]);
    expect(arrayOf("REMOVE_EMPTY(METRICS())", inputs)).toHaveLength(2);
    expect(arrayOf("SLICE(METRICS(), 1, 2)", inputs)).toEqual([[2, 5, _, 0]]);
    expect(seriesOf("METRICS()", inputs).map(({ label }) => label)).toEqual(["m1", "m2", "none"]);
  });

  it("count the epoch in seconds", () => {
    expect(pointsOf("EPOCH(m1)", inputs)[0]).toBe(startMs / 1000);
  });
});

describe("IF", () => {
  it.each<readonly [string, Points]>([
    ["IF(m1 > 2, m1)", [_, _, 4, 9]],
    ["IF(m2, 1, 2)", [1, 1, _, 2]],
    ["IF(m2 > 9, 1, m1)", [1, _, _, 9]],
    ["IF(1 > 0, m1, m2)", [1, _, 4, 9]],
    ["IF(0, m1, m2)", [2, 5, _, 0]],
    ["IF(0, m1)", [_, _, _, _]],
  ])("%s", (expression, expected) => {
    expect(pointsOf(expression, inputs)).toEqual(expected);
  });
});

describe("a request", () => {
  const store = storeOf(inputs);
  const grid = { startMs, periodSeconds: 60, slots: 4 };

  it("returns what is to be returned, in its order, with labels and the samples of metrics", () => {
    const [m1, ...others] = inputQueries(inputs);
    if (m1 === undefined) throw new Error("no query");
    const found = readSeriesFrom(store)(
      [
        { id: "e2", expression: "e1 * 2", label: "twice" },
        ...others,
        { ...m1, returnData: true },
        { id: "e1", expression: "m1 + 1" },
      ],
      grid,
    );
    expect(found.map(({ id, label, values }) => [id, label, values])).toEqual([
      ["e2", "twice", [4, undefined, 10, 20]],
      ["m1", "m1", [1, undefined, 4, 9]],
      ["e1", "e1", [2, undefined, 5, 10]],
    ]);
    expect(found[1]?.sampleCounts).toEqual([1, undefined, 1, 1]);
    expect(found[0]?.sampleCounts).toBeUndefined();
  });

  it("lets a hidden expression be a number, but not a returned one", () => {
    const queries = [...inputQueries(inputs), { id: "total", expression: "SUM(m1)", returnData: false }];
    const read = readSeriesFrom(store);
    expect(read([...queries, { id: "share", expression: "m1 / total" }], grid)[0]?.values[0]).toBeCloseTo(
      1 / 14,
    );
    expect(() => read([{ id: "n", expression: "1 + 1" }], grid)).toThrow(
      /"n" is a number \(S\).*TIME_SERIES/,
    );
  });

  it("reads sliding buckets for expressions as for metrics", () => {
    const read = readSeriesFrom(store);
    const queries = [...inputQueries(inputs), { id: "e", expression: "m1 + m2" }];
    expect(read(queries, { startMs: startMs + 60_000, periodSeconds: 120, slots: 1 })[0]?.values).toEqual([
      9,
    ]);
  });

  it("refuses a query without metric and expression", () => {
    expect(() => readSeriesFrom(store)([{ id: "x" }], grid)).toThrow(
      'query "x" needs a metricStat or an expression',
    );
  });
});

describe("ANOMALY_DETECTION_BAND", () => {
  const day = Array.from({ length: 60 }, (_value, minute) => (minute % 2 === 0 ? 8 : 12));
  const read = (expression: string) =>
    readSeriesFrom(storeOf({ m1: day }))([...inputQueries({ m1: day }), { id: "band", expression }], {
      startMs: startMs + 60 * 60_000,
      periodSeconds: 60,
      slots: 2,
    });

  it("is a stand-in around the mean of what came before, and its label says so", () => {
    const [lower, upper] = read("ANOMALY_DETECTION_BAND(m1, 3)");
    expect([lower?.values, upper?.values]).toEqual([
      [4, 4],
      [16, 16],
    ]);
    expect(lower?.label).toBe("m1 lower bound (stand-in, not CloudWatch's anomaly model)");
  });

  it("is two deviations wide, and its last series is the upper bound", () => {
    expect(read("LAST(ANOMALY_DETECTION_BAND(m1))")[0]?.values).toEqual([14, 14]);
  });

  it("has no points without enough history", () => {
    expect(arrayOf("ANOMALY_DETECTION_BAND(m1)", { m1: [1, 2, 3] })).toEqual([
      [_, _, _],
      [_, _, _],
    ]);
  });

  it("refuses a width that is not above 0", () => {
    expect(() => read("ANOMALY_DETECTION_BAND(m1, 0)")).toThrow(/above 0/);
  });
});
