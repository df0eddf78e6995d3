import { expect, test } from "vitest";
import { summariseSeries } from "../../../../local/web/dashboards/chart-data.ts";

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
