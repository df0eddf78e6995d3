import { describe, expect, test } from "vitest";
import {
  axisRange,
  countSteps,
  dottedPoints,
  joinSeries,
  shownEdges,
  stackColumns,
} from "../../../../local/web/dashboards/chart-data.ts";

const series = (
  startMs: number,
  periodSeconds: number,
  values: readonly (number | null)[],
): Parameters<typeof joinSeries>[0][number] => ({
  id: "m",
  label: "m",
  yAxis: "left",
  startMs,
  periodSeconds,
  values,
});

describe("joining series", () => {
  test("a gap stays a gap, and a time that a series does not have is none", () => {
    const joined = joinSeries([series(0, 60, [1, null, 3]), series(0, 120, [7, 8])]);
    expect(joined).toEqual({
      seconds: [0, 60, 120],
      columns: [
        [1, null, 3],
        [7, undefined, 8],
      ],
    });
  });

  test("nothing joins to nothing", () => {
    expect(joinSeries([])).toEqual({ seconds: [], columns: [] });
  });
});

test("stacked points lie on the points below them, and a gap lifts nothing", () => {
  expect(
    stackColumns([
      [1, null, 3],
      [10, 20, undefined],
      [0, 5, 100],
    ]),
  ).toEqual([
    [1, null, 3],
    [11, 20, undefined],
    [11, 25, 103],
  ]);
});

describe("dots", () => {
  const far = { positions: [0, 10, 20, 30, 40, 50], minWidth: 8 };

  test.each([
    [
      [1, null, 2, 3, null, 4],
      [0, 5],
    ],
    [[null, 1, null], [1]],
    [[1, 2], []],
    [[0], [0]],
    [[1, undefined, 2], []],
    [[null, undefined, 2, undefined, null], [2]],
    [[], []],
  ])("in %j the points without neighbour are at %j", (column, dotted) => {
    expect(dottedPoints(column, far)).toEqual(dotted);
  });

  test("points so close that their line could not be seen are dots too", () => {
    const positions = [0, 1, 2, 100, 108, 200];
    expect(dottedPoints([5, 6, null, 1, 2, 3], { positions, minWidth: 8 })).toEqual([0, 1]);
  });
});

describe("the edges of a stack", () => {
  test("a layer that adds nothing hides none below it", () => {
    expect(
      shownEdges([
        [3, 0],
        [0, 0],
        [0, 7],
      ]),
    ).toEqual([
      [true, false],
      [false, false],
      [false, true],
    ]);
  });

  test("where all layers are 0 the lowest that has a point shows it, and a gap shows nothing", () => {
    expect(
      shownEdges([
        [null, undefined, null],
        [0, 0, null],
        [0, 0, null],
      ]),
    ).toEqual([
      [false, false, false],
      [true, true, false],
      [false, false, false],
    ]);
  });
});

test("an axis of counts has no fractions, and one of shares may", () => {
  expect(countSteps([0, 3, 4])?.slice(0, 4)).toEqual([1, 2, 5, 10]);
  expect(countSteps([])?.[0]).toBe(1);
  expect(countSteps([0, 0.25])).toBeUndefined();
});

describe("the range of an axis", () => {
  test.each([
    ["starts at 0", { points: [5, 10], marks: [] }, 0, 10.8],
    ["holds a threshold above every point", { points: [1], marks: [100] }, 0, 108],
    ["goes below 0 with its points", { points: [-10, 0], marks: [] }, -10, 0.8],
    ["is not empty without points", { points: [], marks: [] }, 0, 1],
    ["is as the widget fixes it", { points: [5], marks: [], min: 2, max: 4 }, 2, 4],
  ])("%s", (...[, needs, low, high]) => {
    const [from, to] = axisRange(needs);
    expect(from).toBe(low);
    expect(to).toBeCloseTo(high);
  });
});
