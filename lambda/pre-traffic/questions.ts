import type { Action } from "../contract/reply.ts";
import type { Mode } from "../contract/request.ts";

/** What a sound version answers. */
type Expected =
  | { readonly status: 401 }
  | {
      readonly status: 200;
      readonly action: Action;
      /** Field whose date must be tomorrow; none when the sentence speaks of no time. */
      readonly tomorrow?: "dueISO" | "startISO";
    };

/** One question to the new version, and what must come back. */
export interface VerificationQuestion {
  /** Names the question in the log. */
  readonly name: string;
  readonly token: "right" | "wrong";
  readonly body: { readonly text: string; readonly mode: Mode; readonly maxTokens: number };
  readonly expects: Expected;
}

/**
 * Longest reply: the dearest that one question can get.
 *
 * Three replies of 400 tokens and their prompts of about 700 cost under 0.01 USD with Haiku 4.5, asked once each.
 */
const MAX_TOKENS = 400;

/** What is asked before a version gets traffic: one sentence for each kind of reply, and one stranger. */
export const QUESTIONS: readonly VerificationQuestion[] = [
  {
    name: "wrong token",
    token: "wrong",
    body: { text: "let me in", mode: "note", maxTokens: MAX_TOKENS },
    expects: { status: 401 },
  },
  {
    name: "note",
    token: "right",
    body: {
      text: "the rear hub is fine but the chain is worn, forty five dollars",
      mode: "note",
      maxTokens: MAX_TOKENS,
    },
    expects: { status: 200, action: "note" },
  },
  {
    name: "reminder",
    token: "right",
    body: {
      text: "water the fern tomorrow at seven in the evening",
      mode: "reminder",
      maxTokens: MAX_TOKENS,
    },
    expects: { status: 200, action: "reminder", tomorrow: "dueISO" },
  },
  {
    name: "event",
    token: "right",
    body: {
      text: "lunch with priya at the noodle place on fifth, tomorrow at twelve thirty for an hour",
      mode: "event",
      maxTokens: MAX_TOKENS,
    },
    expects: { status: 200, action: "event", tomorrow: "startISO" },
  },
];
