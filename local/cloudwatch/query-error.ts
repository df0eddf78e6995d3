/** A mistake in what was asked for: a statistic, a query, an expression. Its message is for whoever wrote it. */
export class QueryError extends Error {
  override readonly name: string = "QueryError";
}
