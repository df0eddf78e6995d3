import type {
  ConverseAnswer,
  ConverseCall,
  ConverseFailure,
  ConverseModel,
  StreamMisbehaviour,
} from "../server/aws/converse-model.ts";
import { type Random, standardNormal } from "../random.ts";
import type { ActiveFault, FaultInjector } from "./fault-injector.ts";
import { dictatedText, DISCLAIMER, readPromptLines, writtenReply } from "./written-reply.ts";

/** How long an answer takes. */
interface Latency {
  readonly firstTokenMs: number;
  readonly decodeMs: number;
}

/** Median of the time to the first token, and the 95th percentile's distance from it: 0.7 s and 1.6 s. */
const FIRST_TOKEN_MEDIAN_MS = 700;
const FIRST_TOKEN_SIGMA = Math.log(1600 / 700) / 1.645;
const TOKENS_PER_SECOND = { typical: 130, least: 80, most: 180, spread: 25 } as const;

/** A latency as a small hosted model shows it, log-normal to the first token. */
export function realisticLatency(outputTokens: number, random: Random): Latency {
  const firstTokenMs = FIRST_TOKEN_MEDIAN_MS * Math.exp(FIRST_TOKEN_SIGMA * standardNormal(random));
  const { typical, least, most, spread } = TOKENS_PER_SECOND;
  const rate = Math.min(most, Math.max(least, typical + spread * standardNormal(random)));
  return { firstTokenMs, decodeMs: (outputTokens / rate) * 1000 };
}

/** A latency of nothing, for runs on a manual clock. */
const NO_LATENCY: Latency = { firstTokenMs: 0, decodeMs: 0 };

/** Estimates: prompts hold about 3.8 characters a token, replies in JSON about 3.6. */
const INPUT_CHARACTERS = 3.8;
const OUTPUT_CHARACTERS = 3.6;

/** Tokens that a prompt is estimated to hold. */
function estimatedInputTokens(text: string): number {
  return Math.ceil(text.length / INPUT_CHARACTERS);
}

/** Tokens that a reply is estimated to hold. */
function estimatedOutputTokens(text: string): number {
  return Math.ceil(text.length / OUTPUT_CHARACTERS);
}

/** A text that ends where its tokens are used up. */
function truncatedToTokens(
  text: string,
  mostTokens: number,
): { readonly text: string; readonly isCut: boolean } {
  if (estimatedOutputTokens(text) <= mostTokens) return { text, isCut: false };
  return { text: text.slice(0, Math.floor(mostTokens * OUTPUT_CHARACTERS)), isCut: true };
}

interface GarbledReply {
  readonly text: string;
  /** True for a reply that stops in the middle. */
  readonly isCut: boolean;
}

/** The ways in which models are known to miss the form that they are asked for. */
const GARBLINGS: readonly ((reply: string) => GarbledReply)[] = [
  () => ({ text: `Sure! Here is what I would write down for you. ${DISCLAIMER}`, isCut: false }),
  (reply) => ({ text: reply.slice(0, Math.floor(reply.length / 2)), isCut: true }),
  (reply) => ({ text: `\`\`\`json\n${reply}\n\`\`\``, isCut: false }),
  () => ({ text: "", isCut: false }),
];

/** A reply spoilt in one of four ways: prose, cut in half, in a code fence, or empty. */
function garbledReply(reply: string, random: Random): GarbledReply {
  const way = GARBLINGS[Math.floor(random() * GARBLINGS.length)];
  return way === undefined ? { text: "", isCut: false } : way(reply);
}

/** What the stand-in draws on. */
export interface StandInOptions {
  readonly random: Random;
  readonly faults: FaultInjector;
  /** `none` answers at once, for runs on a manual clock; the fault `slow` is slow all the same. */
  readonly latency: "believable" | "none";
  /**
   * Least time to the first token under the fault `slow`; a minute when missing, beyond every deadline of the
   * agent.
   */
  readonly slowFirstTokenMs?: number;
}

const SLOW_FACTOR = 20;
const SLOW_FIRST_TOKEN_MS = 60_000;

const FAILURES: Readonly<Partial<Record<ActiveFault, readonly ConverseFailure[]>>> = {
  throttle: [
    converseFailure("ThrottlingException", 429, "Too many requests, please wait before trying again."),
  ],
  access: [
    converseFailure(
      "AccessDeniedException",
      403,
      "You don't have access to the model with the specified model ID.",
    ),
  ],
  error: [
    converseFailure(
      "InternalServerException",
      500,
      "The system encountered an unexpected error during processing. Try your request again.",
    ),
    converseFailure("ServiceUnavailableException", 503, "Bedrock is unable to process your request."),
  ],
  quota: [
    converseFailure("ThrottlingException", 429, "Too many tokens per day, please wait before trying again."),
  ],
  overloaded: [converseFailure("ValidationException", 400, "Overloaded")],
};

