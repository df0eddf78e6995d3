import { expect, test } from "vitest";
import { shortNumber, summariseSeries } from "../../../../local/web/format/series-summary.ts";

test.each([
  [0, "0"],
  [undefined, "–"],
  [null, "–"],
  [0.00042, "0.00042"],
  [3, "3"],
  [60.125, "60.13"],
  [1234.5, "1234.5"],
  [12_345, "12.3 k"],
  [1_250_000, "1.25 M"],
  [-5, "-5"],
])("the number %s reads %j", (value, text) => {
  expect(shortNumber(value)).toBe(text);
});

test("a series is summed up without its gaps", () => {
  expect(summariseSeries({ values: [null, 4, 0, null] })).toEqual({
    count: 2,
    last: 0,
    min: 0,
    max: 4,
    average: 2,
    sum: 4,
  });
  expect(summariseSeries({ values: [null] })).toEqual({ count: 0 });
});
