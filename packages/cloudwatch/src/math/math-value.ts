import type { Grid, MetricIdentity } from "../metric.ts";
import type { ContributorInsights } from "../logs/contributor-insights.ts";
import type { AnomalyDetector } from "./anomaly-detector.ts";
import { type CallNode, MathError, type MathNode } from "./math-expression.ts";

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

/**
 * What an expression or a part of it is: a scalar, a time series or an array of them, as AWS names the types.
 */
export type MathValue =
  | { readonly type: "S"; readonly number: number }
  | { readonly type: "TS"; readonly line: Line }
  | { readonly type: "TS[]"; readonly lines: readonly Line[] };

/** AWS's name of a value's type. */
type MathValueType = MathValue["type"];

/** A scalar; NaN stands for one that does not exist, as the maximum of nothing. */
export function scalarValue(number: number): MathValue {
  return { type: "S", number };
}

/** A computed series without a name of its own. */
export function seriesValue(points: readonly Point[]): MathValue {
  return { type: "TS", line: { points } };
}

/** Applies a change of points to a series, or to each of an array, which keep their names. */
export function mapPoints(
  value: Exclude<MathValue, { readonly type: "S" }>,
  change: (points: readonly Point[]) => readonly Point[],
): MathValue {
  if (value.type === "TS") return seriesValue(change(value.line.points));
  return { type: "TS[]", lines: value.lines.map((line) => ({ ...line, points: change(line.points) })) };
}

/** The number as a point; infinities and NaN are dropped, as a division by zero is. */
export function pointOf(number: number): Point {
  return Number.isFinite(number) ? number : undefined;
}

/** A metric of the request, by its id. */
export interface RequestMetric {
  readonly id: string;
  readonly line: Line;
}

/** What a Region knows besides its metrics. */
export interface MathSources {
  readonly detectors: () => readonly AnomalyDetector[];
  readonly insights: Pick<ContributorInsights, "find" | "points">;
}

/** What the parts of an expression can ask for while it is evaluated. */
export interface Scope {
  readonly grid: Grid;
  evaluate(node: MathNode): MathValue;
  /** The metrics of the request in their order, never its expressions. */
  metrics(): readonly RequestMetric[];
  isMetric(id: string): boolean;
  /** Every metric that a search expression finds, read with a statistic. */
  search(expression: string, stat: string): readonly Line[];
  /** The detector of what a node gives, if there is one. */
  detectorOf(node: MathNode): AnomalyDetector | undefined;
  /** Missing where nothing is known of rules. */
  readonly insights: MathSources["insights"] | undefined;
  /** The same request over another grid. */
  over(grid: Grid): Scope;
}

/** A function of metric math: how many arguments it takes, and what it does. */
export interface MathFunction {
  readonly minArguments: number;
  readonly maxArguments: number;
  readonly run: (call: CallNode, scope: Scope) => MathValue;
}

/** The argument's value, which must be of one of the types. */
export function argumentValue<Type extends MathValueType>(
  call: CallNode,
  index: number,
  { scope, types }: { readonly scope: Scope; readonly types: readonly Type[] },
): Extract<MathValue, { readonly type: Type }> {
  const node = call.args[index];
  if (node === undefined) throw new RangeError(`${call.name} has no argument ${index + 1}`);
  const value = scope.evaluate(node);
  if (types.some((type) => type === value.type)) return value as Extract<MathValue, { readonly type: Type }>;
  throw wrongArgument(call, index, `expected ${types.join(" or ")}, found ${value.type}`);
}

/** The argument as one of the keywords that the function takes there. */
export function keywordArgument<Name extends string>(
  call: CallNode,
  index: number,
  names: readonly Name[],
): Name {
  const node = call.args[index];
  const found = node?.kind === "keyword" ? names.find((name) => name === node.name) : undefined;
  if (found === undefined) throw wrongArgument(call, index, `expected ${names.join(", ")}`);
  return found;
}

/** The argument as a text in quotes. */
export function textArgument(call: CallNode, index: number): string {
  const node = call.args[index];
  if (node?.kind !== "text") throw wrongArgument(call, index, "expected a text in quotes");
  return node.text;
}

/** A mistake in one argument of a function. */
export function wrongArgument(call: CallNode, index: number, message: string): MathError {
  return new MathError(call.args[index]?.at ?? call.at, `${call.name}, argument ${index + 1}: ${message}`);
}
