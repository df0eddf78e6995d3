/** How long one call to AWS may take before it is given up: a hanging endpoint must not hold a command for ever. */
export const CALL_LIMIT_SECONDS = 20;

/** Part of an SDK client's configuration. */
export interface CallLimits {
  readonly maxAttempts: number;
  readonly requestHandler: {
    readonly connectionTimeout: number;
    readonly requestTimeout: number;
    readonly throwOnRequestTimeout: true;
  };
}

/** Part of an SDK client's configuration that gives up a call after {@link CALL_LIMIT_SECONDS}, or `seconds`. */
export function callLimits(seconds: number = CALL_LIMIT_SECONDS): CallLimits {
  return {
    maxAttempts: 2,
    requestHandler: {
      connectionTimeout: 5_000,
      requestTimeout: seconds * 1_000,
      throwOnRequestTimeout: true,
    },
  };
}

/** Whether a call failed because nothing answered in time. */
export function isTimeout(error: unknown): boolean {
  return error instanceof Error && error.name === "TimeoutError";
}
