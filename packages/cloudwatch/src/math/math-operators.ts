import { type BinaryOperator, MathError } from "./math-expression.ts";
import {
  type Line,
  mapPoints,
  type MathValue,
  type Point,
  pointOf,
  scalarValue,
  seriesValue,
} from "./math-value.ts";

type Operation = (left: number, right: number) => number;

const OPERATIONS: Readonly<Record<BinaryOperator, Operation>> = {
  "+": (a, b) => a + b,
  "-": (a, b) => a - b,
  "*": (a, b) => a * b,
  "/": (a, b) => a / b,
  "^": (a, b) => a ** b,
  "==": (a, b) => (a === b ? 1 : 0),
  "!=": (a, b) => (a !== b ? 1 : 0),
  "<": (a, b) => (a < b ? 1 : 0),
  "<=": (a, b) => (a <= b ? 1 : 0),
  ">": (a, b) => (a > b ? 1 : 0),
  ">=": (a, b) => (a >= b ? 1 : 0),
  AND: (a, b) => (a !== 0 && b !== 0 ? 1 : 0),
  OR: (a, b) => (a !== 0 || b !== 0 ? 1 : 0),
};

const ARITHMETIC: ReadonlySet<BinaryOperator> = new Set(["+", "-", "*", "/", "^"]);

/** An operator that was met at a character of the expression. */
interface Operator {
  readonly operator: BinaryOperator;
  readonly at: number;
}

/**
 * Applies an operator. A missing point counts as 0 as soon as the other side has one at that time; what is
 * divided by zero is dropped. Arrays go with scalars and single series, never with arrays.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
 */
export function applyOperator({ operator, at }: Operator, left: MathValue, right: MathValue): MathValue {
  const operation = OPERATIONS[operator];
  if (left.type === "S" && right.type === "S") return scalarValue(operation(left.number, right.number));
  if (left.type === "TS[]" && right.type === "TS[]")
    throw new MathError(
      at,
      `"${operator}" does not join two arrays (TS[]): reduce one of them, for example with SUM`,
    );
  if ((left.type === "TS[]" || right.type === "TS[]") && !ARITHMETIC.has(operator))
    throw new MathError(at, `"${operator}" does not compare arrays (TS[]): use series or numbers`);
  if (left.type === "TS[]")
    return { type: "TS[]", lines: left.lines.map((line) => combinedLine(line, right, operation)) };
  if (right.type === "TS[]")
    return {
      type: "TS[]",
      lines: right.lines.map((line) => combinedLine(line, left, (a, b) => operation(b, a))),
    };
  if (left.type === "TS") return seriesValue(combinedPoints(left.line.points, right, operation));
  return right.type === "TS"
    ? seriesValue(combinedPoints(right.line.points, left, (a, b) => operation(b, a)))
    : right;
}

/** The value with its sign changed. */
export function negatedValue(value: MathValue): MathValue {
  if (value.type === "S") return scalarValue(-value.number);
  return mapPoints(value, (points) => points.map((point) => (point === undefined ? undefined : -point)));
}

function combinedLine(line: Line, other: MathValue, operation: Operation): Line {
  return { ...line, points: combinedPoints(line.points, other, operation) };
}

function combinedPoints(points: readonly Point[], other: MathValue, operation: Operation): readonly Point[] {
  if (other.type === "S")
    return points.map((point) => (point === undefined ? undefined : pointOf(operation(point, other.number))));
  const others = other.type === "TS" ? other.line.points : [];
  return points.map((point, slot) => {
    const against = others[slot];
    if (point === undefined && against === undefined) return undefined;
    return pointOf(operation(point ?? 0, against ?? 0));
  });
}