/** Bedrock's words when a model no longer takes structured output; a question without it is answered. */
const FORM_REFUSED = converseFailure(
  "ValidationException",
  400,
  "The model returned the following errors: output_config.format: Extra inputs are not permitted",
);

const MISBEHAVIOURS: readonly string[] = ["hang", "trickle", "cut-before", "cut", "cut-after", "no-usage"];

function isMisbehaviour(fault: string | undefined): fault is StreamMisbehaviour {
  return fault !== undefined && MISBEHAVIOURS.includes(fault);
}

/** A reply whose times no Shortcut can use. */
function withBadTimes(reply: string): string {
  try {
    const fields: unknown = JSON.parse(reply);
    return JSON.stringify({ ...Object(fields), dueISO: "tomorrow at 9", startISO: "soon", endISO: "null" });
  } catch {
    return reply;
  }
}

/**
 * Answers Converse without a model: in the form that the agent's prompt asks for, and saying that it is a
 * stand-in.
 */
export class StandInModel implements ConverseModel {
  readonly #options: StandInOptions;

  constructor(options: StandInOptions) {
    this.#options = options;
  }

  converse(call: ConverseCall): ConverseAnswer | ConverseFailure {
    const fault = this.#options.faults.draw(readPromptLines(call.system)?.mode);
    const failures = fault && FAILURES[fault];
    if (failures !== undefined) return pick(failures, this.#options.random);
    if (fault === "form" && call.hasOutputConfig === true) return FORM_REFUSED;
    return this.#timed(this.#written(call, fault), fault);
  }

  #written(
    call: ConverseCall,
    fault: ActiveFault | undefined,
  ): Omit<ConverseAnswer, "firstTokenMs" | "decodeMs"> {
    const reply = fault === "bad-times" ? withBadTimes(replyText(call)) : replyText(call);
    const thinking =
      call.thinkingTokens === undefined
        ? undefined
        : truncatedToTokens(thoughts(call), call.thinkingTokens).text;
    const thinkingCost = thinking === undefined ? 0 : estimatedOutputTokens(thinking);
    const visible = truncatedToTokens(reply, Math.max(0, call.maxTokens - thinkingCost));
    const { text, isCut } = fault === "garbage" ? garbledReply(visible.text, this.#options.random) : visible;
    return {
      kind: "answer",
      ...(thinking !== undefined && { thinking }),
      text,
      stopReason: fault === "refusal" ? "refusal" : isCut ? "max_tokens" : "end_turn",
      ...(isMisbehaviour(fault) && { misbehaviour: fault }),
      inputTokens: estimatedInputTokens(call.system + call.user),
      outputTokens: estimatedOutputTokens(text) + thinkingCost,
    };
  }

  #timed(
    answer: Omit<ConverseAnswer, "firstTokenMs" | "decodeMs">,
    fault: ActiveFault | undefined,
  ): ConverseAnswer {
    const { latency, random, slowFirstTokenMs = SLOW_FIRST_TOKEN_MS } = this.#options;
    const usual = latency === "none" ? NO_LATENCY : realisticLatency(answer.outputTokens, random);
    if (fault !== "slow") return { ...answer, ...usual };
    return {
      ...answer,
      firstTokenMs: Math.max(SLOW_FACTOR * usual.firstTokenMs, slowFirstTokenMs),
      decodeMs: SLOW_FACTOR * usual.decodeMs,
    };
  }
}

function replyText(call: ConverseCall): string {
  const lines = readPromptLines(call.system);
  if (lines === undefined)
    return `This prompt has no line "Mode:", so there is nothing to fill in. ${DISCLAIMER}`;
  return JSON.stringify(writtenReply(dictatedText(call.user), lines));
}

function thoughts({ user }: ConverseCall): string {
  return `The stand-in does not think. It looks for a time and a place in: ${dictatedText(user)}. ${DISCLAIMER}`;
}

function converseFailure(code: string, status: number, message: string): ConverseFailure {
  return { kind: "failure", code, status, message };
}

function pick<T>(choices: readonly T[], random: Random): T {
  const choice = choices[Math.floor(random() * choices.length)];
  if (choice === undefined) throw new Error("nothing to choose from");
  return choice;
}
