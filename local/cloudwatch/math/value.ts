import type { MetricIdentity } from "../metric.ts";

/** A point, or `undefined` where there is none. */
export type Point = number | undefined;

/** A time series inside an expression: one point for each slot of the grid. */
export interface Line {
  readonly points: readonly Point[];
  /** Missing on what was computed of a single series. */
  readonly label?: string;
  /** Missing on what was computed. */
  readonly metric?: MetricIdentity;
}

/** What an expression or a part of it is: a scalar, a time series or an array of them, as AWS names the types. */
export type Value =
  | { readonly type: "S"; readonly number: number }
  | { readonly type: "TS"; readonly line: Line }
  | { readonly type: "TS[]"; readonly lines: readonly Line[] };

/** AWS's name of a value's type. */
export type ValueType = Value["type"];

/** A scalar; NaN stands for one that does not exist, as the maximum of nothing. */
export function scalar(number: number): Value {
  return { type: "S", number };
}

/** A computed series without a name of its own. */
export function series(points: readonly Point[]): Value {
  return { type: "TS", line: { points } };
}

/** Applies a change of points to a series, or to each of an array, which keep their names. */
export function mapPoints(
  value: Exclude<Value, { readonly type: "S" }>,
  change: (points: readonly Point[]) => readonly Point[],
): Value {
  if (value.type === "TS") return series(change(value.line.points));
  return { type: "TS[]", lines: value.lines.map((line) => ({ ...line, points: change(line.points) })) };
}

/** The number as a point; infinities and NaN are dropped, as a division by zero is. */
export function pointOf(number: number): Point {
  return Number.isFinite(number) ? number : undefined;
}
