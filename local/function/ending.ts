import type { WorkerOutcome } from "./execution-environment.ts";
import type { FunctionError } from "./worker/protocol.ts";

/** How an invocation ended, before it is logged and counted. */
export type Ending =
  | { readonly status: "success"; readonly payload: string }
  | {
      readonly status: "error" | "timeout";
      readonly error: FunctionError;
      /** What Lambda itself writes into the log about it. */
      readonly lines: readonly string[];
      /** Set when the environment died, which REPORT then names. */
      readonly errorType?: string;
    };

interface Circumstances {
  readonly requestId: string;
  readonly nowMs: number;
  readonly timeoutSeconds: number;
}

/** Lambda's words for what became of the worker. */
export function ending(outcome: WorkerOutcome, circumstances: Circumstances): Ending {
  switch (outcome.kind) {
    case "result":
      return { status: "success", payload: outcome.payload };
    case "error":
      return {
        status: "error",
        error: outcome.error,
        lines: [],
        ...(outcome.fatal && { errorType: outcome.error.errorType }),
      };
    case "timeout":
      return timedOut(circumstances);
    case "out-of-memory":
      return died(circumstances, "exited with error: signal: aborted", [
        "FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory",
      ]);
    case "exit":
      return died(circumstances, exitReason(outcome.exitCode), []);
    case "ready":
      throw new Error("the worker reported that it is ready while it was answering");
  }
}

function exitReason(exitCode: number): string {
  return exitCode === 0 ? "exited without providing a reason" : `exited with error: exit status ${exitCode}`;
}

function died({ requestId }: Circumstances, reason: string, before: readonly string[]): Ending {
  const errorType = "Runtime.ExitError";
  const errorMessage = `RequestId: ${requestId} Error: Runtime ${reason}`;
  const lines = [...before, `${errorMessage}\n${errorType}`];
  return { status: "error", error: { errorType, errorMessage }, lines, errorType };
}

function timedOut({ requestId, nowMs, timeoutSeconds }: Circumstances): Ending {
  const text = `Task timed out after ${timeoutSeconds.toFixed(2)} seconds`;
  return {
    status: "timeout",
    error: { errorType: "Sandbox.Timedout", errorMessage: `RequestId: ${requestId} Error: ${text}` },
    lines: [`${new Date(nowMs).toISOString()} ${requestId} ${text}`],
  };
}
