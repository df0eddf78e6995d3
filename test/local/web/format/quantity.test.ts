import { describe, expect, test } from "vitest";
import {
  quantityText,
  shortNumber,
  tickTexts,
  titleWithoutUnit,
  type Unit,
  unitOf,
} from "../../../../local/web/format/quantity.ts";

test.each([
  [0, "0"],
  [undefined, "–"],
  [null, "–"],
  [0.00042, "0.00042"],
  [0.115, "0.115"],
  [3, "3"],
  [9.999, "10"],
  [39.833333333, "39.8"],
  [60.125, "60.1"],
  [313.4, "313"],
  [999.7, "1,000"],
  [1512.1, "1,512"],
  [9999.6, "10 k"],
  [31_000, "31 k"],
  [999_600, "1 M"],
  [1_250_000, "1.25 M"],
  [-5, "-5"],
])("the number %s reads %j", (value, text) => {
  expect(shortNumber(value)).toBe(text);
});

test.each<[number | null, Unit, string]>([
  [1512.1, "ms", "1.5 s"],
  [640.4, "ms", "640 ms"],
  [4.25, "ms", "4.3 ms"],
  [999.6, "ms", "1 s"],
  [31_000, "ms", "31 s"],
  [59_960, "ms", "1 min"],
  [90_000, "ms", "1.5 min"],
  [5_400_000, "ms", "1.5 h"],
  [1.5, "seconds", "1.5 s"],
  [0, "usd", "$0"],
  [0.0007, "usd", "$0.0007"],
  [0.00068432, "usd", "$0.00068"],
  [0.0000000042, "usd", "$0.0000000042"],
  [0.0424, "usd", "$0.042"],
  [1.5, "usd", "$1.50"],
  [12_345, "usd", "$12,345"],
  [-2, "usd", "-$2.00"],
  [11.5, "percent", "11.5 %"],
  [100, "percent", "100 %"],
  [2_500_000, "bytes", "2.5 MB"],
  [null, "ms", "–"],
])("%s in %s reads %j", (value, unit, text) => {
  expect(quantityText(value, unit)).toBe(text);
});

describe("the ticks of an axis", () => {
  test.each<[number[], Unit | undefined, string[]]>([
    [
      [0, 0.00025, 0.0005, 0.00075, 0.001, 0.00125],
      undefined,
      ["0", "0.00025", "0.00050", "0.00075", "0.00100", "0.00125"],
    ],
    [[0, 0.001, 0.002], "usd", ["$0", "$0.001", "$0.002"]],
    [[0, 5000, 10_000, 15_000], undefined, ["0", "5 k", "10 k", "15 k"]],
    [[0, 500, 1000, 1500], undefined, ["0", "500", "1,000", "1,500"]],
    [[0, 500, 1000, 1500], "ms", ["0", "0.5 s", "1.0 s", "1.5 s"]],
    [[0, 200, 400], "ms", ["0", "200 ms", "400 ms"]],
    [[0, 60_000, 120_000], "ms", ["0", "1 min", "2 min"]],
    [[0, 0.2, 0.4], "seconds", ["0", "200 ms", "400 ms"]],
    [[0, 2.5, 5], "percent", ["0", "2.5 %", "5.0 %"]],
    [[7], undefined, ["7.00"]],
  ])("%j in %s are told apart", (ticks, unit, texts) => {
    expect(tickTexts(ticks, unit)).toEqual(texts);
    expect(new Set(texts).size).toBe(ticks.length);
  });
});

test.each([
  [["ms"], "ms"],
  [["Latency (ms)"], "ms"],
  [["p50Ms"], "ms"],
  [["Model, today, USD"], "usd"],
  [["costUsd"], "usd"],
  [["cost (USD)"], "usd"],
  [["usd"], "usd"],
  [["usdPerRequest"], "usd"],
  [["% of all"], "percent"],
  [["Answered within 5 s (%)"], "percent"],
  [["requests", "Latency (ms)"], "ms"],
  [[undefined, "requests"], undefined],
  [["terms", "items", "Requests"], undefined],
])("%j names the unit %s", (texts, unit) => {
  expect(unitOf(...texts)).toBe(unit);
});

test("a title loses the unit that its numbers carry", () => {
  expect(titleWithoutUnit("Latency (ms)")).toBe("Latency");
  expect(titleWithoutUnit("Model, today, USD")).toBe("Model, today");
  expect(titleWithoutUnit("Requests (all)")).toBe("Requests (all)");
});
