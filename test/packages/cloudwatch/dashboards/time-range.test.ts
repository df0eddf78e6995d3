import { expect, test } from "vitest";
import { openingRangeSeconds } from "@wrist-agent/cloudwatch/dashboards/time-range";

const NOW = Date.UTC(2026, 10, 23, 12);

test.each([
  ["a relative start", { start: "-PT24H" }, 86_400],
  ["a relative start in days", { start: "-P7D" }, 604_800],
  ["an absolute start", { start: "2026-11-23T09:00:00Z" }, 10_800],
  ["a start in the future", { start: "2027-01-01T00:00:00Z" }, undefined],
  ["a start that is no time", { start: "yesterday" }, undefined],
  ["no start", {}, undefined],
  ["a body that is no object", [], undefined],
])("a dashboard with %s opens with its range", (_what, body, seconds) => {
  expect(openingRangeSeconds(JSON.stringify(body), NOW)).toBe(seconds);
});

test("a body that is not JSON has no range of its own", () => {
  expect(openingRangeSeconds("{", NOW)).toBeUndefined();
});
