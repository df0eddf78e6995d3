import type { Logger } from "@aws-lambda-powertools/logger";
import { errorName, stackFrames } from "../contract/logged-error.ts";
import type { Outcome } from "../contract/outcome.ts";

type Details = Readonly<Record<string, string | number | boolean>>;

/** What the agent tells the log beside the line of the request; none of it may hold what was dictated or written. */
export interface Report {
  readonly info: (message: string, details?: Details) => void;
  readonly warn: (message: string, details?: Details) => void;
  /** A model call failed; the cause's message is told only where it speaks of the deployment. */
  readonly failure: (outcome: Outcome, reason: string, cause: unknown) => void;
  /** The agent itself failed; only the cause's name and place are told, since its message may quote the request. */
  readonly bug: (cause: unknown) => void;
  /** For content, and for nothing else: called only when the stage allows it. */
  readonly debug: (message: string, details: Details) => void;
}

/** Reports through a Powertools logger. */
export function powertoolsReport(logger: Pick<Logger, "debug" | "info" | "warn" | "error">): Report {
  return {
    info: (message, details = {}) => logger.info(message, { ...details }),
    warn: (message, details = {}) => logger.warn(message, { ...details }),
    debug: (message, details) => logger.debug(message, { ...details }),
    failure: (outcome, reason, cause) =>
      logger.warn("model call failed", { outcome, reason, ...causeOf(outcome, cause) }),
    bug: (cause) => logger.error("the agent failed", { error: errorName(cause), at: stackFrames(cause) }),
  };
}

/** Powertools keeps the name `message` for itself, hence `said`. */
function causeOf(outcome: Outcome, cause: unknown): Readonly<Record<string, string>> {
  const said = cause instanceof Error && outcome === "config" ? { said: cause.message } : {};
  return { error: errorName(cause), ...said };
}
