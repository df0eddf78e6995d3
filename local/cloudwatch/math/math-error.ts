import { QueryError } from "../query-error.ts";

/** A mistake in a metric math expression, and where it is. */
export class MathError extends QueryError {
  override readonly name = "MathError";
  /** Character of the expression, counted from 1. */
  readonly position: number;

  constructor(position: number, message: string) {
    super(`at character ${position}: ${message}`);
    this.position = position;
  }
}
