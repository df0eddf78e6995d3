/** A call of Converse or ConverseStream after its checks. */
export interface ConverseCall {
  readonly modelId: string;
  /** The system blocks' text, joined. */
  readonly system: string;
  /** Texts of the last user message, joined. */
  readonly user: string;
  readonly maxTokens: number;
  /** Tokens that the model may think for; missing when it is not asked to. */
  readonly thinkingTokens?: number;
  /** Whether structured output was asked for (`outputConfig`). */
  readonly hasOutputConfig?: boolean;
}

/** What the model wrote and how long it took to. */
export interface ConverseAnswer {
  readonly kind: "answer";
  /** Missing when the model did not think. */
  readonly thinking?: string;
  readonly text: string;
  readonly stopReason: "end_turn" | "max_tokens" | "refusal";
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly firstTokenMs: number;
  /** From the first token to the last. */
  readonly decodeMs: number;
  /** How the stream misbehaves; it does not when missing. */
  readonly misbehaviour?: StreamMisbehaviour;
}

/**
 * A stream that hangs or trickles half way, ends before, in or after the answer, or does not count its
 * tokens.
 */
export type StreamMisbehaviour = "hang" | "trickle" | "cut-before" | "cut" | "cut-after" | "no-usage";

/** A refusal in Bedrock's words. */
export interface ConverseFailure {
  readonly kind: "failure";
  /** `ThrottlingException`. */
  readonly code: string;
  readonly status: number;
  readonly message: string;
}

/** What a model did with a call. */
type ConverseResult = ConverseAnswer | ConverseFailure;

/** Whatever stands behind the Bedrock Runtime endpoint. */
export interface ConverseModel {
  converse(call: ConverseCall): ConverseResult | Promise<ConverseResult>;
}
