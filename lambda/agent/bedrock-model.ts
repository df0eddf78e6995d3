import {
  type BedrockRuntimeClient,
  ConverseStreamCommand,
  type ConverseStreamCommandInput,
  type ConverseStreamOutput,
  type TokenUsage,
} from "@aws-sdk/client-bedrock-runtime";
import { ACTIONS } from "../contract/request.ts";
import { httpStatusOf } from "./model-fault.ts";
import {
  type AskModel,
  AttemptError,
  type AttemptLimits,
  estimatedTokens,
  type ModelAnswer,
  NO_USAGE,
  type Question,
  type Spent,
  thinkingTokenBudget,
  type Usage,
} from "./model.ts";

/** Milliseconds that only move forward. */
type Stopwatch = () => number;

/**
 * Asks Bedrock through ConverseStream, one attempt at a time; the client is expected not to retry by itself.
 */
export function bedrockModel(client: BedrockRuntimeClient, elapsed: Stopwatch): AskModel {
  return async (question, limits) => {
    const startMs = elapsed();
    const stop = new AbortController();
    const signal = AbortSignal.any([limits.signal, stop.signal]);
    const collected = new CollectedAnswer(question, () => elapsed() - startMs);
    const command = new ConverseStreamCommand(converseInput(question));
    try {
      const response = await withinLimits(client.send(command, { abortSignal: signal }), limits);
      await collected.read(response.stream ?? emptyStream(), limits);
      return collected.answer();
    } catch (error) {
      throw collected.hasBegun || mayBeBilled(error) ? new AttemptError(error, collected.spent()) : error;
    } finally {
      stop.abort();
    }
  };
}

/** Errors of Node before a request has left: nothing was asked. */
const UNSENT: ReadonlySet<unknown> = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
]);

/**
 * A call that AWS refused, or that never left, costs nothing; of one that hung or broke nobody knows, so it
 * is counted.
 */
function mayBeBilled(error: unknown): boolean {
  const status = httpStatusOf(error);
  if (status !== undefined && status >= 400) return false;
  return !(error instanceof Error) || !isUnsent(error);
}

/** The SDK wraps what Node said. */
function isUnsent(error: Error): boolean {
  const { code } = error as { readonly code?: unknown };
  if (UNSENT.has(code) || error.name === "CredentialsProviderError") return true;
  return error.cause instanceof Error && isUnsent(error.cause);
}

async function* emptyStream(): AsyncGenerator<ConverseStreamOutput> {
  // A response without a stream reads as one that ended at once.
}

/** The count of tokens comes last; an answer that is whole waits no longer for it. */
const USAGE_WAIT_MS = 1_000;

/** What one attempt has brought so far. */
class CollectedAnswer {
  readonly #question: Question;
  readonly #elapsed: Stopwatch;
  #text = "";
  #thinking = 0;
  #stopReason: string | undefined;
  #counted: Partial<Usage> = {};
  #firstTokenMs: number | undefined;
  /** Whether Bedrock began to answer. */
  hasBegun = false;

  constructor(question: Question, elapsed: Stopwatch) {
    this.#question = question;
    this.#elapsed = elapsed;
  }

