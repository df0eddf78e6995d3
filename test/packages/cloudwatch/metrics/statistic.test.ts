import { describe, expect, it } from "vitest";
import { Distribution } from "@wrist-agent/cloudwatch/metrics/distribution";
import { needsDistribution, parseStatistic, StatisticError } from "@wrist-agent/cloudwatch/metrics/statistic";

function of(stat: string, values: readonly number[]): number | undefined {
  const distribution = new Distribution();
  for (const value of values) distribution.add(value, 1);
  const statistic = parseStatistic(stat);
  if (!needsDistribution(statistic)) throw new Error(`${stat} needs no distribution`);
  return distribution.statistic(statistic);
}

const ten = [10, 9, 8, 7, 6, 5, 4, 3, 2, 1];

describe("statistics of single values", () => {
  it.each([
    ["p0", 1],
    ["p50", 5],
    ["p90", 9],
    ["p99.9", 10],
    ["p100", 10],
    ["tm90", 5],
    ["TM(10%:90%)", 5.5],
    ["TM(:90%)", 5],
    ["TM(50%:)", 8],
    ["TM(2:5)", 4],
    ["TM(:5)", 3],
    ["TC(2:5)", 3],
    ["TC(10%:90%)", 8],
    ["tc95", 9.5],
    ["TS(2:5)", 12],
    ["ts90", 45],
    ["ts95", 50],
    ["wm80", 5.2],
    ["WM(20%:80%)", 5.3],
    ["WM(3:7)", 5.2],
    ["PR(3:7)", 40],
    ["PR(:7)", 70],
    ["PR(7:)", 30],
    ["IQM", 5.5],
  ])("%s of 1 to 10 is %d", (stat, expected) => {
    expect(of(stat, ten)).toBeCloseTo(expected, 10);
  });

  it("has no trimmed mean where nothing lies within the bounds, but a count and a share of 0", () => {
    expect(of("TM(20:30)", ten)).toBeUndefined();
    expect(of("TC(20:30)", ten)).toBe(0);
    expect(of("PR(20:30)", ten)).toBe(0);
  });

  it("excludes the lower fixed bound and includes the upper one", () => {
    expect(of("TC(1:2)", [1, 2])).toBe(1);
  });

  it("takes more values than it had room for at first, with their counts", () => {
    const distribution = new Distribution();
    for (let value = 1; value <= 100; value += 1) distribution.add(value, value === 100 ? 101 : 1);
    expect(distribution.statistic({ kind: "percentile", percent: 49.5 })).toBe(99);
    expect(distribution.statistic({ kind: "percentile", percent: 50 })).toBe(100);
    const hundred = Array.from({ length: 100 }, (_, at) => at + 1);
    expect(of("p70", hundred)).toBe(70);
  });

  it("has nothing to say of no values", () => {
    expect(of("p50", [])).toBeUndefined();
  });
});

describe("spelling of statistics", () => {
  it.each([
    ["sum", /use Sum/],
    ["p101", /0 to 100/],
    ["p1.12345678901", /unknown statistic "p1.12345678901"/],
    ["TM()", /unknown statistic/],
    ["TM(:)", /at least one bound/],
    ["TM(1:10%)", /both bounds in percent or neither/],
    ["TM(90%:10%)", /lower bound must be less/],
    ["TM(0%:101%)", /0 to 100/],
    ["TM(a:b)", /bounds as numbers/],
    ["PR(10%:90%)", /fixed values/],
  ])("refuses %s and says what to write instead", (stat, message) => {
    expect(() => parseStatistic(stat)).toThrow(StatisticError);
    expect(() => parseStatistic(stat)).toThrow(message);
  });
});
