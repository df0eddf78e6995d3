import type { Grid } from "../metric.ts";
import { MathError } from "./math-error.ts";
import type { CallNode, MathNode } from "./syntax.ts";
import type { Line, Value, ValueType } from "./value.ts";

/** A metric of the request, by its id. */
export interface RequestMetric {
  readonly id: string;
  readonly line: Line;
}

/** What the parts of an expression can ask for while it is evaluated. */
export interface Scope {
  readonly grid: Grid;
  readonly evaluate: (node: MathNode) => Value;
  /** The metrics of the request in their order, never its expressions. */
  readonly metrics: () => readonly RequestMetric[];
  readonly isMetric: (id: string) => boolean;
  /** Every metric that a search expression finds, read with a statistic. */
  readonly search: (expression: string, stat: string) => readonly Line[];
  /** The same request over another grid. */
  readonly over: (grid: Grid) => Scope;
}

/** A function of metric math: how many arguments it takes, and what it does. */
export interface MathFunction {
  readonly least: number;
  readonly most: number;
  readonly run: (call: CallNode, scope: Scope) => Value;
}

/** The argument's value, which must be of one of the types. */
export function argument<Type extends ValueType>(
  call: CallNode,
  index: number,
  { scope, types }: { readonly scope: Scope; readonly types: readonly Type[] },
): Extract<Value, { readonly type: Type }> {
  const node = call.args[index];
  if (node === undefined) throw new RangeError(`${call.name} has no argument ${index + 1}`);
  const value = scope.evaluate(node);
  if (types.some((type) => type === value.type)) return value as Extract<Value, { readonly type: Type }>;
  throw wrongArgument(call, index, `expected ${types.join(" or ")}, found ${value.type}`);
}

/** The argument as one of the keywords that the function takes there. */
export function keyword<Name extends string>(call: CallNode, index: number, names: readonly Name[]): Name {
  const node = call.args[index];
  const found = node?.kind === "keyword" ? names.find((name) => name === node.name) : undefined;
  if (found === undefined) throw wrongArgument(call, index, `expected ${names.join(", ")}`);
  return found;
}

/** The argument as a text in quotes. */
export function text(call: CallNode, index: number): string {
  const node = call.args[index];
  if (node?.kind !== "text") throw wrongArgument(call, index, "expected a text in quotes");
  return node.text;
}

/** A mistake in one argument of a function. */
export function wrongArgument(call: CallNode, index: number, message: string): MathError {
  return new MathError(call.args[index]?.at ?? call.at, `${call.name}, argument ${index + 1}: ${message}`);
}
