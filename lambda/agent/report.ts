import type { Logger } from "@aws-lambda-powertools/logger";
import { errorName, stackFrames } from "../contract/logged-error.ts";
import { REQUEST_LINE } from "../contract/metrics.ts";
import type { Outcome } from "../contract/outcome.ts";

type Details = Readonly<Record<string, string | number | boolean>>;

/** How a model call ended, in the words of the request's line. */
interface ModelEnd {
  readonly outcome: Outcome;
  readonly reason: string;
}

/** What the agent logs beside the line of the request; none of it may hold what was dictated or written. */
export interface Report {
  /** The request that the next lines belong to: Lambda gives an environment one at a time. */
  readonly begin: (requestId: string) => void;
  readonly info: (message: string, details?: Details) => void;
  readonly warn: (message: string, details?: Details) => void;
  /**
   * A model call failed or was refused its form; Bedrock's sentence is on the line, without what it repeats
   * of the dictated text.
   */
  readonly failure: (end: ModelEnd, cause: unknown, dictated: string) => void;
  /**
   * The agent itself failed; only the cause's name and place are logged, since its message may quote the
   * request.
   */
  readonly bug: (cause: unknown) => void;
}

type PowertoolsLogger = Pick<Logger, "info" | "warn" | "error">;

/** Reports through a Powertools logger; each line of a request carries the id that its EMF line has. */
export function powertoolsReport(logger: PowertoolsLogger): Report {
  let request: { readonly [REQUEST_LINE.requestId]?: string } = {};
  return {
    begin: (requestId) => void (request = { [REQUEST_LINE.requestId]: requestId }),
    info: (message, details) => logger.info(message, { ...details, ...request }),
    warn: (message, details) => logger.warn(message, { ...details, ...request }),
    failure: ({ outcome, reason }, cause, dictated) =>
      logger.warn("model call failed", { outcome, reason, ...causeOf(cause, dictated), ...request }),
    bug: (cause) =>
      logger.error("the agent failed", { error: errorName(cause), at: stackFrames(cause), ...request }),
  };
}

/** Powertools keeps the name `message` for itself, hence `said`. */
function causeOf(cause: unknown, dictated: string): Readonly<Record<string, string>> {
  const said = cause instanceof Error ? withoutDictation(cause.message, dictated) : "";
  return { error: errorName(cause), ...(said === "" ? {} : { said: said.slice(0, MAX_SAID_CHARACTERS) }) };
}

/** Bedrock's sentences are shorter; what comes after this is a list of causes. */
const MAX_SAID_CHARACTERS = 400;

/** So many characters in a row that stand in the dictated text too are taken for a quotation. */
const QUOTED_CHARACTERS = 12;

/** A message with what it repeats of the dictated text left out. */
export function withoutDictation(message: string, dictated: string): string {
  const text = dictated.trim().toLowerCase();
  const quoted = Math.min(QUOTED_CHARACTERS, Math.max(4, text.length));
  const whole = message.slice(0, 4 * MAX_SAID_CHARACTERS);
  // Some letters change their length with their case; then they are compared as they are.
  const lower = whole.toLowerCase().length === whole.length ? whole.toLowerCase() : whole;
  let said = "";
  for (let at = 0; at < whole.length;) {
    let end = at + quoted;
    if (end > whole.length || !text.includes(lower.slice(at, end))) {
      said += whole.charAt(at);
      at += 1;
      continue;
    }
    while (end < whole.length && text.includes(lower.slice(at, end + 1))) end += 1;
    said += "…";
    at = end;
  }
  return said;
}
