import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { curlLine } from "../../../local/web/curl-line.ts";
import { hashOf, RANGES, readRoute, SECTIONS, type RangeName } from "../../../local/web/route.ts";
import { shortNumber, summarise } from "../../../local/web/series-summary.ts";
import { ago } from "../../../local/web/time.ts";

describe("places in the hash", () => {
  test("every place is found again by its link", () => {
    const place = fc.record({
      section: fc.constantFrom(...SECTIONS),
      item: fc.string({ minLength: 1 }),
      range: fc.constantFrom(...(Object.keys(RANGES) as RangeName[])),
    });
    fc.assert(
      fc.property(place, (route) => {
        expect(readRoute(hashOf(route))).toEqual(route);
      }),
    );
  });

  test.each([
    "",
    "#",
    "#/nowhere",
    "#/dashboards?range=9y",
    "#/dashboards/%E0%A4%A",
    "#/dashboards?range=toString",
  ])("%j leads to the first dashboard", (hash) => expect(readRoute(hash)).toEqual({ section: "dashboards" }));
});

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
  expect(summarise({ values: [null, 4, 0, null] })).toEqual({
    count: 2,
    last: 0,
    min: 0,
    max: 4,
    average: 2,
    sum: 4,
  });
  expect(summarise({ values: [null] })).toEqual({ count: 0 });
});

test.each([
  [0, "just now"],
  [59, "just now"],
  [60, "1 min ago"],
  [3599, "59 min ago"],
  [3600, "1 h ago"],
  [200_000, "2 d ago"],
  [-5, "just now"],
])("%d seconds back is %s", (seconds, text) => {
  expect(ago(0, seconds * 1000)).toBe(text);
});

test("the curl line fetches the token and quotes the address", () => {
  const line = curlLine({ tokenCommand: "show-token", functionUrl: "http://127.0.0.1:1/'x" });
  expect(line).toContain('TOKEN="$(show-token)"');
  expect(line).toContain("'http://127.0.0.1:1/%27x'");
});
