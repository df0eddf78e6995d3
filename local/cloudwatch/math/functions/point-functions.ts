import type { Grid } from "../../metric.ts";
import { argument, type MathFunction, type Scope } from "../scope.ts";
import type { CallNode } from "../syntax.ts";
import { mapPoints, pointOf, series, type Point } from "../value.ts";

type Change = (points: readonly Point[], grid: Grid) => readonly Point[];

function perSeries(change: Change): MathFunction {
  return {
    least: 1,
    most: 1,
    run: (call: CallNode, scope: Scope) =>
      mapPoints(argument(call, 0, { scope, types: ["TS", "TS[]"] }), (points) => change(points, scope.grid)),
  };
}

function perPoint(change: (value: number) => number): MathFunction {
  return perSeries((points) =>
    points.map((point) => (point === undefined ? undefined : pointOf(change(point)))),
  );
}

/** Dates are of the slots themselves, whether or not the series has a point there. */
function ofDate(part: (date: Date) => number): MathFunction {
  return {
    least: 1,
    most: 1,
    run(call, scope) {
      const { line } = argument(call, 0, { scope, types: ["TS"] });
      const { startMs, periodSeconds } = scope.grid;
      return series(line.points.map((_, slot) => part(new Date(startMs + slot * periodSeconds * 1000))));
    },
  };
}

/** Each point with the point before it, however many slots lie between. */
function pairwise(
  points: readonly Point[],
  join: (point: number, before: number, slots: number) => number,
): readonly Point[] {
  let before: { readonly point: number; readonly slot: number } | undefined;
  return points.map((point, slot) => {
    if (point === undefined) return undefined;
    const joined = before === undefined ? undefined : join(point, before.point, slot - before.slot);
    before = { point, slot };
    return joined;
  });
}

function runningSum(points: readonly Point[]): readonly Point[] {
  let sum = 0;
  return points.map((point) => (point === undefined ? undefined : (sum += point)));
}

/** Functions that make a series of a series, point by point or of neighbouring points. */
export const POINT_FUNCTIONS: Readonly<Record<string, MathFunction>> = {
  ABS: perPoint(Math.abs),
  CEIL: perPoint(Math.ceil),
  FLOOR: perPoint(Math.floor),
  LOG: perPoint(Math.log),
  LOG10: perPoint(Math.log10),
  DIFF: perSeries((points) => pairwise(points, (point, before) => point - before)),
  DIFF_TIME: perSeries((points, { periodSeconds }) =>
    pairwise(points, (_, __, slots) => slots * periodSeconds),
  ),
  RATE: perSeries((points, { periodSeconds }) =>
    pairwise(points, (point, before, slots) => (point - before) / (slots * periodSeconds)),
  ),
  RUNNING_SUM: perSeries(runningSum),
  MINUTE: ofDate((date) => date.getUTCMinutes()),
  HOUR: ofDate((date) => date.getUTCHours()),
  DAY: ofDate((date) => date.getUTCDay() || 7),
  DATE: ofDate((date) => date.getUTCDate()),
  MONTH: ofDate((date) => date.getUTCMonth() + 1),
  YEAR: ofDate((date) => date.getUTCFullYear()),
  EPOCH: ofDate((date) => date.getTime() / 1000),
};
