import type { Logger } from "@aws-lambda-powertools/logger";
import type { Outcome } from "../../contract/outcome.ts";
import { framesOf, nameOf } from "../../log/cause.ts";
import type { Report } from "../report.ts";

/** Reports through a Powertools logger. */
export function powertoolsReport(logger: Pick<Logger, "debug" | "info" | "warn" | "error">): Report {
  return {
    info: (message, details = {}) => logger.info(message, { ...details }),
    warn: (message, details = {}) => logger.warn(message, { ...details }),
    debug: (message, details) => logger.debug(message, { ...details }),
    failure: (outcome, reason, cause) =>
      logger.warn("model call failed", { outcome, reason, ...causeOf(outcome, cause) }),
    bug: (cause) => logger.error("the agent failed", { error: nameOf(cause), at: framesOf(cause) }),
  };
}

/** Powertools keeps the name `message` for itself, hence `said`. */
function causeOf(outcome: Outcome, cause: unknown): Readonly<Record<string, string>> {
  const said = cause instanceof Error && outcome === "config" ? { said: cause.message } : {};
  return { error: nameOf(cause), ...said };
}
