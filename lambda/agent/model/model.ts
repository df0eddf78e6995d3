import type { Mode } from "../../contract/request.ts";
import type { ModelChoice } from "./model-choice.ts";
import type { Usage } from "./price.ts";

/** One question to the model. */
export interface Question {
  readonly model: ModelChoice;
  /** Missing for the probe, which needs no rules. */
  readonly system?: string;
  readonly user: string;
  readonly mode: Mode;
  /** Budget of the visible answer. */
  readonly maxTokens: number;
  readonly thinkingTokens: number;
  /** Whether the answer shall be held to the reply's JSON schema where the model can. */
  readonly form: "reply" | "free";
}

/** What the model wrote and what it took. */
export interface ModelAnswer {
  readonly text: string;
  readonly stopReason: string;
  readonly usage: Usage;
  /** Characters of thinking that were shown; the count of its tokens is part of the output's. */
  readonly thinkingCharacters: number;
  /** From the call to the first token; missing when the model wrote none. */
  readonly firstTokenMs?: number;
}

/** One attempt: resolves with the whole answer, rejects with what Bedrock or the network said. */
export type AskModel = (question: Question, attempt: AttemptLimits) => Promise<ModelAnswer>;

/** Bounds of one attempt. */
export interface AttemptLimits {
  /** Aborted when the request's time is used up. */
  readonly signal: AbortSignal;
  /** Longest wait for the next event of the stream. */
  readonly silenceMs: number;
}
