import { argument, type MathFunction } from "../scope.ts";
import { mapPoints, pointOf, type Point, type Value } from "../value.ts";

type Fill = (points: readonly Point[]) => readonly Point[];

/** `FILL(x, S | TS | REPEAT | LINEAR)`: puts points into gaps. */
export const FILL: MathFunction = {
  least: 2,
  most: 2,
  run(call, scope) {
    const value = argument(call, 0, { scope, types: ["TS", "TS[]"] });
    const filler = call.args[1];
    if (filler?.kind === "keyword" && filler.name === "REPEAT") return mapPoints(value, repeat);
    if (filler?.kind === "keyword" && filler.name === "LINEAR") return mapPoints(value, linear);
    return mapPoints(value, fillWith(argument(call, 1, { scope, types: ["S", "TS"] })));
  },
};

function fillWith(filler: Extract<Value, { readonly type: "S" | "TS" }>): Fill {
  if (filler.type === "S") return (points) => points.map((point) => point ?? pointOf(filler.number));
  return (points) => points.map((point, slot) => point ?? filler.line.points[slot]);
}

/** The last point before the gap; nothing before the first point. */
function repeat(points: readonly Point[]): readonly Point[] {
  let last: Point;
  return points.map((point) => (last = point ?? last));
}

/** On the line between the points on both sides of the gap; nothing outside of them. */
function linear(points: readonly Point[]): readonly Point[] {
  const filled = [...points];
  let from: number | undefined;
  points.forEach((point, to) => {
    if (point === undefined) return;
    const start = from === undefined ? point : (points[from] ?? point);
    for (let slot = (from ?? to) + 1; slot < to; slot++)
      filled[slot] = start + ((point - start) * (slot - (from ?? to))) / (to - (from ?? to));
    from = to;
  });
  return filled;
}
