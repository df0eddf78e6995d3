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
