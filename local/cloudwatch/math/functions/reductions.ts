import { argument, type MathFunction } from "../scope.ts";
import { pointOf, scalar, series, type Line, type Point } from "../value.ts";

/** Reduces the points that are there; `places` counts those that are not as well. */
type Reduce = (values: readonly number[], places: number) => number;

/** A series becomes a number, an array becomes a series: each slot over those that have a point there. */
function reduction(reduce: Reduce): MathFunction {
  return {
    least: 1,
    most: 1,
    run(call, scope) {
      const value = argument(call, 0, { scope, types: ["TS", "TS[]"] });
      if (value.type === "TS") return scalar(reduced(value.line.points, reduce) ?? NaN);
      return series(acrossLines(value.lines, scope.grid.slots, reduce));
    },
  };
}

function acrossLines(lines: readonly Line[], slots: number, reduce: Reduce): readonly Point[] {
  return Array.from({ length: slots }, (_, slot) =>
    reduced(
      lines.map((line) => line.points[slot]),
      reduce,
    ),
  );
}

function reduced(points: readonly Point[], reduce: Reduce): Point {
  const values = points.filter((point) => point !== undefined);
  return values.length === 0 ? undefined : pointOf(reduce(values, points.length));
}

const sum: Reduce = (values) => values.reduce((total, value) => total + value, 0);
const maximum: Reduce = (values) => values.reduce((a, b) => Math.max(a, b));
const minimum: Reduce = (values) => values.reduce((a, b) => Math.min(a, b));
/** A missing point counts as 0, so that every place is in the divisor. */
const average: Reduce = (values, places) => sum(values, places) / places;

/** Of the points that are there, as of a whole population; AWS does not say which. */
const deviation: Reduce = (values) => {
  const mean = sum(values, values.length) / values.length;
  return Math.sqrt(values.reduce((total, value) => total + (value - mean) ** 2, 0) / values.length);
};

const pointCount = reduction((values) => values.length);

/** Functions that make a number of a series, and a series of an array. */
export const REDUCTIONS: Readonly<Record<string, MathFunction>> = {
  AVG: reduction(average),
  MAX: reduction(maximum),
  MIN: reduction(minimum),
  SUM: reduction(sum),
  STDDEV: reduction(deviation),
  DATAPOINT_COUNT: {
    ...pointCount,
    run(call, scope) {
      const count = pointCount.run(call, scope);
      return count.type === "S" && Number.isNaN(count.number) ? scalar(0) : count;
    },
  },
};

/** What SORT orders by. */
export const SORT_KEYS = { AVG: average, MAX: maximum, MIN: minimum, SUM: sum } satisfies Record<
  string,
  Reduce
>;

/** The number that SORT compares; `undefined` for a series without points. */
export function sortKey(line: Line, by: keyof typeof SORT_KEYS): Point {
  return reduced(line.points, SORT_KEYS[by]);
}
