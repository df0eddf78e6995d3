import { describe, expect, test } from "vitest";
import { RehearsalCounts } from "../../../local/rehearsal/rehearsal-report.ts";
import type { RunResult } from "../../../local/rehearsal/run-result.ts";
import { DurationCounts, poissonInterval, wilsonInterval } from "../../../local/rehearsal/statistics.ts";

const DEFINITION = {
  alarmName: "a",
  evaluationPeriods: 1,
  comparisonOperator: "GreaterThanThreshold",
  alarmActions: ["arn:aws:sns:us-east-1:123456789012:page"],
} as const;

const SECOND = 1000;

function result(detected: number | undefined, changes: Partial<RunResult> = {}): RunResult {
  return {
    alarms: [
      {
        falsePositives: 1,
        falseAllClears: 2,
        ...(detected !== undefined && { timeToDetectMs: detected * SECOND }),
      },
    ],
    topics: {},
    unpublished: [],
    untilFirstRequestMs: 10 * SECOND,
    ...changes,
  };
}

function added(...results: readonly RunResult[]) {
  const counts = new RehearsalCounts([DEFINITION], 15);
  for (const each of results) counts.add(each);
  return counts.summary();
}

describe("runs added up", () => {
  test("give shares with their interval, p50, p95, max, and what 30 days hold", () => {
    const recovered = { falsePositives: 0, falseAllClears: 0, timeToDetectMs: 90_000, timeToRecoverMs: 7000 };
    const { alarms, runs } = added(
      result(30),
      result(10),
      result(undefined),
      result(90, { alarms: [recovered] }),
    );
    expect(runs).toBe(4);
    expect(alarms).toEqual([
      {
        alarmName: "a",
        detected: { count: 3, of: 4, ...wilsonInterval(3, 4) },
        timeToDetect: { p50Ms: 30_000, p95Ms: 90_000, maxMs: 90_000 },
        timeToDetectFromFirstRequest: { p50Ms: 20_000, p95Ms: 80_000, maxMs: 80_000 },
        timeToRecover: { p50Ms: 7000, p95Ms: 7000, maxMs: 7000 },
        neverRecovered: 2,
        falseAllClears: 6,
        // Three in four runs of half a month.
        falsePositives: { in30Days: 1.5, low: poissonInterval(3).low / 2, high: poissonInterval(3).high / 2 },
      },
    ]);
  });

  test("give the mails of each topic, and a topic that was never written to as well", () => {
    const page = "arn:aws:sns:us-east-1:123456789012:page";
    const topic = { mails: 3, falsePositives: 0, laterSpans: 2, laterSpansNotified: 1 };
    const { topics } = added(
      result(30, { topics: { [page]: { ...topic, timeToNotifyMs: 41_000 } } }),
      result(30),
    );
    expect(topics).toMatchObject([
      {
        topic: "page",
        notified: { count: 1, of: 2 },
        timeToNotify: { maxMs: 41_000 },
        laterSpansNotified: { count: 1, of: 2 },
        mails: { mean: 1.5, max: 3 },
      },
    ]);
    expect(added(result(30)).topics).toMatchObject([
      { topic: "page", notified: { count: 0 }, mails: { max: 0 } },
    ]);
  });

  test("name the metrics that no run published", () => {
    const runs = [["A", "B"], ["B"], ["B", "C"]].map((unpublished) => result(1, { unpublished }));
    expect(added(...runs).unpublished).toEqual(["B"]);
  });
});

describe("durations", () => {
  test("are counted by the second, upwards", () => {
    const counts = new DurationCounts();
    for (let second = 1; second <= 100; second += 1) counts.add(second * SECOND - 1);
    expect(counts.spread()).toEqual({ p50Ms: 50_000, p95Ms: 95_000, maxMs: 100_000 });
    expect(new DurationCounts().spread()).toBeUndefined();
  });
});

describe("intervals", () => {
  // https://en.wikipedia.org/wiki/Binomial_proportion_confidence_interval: values of any statistics package.
  test.each<readonly [number, number, readonly [number, number]]>([
    [20, 20, [0.8389, 1]],
    [0, 100, [0, 0.037]],
    [5, 10, [0.2366, 0.7634]],
    [0, 0, [0, 1]],
  ])("of %i in %i by Wilson are %j", (count, total, [low, high]) => {
    const interval = wilsonInterval(count, total);
    expect(interval.low).toBeCloseTo(low, 4);
    expect(interval.high).toBeCloseTo(high, 4);
  });

  // The exact limits are half of the chi-squared quantiles of 2n and 2n + 2 degrees of freedom.
  test.each([
    [0, 0, 3.689],
    [1, 0.025, 5.572],
    [5, 1.623, 11.668],
    [10, 4.795, 18.39],
  ])("of a count of %i are within 0.03 of the exact %d and %d", (count, low, high) => {
    const interval = poissonInterval(count);
    expect(Math.abs(interval.low - low)).toBeLessThan(0.03);
    expect(Math.abs(interval.high - high)).toBeLessThan(0.03);
  });
});
