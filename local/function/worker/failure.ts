import { types } from "node:util";
import type { FunctionError } from "./protocol.ts";

/** An error that Lambda's own runtime names, such as `Runtime.HandlerNotFound`. */
export class RuntimeFailure extends Error {
  constructor(errorType: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = errorType;
    if (options?.cause instanceof Error && options.cause.stack !== undefined)
      this.stack = options.cause.stack;
  }
}

/** The answer that Lambda gives for whatever a handler threw. */
export function functionError(thrown: unknown): FunctionError {
  if (!types.isNativeError(thrown))
    return { errorType: typeof thrown, errorMessage: String(thrown), trace: [] };
  return {
    errorType: thrown.name,
    errorMessage: thrown.message,
    trace: (thrown.stack ?? `${thrown.name}: ${thrown.message}`).split("\n"),
  };
}

/** The members under which an error appears in a line of the log. */
export function loggedError(thrown: unknown): Record<string, unknown> {
  const { errorType, errorMessage, trace } = functionError(thrown);
  const extras = types.isNativeError(thrown) ? Object.fromEntries(Object.entries(thrown)) : {};
  delete extras.name;
  return { errorType, errorMessage, ...extras, stack: trace };
}
