import type { CallNode } from "./math-expression.ts";
import {
  argumentValue,
  keywordArgument,
  type Line,
  type MathFunction,
  type MathValue,
  type Point,
  pointOf,
  scalarValue,
  type Scope,
  seriesValue,
  textArgument,
  wrongArgument,
} from "./math-value.ts";

/** Reduces the points that are there; `places` counts those that are not as well. */
type Reduce = (values: readonly number[], places: number) => number;

/** A series becomes a number, an array becomes a series: each slot over those that have a point there. */
function reduction(reduce: Reduce): MathFunction {
  return {
    minArguments: 1,
    maxArguments: 1,
    run(call, scope) {
      const value = argumentValue(call, 0, { scope, types: ["TS", "TS[]"] });
      if (value.type === "TS") return scalarValue(reduced(value.line.points, reduce) ?? NaN);
      return seriesValue(acrossLines(value.lines, scope.grid.slots, reduce));
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
      return count.type === "S" && Number.isNaN(count.number) ? scalarValue(0) : count;
    },
  },
};

/** What SORT orders by. */
const SORT_KEYS = { AVG: average, MAX: maximum, MIN: minimum, SUM: sum } satisfies Record<string, Reduce>;

/** The number that SORT compares; `undefined` for a series without points. */
function sortKey(line: Line, by: keyof typeof SORT_KEYS): Point {
  return reduced(line.points, SORT_KEYS[by]);
}

function lines(call: CallNode, scope: Scope): readonly Line[] {
  return argumentValue(call, 0, { scope, types: ["TS[]"] }).lines;
}

function arrayOf(found: readonly Line[]): MathValue {
  return { type: "TS[]", lines: found };
}

/** A whole number argument; `otherwise` when it is left out. */
function whole(
  call: CallNode,
  index: number,
  { scope, otherwise }: { scope: Scope; otherwise: number },
): number {
  if (call.args.length <= index) return otherwise;
  const { number } = argumentValue(call, index, { scope, types: ["S"] });
  if (!Number.isInteger(number) || number < 0)
    throw wrongArgument(call, index, "expected a whole number from 0");
  return number;
}

function endOf(pick: (found: readonly Line[]) => Line | undefined): MathFunction {
  return {
    minArguments: 1,
    maxArguments: 1,
    run(call, scope) {
      const empty = { points: new Array<undefined>(scope.grid.slots).fill(undefined) };
      return { type: "TS", line: pick(lines(call, scope)) ?? empty };
    },
  };
}

function sorted(call: CallNode, scope: Scope): MathValue {
  const by = keywordArgument(call, 1, Object.keys(SORT_KEYS) as (keyof typeof SORT_KEYS)[]);
  const direction = keywordArgument(call, 2, ["ASC", "DESC"]) === "ASC" ? 1 : -1;
  const limit = whole(call, 3, { scope, otherwise: Infinity });
  const keyed = lines(call, scope).map((line) => ({ line, key: sortKey(line, by) }));
  // Series without points come last in either direction.
  keyed.sort((a, b) => {
    if (a.key === undefined || b.key === undefined)
      return Number(a.key === undefined) - Number(b.key === undefined);
    return direction * (a.key - b.key);
  });
  return arrayOf(keyed.slice(0, limit).map(({ line }) => line));
}

function metrics(call: CallNode, scope: Scope): MathValue {
  const part = call.args.length === 0 ? "" : textArgument(call, 0);
  return arrayOf(
    scope
      .metrics()
      .filter(({ id }) => id.includes(part))
      .map(({ line }) => line),
  );
}

function search(call: CallNode, scope: Scope): MathValue {
  whole(call, 2, { scope, otherwise: 0 });
  return arrayOf(scope.search(textArgument(call, 0), textArgument(call, 1)));
}

/** Functions over arrays of series. */
export const ARRAY_FUNCTIONS: Readonly<Record<string, MathFunction>> = {
  FIRST: endOf((found) => found[0]),
  LAST: endOf((found) => found.at(-1)),
  METRIC_COUNT: {
    minArguments: 1,
    maxArguments: 1,
    run: (call, scope) => scalarValue(lines(call, scope).length),
  },
  METRICS: { minArguments: 0, maxArguments: 1, run: metrics },
  REMOVE_EMPTY: {
    minArguments: 1,
    maxArguments: 1,
    run: (call, scope) =>
      arrayOf(lines(call, scope).filter(({ points }) => points.some((point) => point !== undefined))),
  },
  SEARCH: { minArguments: 2, maxArguments: 3, run: search },
  SLICE: {
    minArguments: 2,
    maxArguments: 3,
    run: (call, scope) =>
      arrayOf(
        lines(call, scope).slice(
          whole(call, 1, { scope, otherwise: 0 }),
          whole(call, 2, { scope, otherwise: Infinity }),
        ),
      ),
  },
  SORT: { minArguments: 3, maxArguments: 4, run: sorted },
};
