import { QueryError } from "../../query-error.ts";
import { parseMath } from "../parser.ts";
import type { MathNode } from "../syntax.ts";

/** The longest period that a SEARCH in the expression asks for, seconds: whoever chooses the grid obeys it. */
export function searchPeriodSeconds(expression: string): number | undefined {
  const periods = periodsIn(parsedOrNothing(expression));
  return periods.length === 0 ? undefined : Math.max(...periods);
}

/** A mistake is for the evaluation to report. */
function parsedOrNothing(expression: string): readonly MathNode[] {
  try {
    return [parseMath(expression)];
  } catch (error) {
    if (error instanceof QueryError) return [];
    throw error;
  }
}

function periodsIn(nodes: readonly MathNode[]): readonly number[] {
  return nodes.flatMap((node) => {
    const period = node.kind === "call" && node.name === "SEARCH" ? node.args[2] : undefined;
    return [...(period?.kind === "number" ? [period.value] : []), ...periodsIn(partsOf(node))];
  });
}

function partsOf(node: MathNode): readonly MathNode[] {
  if (node.kind === "call") return node.args;
  if (node.kind === "array") return node.items;
  if (node.kind === "negation") return [node.operand];
  return node.kind === "binary" ? [node.left, node.right] : [];
}
