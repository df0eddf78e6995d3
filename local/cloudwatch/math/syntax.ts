/** An operator between two operands. */
export type BinaryOperator =
  "OR" | "AND" | "==" | "!=" | "<=" | ">=" | "<" | ">" | "+" | "-" | "*" | "/" | "^";

/** A function and its arguments. */
export interface CallNode {
  readonly kind: "call";
  readonly name: string;
  readonly args: readonly MathNode[];
  readonly at: number;
}

/** A metric math expression, parsed; `at` is the character where each part begins, counted from 1. */
export type MathNode =
  | { readonly kind: "number"; readonly value: number; readonly at: number }
  | { readonly kind: "text"; readonly text: string; readonly at: number }
  | { readonly kind: "id"; readonly name: string; readonly at: number }
  | { readonly kind: "keyword"; readonly name: string; readonly at: number }
  | { readonly kind: "array"; readonly items: readonly MathNode[]; readonly at: number }
  | { readonly kind: "negation"; readonly operand: MathNode; readonly at: number }
  | {
      readonly kind: "binary";
      readonly operator: BinaryOperator;
      readonly left: MathNode;
      readonly right: MathNode;
      readonly at: number;
    }
  | CallNode;
