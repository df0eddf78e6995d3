import { argument, keyword, text, wrongArgument, type MathFunction, type Scope } from "../scope.ts";
import type { CallNode } from "../syntax.ts";
import { scalar, type Line, type Value } from "../value.ts";
import { SORT_KEYS, sortKey } from "./reductions.ts";

function lines(call: CallNode, scope: Scope): readonly Line[] {
  return argument(call, 0, { scope, types: ["TS[]"] }).lines;
}

function arrayOf(found: readonly Line[]): Value {
  return { type: "TS[]", lines: found };
}

/** A whole number argument; `otherwise` when it is left out. */
function whole(
  call: CallNode,
  index: number,
  { scope, otherwise }: { scope: Scope; otherwise: number },
): number {
  if (call.args.length <= index) return otherwise;
  const { number } = argument(call, index, { scope, types: ["S"] });
  if (!Number.isInteger(number) || number < 0)
    throw wrongArgument(call, index, "expected a whole number from 0");
  return number;
}

function endOf(pick: (found: readonly Line[]) => Line | undefined): MathFunction {
  return {
    least: 1,
    most: 1,
    run(call, scope) {
      const empty = { points: new Array<undefined>(scope.grid.slots).fill(undefined) };
      return { type: "TS", line: pick(lines(call, scope)) ?? empty };
    },
  };
}

function sorted(call: CallNode, scope: Scope): Value {
  const by = keyword(call, 1, Object.keys(SORT_KEYS) as (keyof typeof SORT_KEYS)[]);
  const direction = keyword(call, 2, ["ASC", "DESC"]) === "ASC" ? 1 : -1;
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

function metrics(call: CallNode, scope: Scope): Value {
  const part = call.args.length === 0 ? "" : text(call, 0);
  return arrayOf(
    scope
      .metrics()
      .filter(({ id }) => id.includes(part))
      .map(({ line }) => line),
  );
}

function search(call: CallNode, scope: Scope): Value {
  whole(call, 2, { scope, otherwise: 0 });
  return arrayOf(scope.search(text(call, 0), text(call, 1)));
}

/** Functions over arrays of series. */
export const ARRAY_FUNCTIONS: Readonly<Record<string, MathFunction>> = {
  FIRST: endOf((found) => found[0]),
  LAST: endOf((found) => found.at(-1)),
  METRIC_COUNT: { least: 1, most: 1, run: (call, scope) => scalar(lines(call, scope).length) },
  METRICS: { least: 0, most: 1, run: metrics },
  REMOVE_EMPTY: {
    least: 1,
    most: 1,
    run: (call, scope) =>
      arrayOf(lines(call, scope).filter(({ points }) => points.some((point) => point !== undefined))),
  },
  SEARCH: { least: 2, most: 3, run: search },
  SLICE: {
    least: 2,
    most: 3,
    run: (call, scope) =>
      arrayOf(
        lines(call, scope).slice(
          whole(call, 1, { scope, otherwise: 0 }),
          whole(call, 2, { scope, otherwise: Infinity }),
        ),
      ),
  },
  SORT: { least: 3, most: 4, run: sorted },
};
