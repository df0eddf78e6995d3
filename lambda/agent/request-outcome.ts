import type { Outcome } from "../contract/outcome.ts";
import type { Mode } from "../contract/request.ts";
import type { HttpResponse } from "./function-url.ts";
import type { Usage } from "./model.ts";
import type { TokenAge } from "./token.ts";

/** What a request showed of itself on its way; what it did not reach is missing. */
export interface RequestFacts {
  readonly route?: "ask" | "health";
  /** Set for the probe's own requests, after its token was accepted. */
  readonly isProbe?: boolean;
  /** Set for questions of the pre-traffic hook, whatever became of them. */
  readonly isVerification?: boolean;
  readonly tokenAge?: TokenAge;
  /** Days since the current token was made. */
  readonly currentTokenDays?: number;
  /** Inference profile that was in force; the deployed one when missing. */
  readonly modelId?: string;
  /** Run-time parameters whose value is not usable. */
  readonly parametersRejected?: number;
  readonly mode?: Mode;
  readonly isDuplicate?: boolean;
  readonly textLength?: number;
  readonly replyLength?: number;
  /** Tokens of thinking that the request asked for; missing when it asked for none. */
  readonly thinkingAsked?: number;
  /** Tokens of thinking that it got: less when model or time leave less, 0 when they leave too little. */
  readonly thinkingGranted?: number;
  readonly attempts?: number;
  readonly throttles?: number;
  readonly modelLatencyMs?: number;
  /** Whether the `now` of the request was no date or lay too far from the receipt. */
  readonly isNowIgnored?: boolean;
  /** In which form the probe's question went out. */
  readonly probeForm?: "reply" | "plain";
  /** What all attempts took, those without an answer included; missing when none cost anything. */
  readonly spent?: {
    readonly usage: Usage;
    readonly costUsd: number;
    /** The part of it that Bedrock did not count. */
    readonly estimatedUsd?: number;
  };
  /** The facts of a model's answer. */
  readonly answered?: {
    readonly stopReason: string;
    readonly thinkingCharacters: number;
    readonly firstTokenMs?: number;
  };
}

/** How a request ended: what is answered, its one word, and what is known of it. */
export interface RequestOutcome {
  readonly answer: HttpResponse;
  readonly outcome: Outcome;
  /** Which of the causes of the outcome; missing when there is nothing to add. */
  readonly reason?: string;
  readonly facts: RequestFacts;
}

/** An ending whose answer is an error. */
export function errorOutcome(
  outcome: Outcome,
  reason: string,
  answer: Omit<HttpResponse, "body"> & { readonly error: string },
): RequestOutcome {
  const { error, ...rest } = answer;
  return { answer: { ...rest, body: { error } }, outcome, reason, facts: {} };
}

/** The same ending, knowing more. */
export function withFacts(ending: RequestOutcome, facts: RequestFacts): RequestOutcome {
  return { ...ending, facts: { ...facts, ...ending.facts } };
}