  /**
   * Reads the stream to its end. One that breaks or falls silent after the model stopped holds the whole
   * answer.
   */
  async read(stream: AsyncIterable<ConverseStreamOutput>, limits: AttemptLimits): Promise<void> {
    const iterator = stream[Symbol.asyncIterator]();
    try {
      for (;;) {
        const step = await withinLimits(iterator.next(), this.#limitsNow(limits));
        if (step.done === true) break;
        this.#add(step.value);
      }
    } catch (error) {
      if (this.#stopReason === undefined) throw error;
    }
    if (this.#stopReason === undefined) throw new Error("the stream ended before the model stopped");
  }

  answer(): ModelAnswer {
    return {
      text: this.#text,
      stopReason: this.#stopReason ?? "",
      thinkingCharacters: this.#thinking,
      spent: this.spent(),
      ...(this.#firstTokenMs === undefined ? {} : { firstTokenMs: this.#firstTokenMs }),
    };
  }

  /** Tokens as Bedrock counted them, and an estimate of what it did not count: missing is not zero. */
  spent(): Spent {
    const { inputTokens, outputTokens, cacheReadTokens = 0, cacheWriteTokens = 0 } = this.#counted;
    const estimated = {
      ...NO_USAGE,
      inputTokens: inputTokens === undefined ? questionTokens(this.#question) : 0,
      outputTokens: outputTokens === undefined ? this.#writtenTokens() : 0,
    };
    const usage = {
      inputTokens: inputTokens ?? estimated.inputTokens,
      outputTokens: outputTokens ?? estimated.outputTokens,
      cacheReadTokens,
      cacheWriteTokens,
    };
    return { usage, estimated };
  }

  #writtenTokens(): number {
    return estimatedTokens(this.#text, "x".repeat(this.#thinking));
  }

  #limitsNow(limits: AttemptLimits): AttemptLimits {
    if (this.#stopReason === undefined) return limits;
    return { ...limits, idleTimeoutMs: Math.min(limits.idleTimeoutMs, USAGE_WAIT_MS) };
  }

  #add({ contentBlockDelta, messageStop, metadata }: ConverseStreamOutput): void {
    this.hasBegun = true;
    if (contentBlockDelta !== undefined) {
      this.#firstTokenMs ??= this.#elapsed();
      this.#text += contentBlockDelta.delta?.text ?? "";
      this.#thinking += contentBlockDelta.delta?.reasoningContent?.text?.length ?? 0;
    }
    if (messageStop !== undefined) this.#stopReason = messageStop.stopReason ?? "";
    if (metadata?.usage !== undefined) this.#counted = usageOf(metadata.usage);
  }
}

/** The schema counts too: Bedrock writes it into the prompt. */
function questionTokens({ system = "", user, form, model }: Question): number {
  const schema = form === "reply" && model.row.structuredOutput ? SCHEMA_TEXT : "";
  return estimatedTokens(system, user, schema);
}

function usageOf(usage: Partial<TokenUsage>): Partial<Usage> {
  const { inputTokens, outputTokens, cacheReadInputTokens, cacheWriteInputTokens } = usage;
  return {
    ...(inputTokens === undefined ? {} : { inputTokens }),
    ...(outputTokens === undefined ? {} : { outputTokens }),
    cacheReadTokens: cacheReadInputTokens ?? 0,
    cacheWriteTokens: cacheWriteInputTokens ?? 0,
  };
}

/** The model kept a connection open and sent nothing on it. */
class SilenceError extends Error {
  override readonly name = "SilenceError";
}

/** The request's own time is used up. */
class AbortError extends Error {
  override readonly name = "AbortError";
}

/**
 * The promise, or a rejection once it was silent for too long or the request's time is up.
 *
 * An aborted SDK call is not waited for: what it does with the abort is no reason to answer late.
 */
async function withinLimits<T>(promise: Promise<T>, limits: AttemptLimits): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  let onAbort: (() => void) | undefined;
  const end = new Promise<never>((_resolve, reject) => {
    onAbort = () => reject(new AbortError("the request's time is used up"));
    if (limits.signal.aborted) onAbort();
    limits.signal.addEventListener("abort", onAbort, { once: true });
    timer = setTimeout(
      () => reject(new SilenceError(`nothing came for ${limits.idleTimeoutMs} ms`)),
      limits.idleTimeoutMs,
    );
  });
  promise.catch(() => undefined);
  try {
    return await Promise.race([promise, end]);
  } finally {
    clearTimeout(timer);
    if (onAbort !== undefined) limits.signal.removeEventListener("abort", onAbort);
  }
}

const TEMPERATURE = 0.1;

/** A sentence's reply is short; adaptive thinking on top of it needs room, or it would eat the reply's. */
const ADAPTIVE_THINKING_TOKENS = 2_048;

/** The Converse call for a question, in what its model accepts. */
export function converseInput(question: Question): ConverseStreamCommandInput {
  const { model } = question;
  const thinking = thinkingOf(question);
  const maxTokens = Math.min(question.maxTokens + thinking.tokens, model.row.maxOutputTokens);
  const isPlain = question.form === "plain";
  const takesTemperature = !isPlain && model.row.acceptsTemperature && thinking.fields === undefined;
  return {
    modelId: model.calledAs ?? model.profileId,
    messages: [{ role: "user", content: [{ text: question.user }] }],
    inferenceConfig: { maxTokens, ...(takesTemperature ? { temperature: TEMPERATURE } : {}) },
    ...(question.system === undefined ? {} : { system: [{ text: question.system }] }),
    ...(thinking.fields === undefined ? {} : { additionalModelRequestFields: thinking.fields }),
    ...(!isPlain && model.row.structuredOutput ? { outputConfig: REPLY_SCHEMA } : {}),
  };
}

interface Thinking {
  /** Tokens on top of the visible answer's. */
  readonly tokens: number;
  readonly fields?: { readonly thinking: Record<string, string | number> };
}

function thinkingOf(question: Question): Thinking {
  const { model } = question;
  const wanted = question.thinkingTokens;
  if (question.form === "plain") return { tokens: 0 };
  switch (model.row.thinking) {
    case "none":
      return { tokens: 0 };
    case "adaptive":
      return {
        tokens: Math.max(wanted, ADAPTIVE_THINKING_TOKENS),
        fields: { thinking: { type: "adaptive" } },
      };
    case "budget": {
      const room = { wanted, maxTokens: question.maxTokens, budgetMs: Number.POSITIVE_INFINITY };
      const budget = thinkingTokenBudget(model.row, room);
      if (budget === 0) return { tokens: 0 };
      return { tokens: budget, fields: { thinking: { type: "enabled", budget_tokens: budget } } };
    }
  }
}

const NULLABLE_TEXT = { type: ["string", "null"] };

const REPLY_PROPERTIES = {
  markdown: { type: "string" },
  action: { type: "string", enum: ACTIONS },
  title: { type: "string" },
  dueISO: NULLABLE_TEXT,
  startISO: NULLABLE_TEXT,
  endISO: NULLABLE_TEXT,
  location: NULLABLE_TEXT,
  url: NULLABLE_TEXT,
  notes: NULLABLE_TEXT,
  tags: { type: "array", items: { type: "string" } },
};

const SCHEMA_TEXT = JSON.stringify({
  type: "object",
  properties: REPLY_PROPERTIES,
  required: Object.keys(REPLY_PROPERTIES),
  additionalProperties: false,
});

/** Structured output: https://docs.aws.amazon.com/bedrock/latest/userguide/structured-output.html */
const REPLY_SCHEMA: NonNullable<ConverseStreamCommandInput["outputConfig"]> = {
  textFormat: { type: "json_schema", structure: { jsonSchema: { name: "reply", schema: SCHEMA_TEXT } } },
};
