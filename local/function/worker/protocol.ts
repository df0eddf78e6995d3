import { types } from "node:util";

/** What the worker is sent once, before it loads the handler. */
export interface Boot {
  readonly handler: string;
  readonly codeDirectory: string;
  readonly logFormat: "Text" | "JSON";
  /** Name of the smallest level kept; only the JSON format filters. */
  readonly logLevel: string;
  /** Added to the system's time, in milliseconds; 0 leaves `Date` alone. */
  readonly dateOffsetMs: number;
}

/** One event for the handler. */
export interface Invoke {
  /** The event as JSON text. */
  readonly event: string;
  readonly requestId: string;
  readonly traceId: string;
  readonly timeoutMs: number;
  readonly dateOffsetMs: number;
  readonly invokedFunctionArn: string;
}

/** An error in the form that Lambda answers with. */
export interface FunctionError {
  readonly errorType: string;
  readonly errorMessage: string;
  /** The stack, line by line; missing where Lambda itself makes the error. */
  readonly trace?: readonly string[];
}

/** What the worker sends its host, in the order in which it happened. */
export type FromWorker =
  | { readonly kind: "ready" }
  | { readonly kind: "line"; readonly text: string }
  | { readonly kind: "result"; readonly payload: string; readonly memoryBytes: number }
  /** `fatal` says that the worker is of no further use. */
  | {
      readonly kind: "error";
      readonly error: FunctionError;
      readonly memoryBytes: number;
      readonly fatal: boolean;
    };

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
