import { QueryError } from "../query-error.ts";
import type { MathError } from "./math-error.ts";

/** A mistake in an expression of a request: which one, where, and what was expected there. */
export class ExpressionError extends QueryError {
  override readonly name = "ExpressionError";
  readonly id: string;
  readonly expression: string;
  /** Character of the expression, counted from 1. */
  readonly position: number;

  constructor(id: string, expression: string, cause: MathError) {
    super(`expression "${expression}" of "${id}": ${cause.message}`, { cause });
    this.id = id;
    this.expression = expression;
    this.position = cause.position;
  }
}
