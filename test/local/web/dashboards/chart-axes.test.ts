import { afterEach, beforeEach, expect, test } from "vitest";
import type uPlot from "uplot";
import { clockLabels } from "../../../../local/web/dashboards/chart-axes.ts";
import { showUtc } from "../../../../local/web/format/time.ts";

const NO_PLOT = {} as uPlot;
const at = (day: number, hour: number): number => Date.UTC(2026, 10, day, hour) / 1000;

beforeEach(() => showUtc(true));
afterEach(() => showUtc(false));

test.each<[string, readonly number[], readonly string[]]>([
  ["hours of a day", [at(22, 6), at(22, 12)], ["06:00", "12:00"]],
  ["hours over a midnight", [at(22, 18), at(23, 0), at(23, 6)], ["18:00", "Nov 23", "06:00"]],
  ["days, the first one too", [at(22, 0), at(23, 0)], ["Nov 22", "Nov 23"]],
  ["hours in which no tick is at midnight", [at(22, 20), at(23, 2)], ["20:00", "Nov 23"]],
])("an axis of %s", (_of, seconds, texts) => {
  expect(clockLabels(NO_PLOT, [...seconds])).toEqual(texts);
});
