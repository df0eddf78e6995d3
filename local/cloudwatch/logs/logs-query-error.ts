import { QueryError } from "../query-error.ts";

/** A mistake in a Logs Insights query, or a part of the language that is not run here. */
export class LogsQueryError extends QueryError {
  override readonly name = "LogsQueryError";
}
