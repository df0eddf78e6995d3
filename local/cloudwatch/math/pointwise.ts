import { QueryError } from "../query-error.ts";
import { parseMath } from "./parser.ts";
import type { MathNode } from "./syntax.ts";

/** Functions whose every point depends on its own slot alone; FILL does where its filler is no keyword. */
const POINTWISE: ReadonlySet<string> = new Set([
  ...["ABS", "CEIL", "FLOOR", "LOG", "LOG10", "FILL", "IF", "PERIOD", "TIME_SERIES"],
  ...["MINUTE", "HOUR", "DAY", "DATE", "MONTH", "YEAR", "EPOCH"],
]);

/**
 * Whether each point of an expression depends on its own slot alone, so that a read of many slots gives what a read of
 * each one gives. What cannot be parsed is not: its evaluation says why.
 */
export function isPointwise(expression: string): boolean {
  try {
    return isNodePointwise(parseMath(expression));
  } catch (error) {
    if (error instanceof QueryError) return false;
    throw error;
  }
}

function isNodePointwise(node: MathNode): boolean {
  switch (node.kind) {
    case "number":
    case "id":
      return true;
    case "negation":
      return isNodePointwise(node.operand);
    case "binary":
      return isNodePointwise(node.left) && isNodePointwise(node.right);
    case "call":
      return POINTWISE.has(node.name) && node.args.every(isNodePointwise);
    case "keyword":
    case "text":
    case "array":
      return false;
  }
}
