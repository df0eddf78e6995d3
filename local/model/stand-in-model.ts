import type {
  ConverseAnswer,
  ConverseCall,
  ConverseFailure,
  ConverseModel,
} from "../server/aws/bedrock/converse-model.ts";
import type { ActiveFault, FaultInjector } from "./fault-injector.ts";
import { garbled } from "./garbage.ts";
import { believableLatency, NO_LATENCY } from "./latency.ts";
import { dictation, promptLines } from "./prompt-lines.ts";
import type { Random } from "./random.ts";
import { inputTokens, outputTokens, truncated } from "./tokens.ts";
import { DISCLAIMER, writtenReply } from "./written-reply.ts";

/** What the stand-in draws on. */
export interface StandInOptions {
  readonly random: Random;
  readonly faults: FaultInjector;
  /** `none` answers at once, for runs on a manual clock; the fault `slow` is slow all the same. */
  readonly latency: "believable" | "none";
  /** Least time to the first token under the fault `slow`; a minute when missing, beyond every deadline of the agent. */
  readonly slowFirstTokenMs?: number;
}

const SLOW_FACTOR = 20;
const SLOW_FIRST_TOKEN_MS = 60_000;

const FAILURES: Readonly<Partial<Record<ActiveFault, readonly ConverseFailure[]>>> = {
  throttle: [failure("ThrottlingException", 429, "Too many requests, please wait before trying again.")],
  denied: [
    failure("AccessDeniedException", 403, "You don't have access to the model with the specified model ID."),
  ],
  error: [
    failure(
      "InternalServerException",
      500,
      "The system encountered an unexpected error during processing. Try your request again.",
    ),
    failure("ServiceUnavailableException", 503, "Bedrock is unable to process your request."),
  ],
};

/** Answers Converse without a model: in the form that the agent's prompt asks for, and saying that it is a stand-in. */
export class StandInModel implements ConverseModel {
  readonly #options: StandInOptions;

  constructor(options: StandInOptions) {
    this.#options = options;
  }

  converse(call: ConverseCall): ConverseAnswer | ConverseFailure {
    const fault = this.#options.faults.draw();
    const failures = fault && FAILURES[fault];
    if (failures !== undefined) return pick(failures, this.#options.random);
    return this.#timed(this.#written(call, fault), fault);
  }

  #written(
    call: ConverseCall,
    fault: ActiveFault | undefined,
  ): Omit<ConverseAnswer, "firstTokenMs" | "decodeMs"> {
    const reply = replyText(call);
    const thinking =
      call.thinkingTokens === undefined ? undefined : truncated(thoughts(call), call.thinkingTokens).text;
    const thinkingCost = thinking === undefined ? 0 : outputTokens(thinking);
    const visible = truncated(reply, Math.max(0, call.maxTokens - thinkingCost));
    const { text, isCut } = fault === "garbage" ? garbled(visible.text, this.#options.random) : visible;
    return {
      kind: "answer",
      ...(thinking !== undefined && { thinking }),
      text,
      stopReason: isCut ? "max_tokens" : "end_turn",
      inputTokens: inputTokens(call.system + call.user),
      outputTokens: outputTokens(text) + thinkingCost,
    };
  }

  #timed(
    answer: Omit<ConverseAnswer, "firstTokenMs" | "decodeMs">,
    fault: ActiveFault | undefined,
  ): ConverseAnswer {
    const { latency, random, slowFirstTokenMs = SLOW_FIRST_TOKEN_MS } = this.#options;
    const usual = latency === "none" ? NO_LATENCY : believableLatency(answer.outputTokens, random);
    if (fault !== "slow") return { ...answer, ...usual };
    return {
      ...answer,
      firstTokenMs: Math.max(SLOW_FACTOR * usual.firstTokenMs, slowFirstTokenMs),
      decodeMs: SLOW_FACTOR * usual.decodeMs,
    };
  }
}

function replyText(call: ConverseCall): string {
  const lines = promptLines(call.system);
  if (lines === undefined)
    return `This prompt has no line "Mode:", so there is nothing to fill in. ${DISCLAIMER}`;
  return JSON.stringify(writtenReply(dictation(call.user), lines));
}

function thoughts({ user }: ConverseCall): string {
  return `The stand-in does not think. It looks for a time and a place in: ${dictation(user)}. ${DISCLAIMER}`;
}

function failure(code: string, status: number, message: string): ConverseFailure {
  return { kind: "failure", code, status, message };
}

function pick<T>(choices: readonly T[], random: Random): T {
  const choice = choices[Math.floor(random() * choices.length)];
  if (choice === undefined) throw new Error("nothing to choose from");
  return choice;
}
