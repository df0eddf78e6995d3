import {
  type BedrockRuntimeClient,
  ConverseStreamCommand,
  type ConverseStreamCommandInput,
  type ConverseStreamOutput,
  type TokenUsage,
} from "@aws-sdk/client-bedrock-runtime";
import { ACTIONS } from "../contract/reply.ts";
import { thinkingTokenBudget } from "./model-budget.ts";
import type { AskModel, AttemptLimits, ModelAnswer, Question } from "./model.ts";

/** Milliseconds that only move forward. */
type Stopwatch = () => number;

/** Asks Bedrock through ConverseStream, one attempt at a time; the client is expected not to retry by itself. */
export function bedrockModel(client: BedrockRuntimeClient, elapsed: Stopwatch): AskModel {
  return async (question, limits) => {
    const startMs = elapsed();
    const stop = new AbortController();
    const signal = AbortSignal.any([limits.signal, stop.signal]);
    const command = new ConverseStreamCommand(converseInput(question));
    try {
      const answer = await withinLimits(client.send(command, { abortSignal: signal }), limits);
      return await collectAnswer(answer.stream ?? emptyStream(), limits, () => elapsed() - startMs);
    } finally {
      stop.abort();
    }
  };
}

async function* emptyStream(): AsyncGenerator<ConverseStreamOutput> {
  // A response without a stream reads as one that ended at once.
}

interface CollectedAnswer {
  text: string;
  thinkingCharacters: number;
  stopReason: string | undefined;
  usage: ModelAnswer["usage"];
  firstTokenMs: number | undefined;
}

const NO_USAGE = { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0 };

async function collectAnswer(
  stream: AsyncIterable<ConverseStreamOutput>,
  limits: AttemptLimits,
  elapsed: Stopwatch,
): Promise<ModelAnswer> {
  const all: CollectedAnswer = {
    text: "",
    thinkingCharacters: 0,
    stopReason: undefined,
    usage: NO_USAGE,
    firstTokenMs: undefined,
  };
  for await (const event of eventsWithinLimits(stream, limits)) addEvent(event, all, elapsed);
  if (all.stopReason === undefined) throw new Error("the stream ended before the model stopped");
  const { stopReason, firstTokenMs, ...rest } = all;
  return { ...rest, stopReason, ...(firstTokenMs === undefined ? {} : { firstTokenMs }) };
}

function addEvent(event: ConverseStreamOutput, all: CollectedAnswer, elapsed: Stopwatch): void {
  if (event.contentBlockDelta !== undefined) {
    all.firstTokenMs ??= elapsed();
    all.text += event.contentBlockDelta.delta?.text ?? "";
    all.thinkingCharacters += event.contentBlockDelta.delta?.reasoningContent?.text?.length ?? 0;
  }
  if (event.messageStop !== undefined) all.stopReason = event.messageStop.stopReason ?? "";
  if (event.metadata?.usage !== undefined) all.usage = usageOf(event.metadata.usage);
}

function usageOf(usage: TokenUsage): ModelAnswer["usage"] {
  return {
    inputTokens: usage.inputTokens ?? 0,
    outputTokens: usage.outputTokens ?? 0,
    cacheReadTokens: usage.cacheReadInputTokens ?? 0,
    cacheWriteTokens: usage.cacheWriteInputTokens ?? 0,
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

/** The stream's events, each of them waited for no longer than the limits allow. */
async function* eventsWithinLimits<T>(stream: AsyncIterable<T>, limits: AttemptLimits): AsyncGenerator<T> {
  const iterator = stream[Symbol.asyncIterator]();
  for (;;) {
    const step = await withinLimits(iterator.next(), limits);
    if (step.done === true) return;
    yield step.value;
  }
}

const TEMPERATURE = 0.1;

/** A sentence's reply is short; adaptive thinking on top of it needs room, or it would eat the reply's. */
const ADAPTIVE_THINKING_TOKENS = 2_048;

/** The Converse call for a question, in what its model accepts. */
export function converseInput(question: Question): ConverseStreamCommandInput {
  const { model } = question;
  const thinking = thinkingOf(question);
  const maxTokens = Math.min(question.maxTokens + thinking.tokens, model.row.outputTokensMost);
  const takesTemperature = model.row.acceptsTemperature && thinking.fields === undefined;
  return {
    modelId: model.calledAs ?? model.profileId,
    messages: [{ role: "user", content: [{ text: question.user }] }],
    inferenceConfig: { maxTokens, ...(takesTemperature ? { temperature: TEMPERATURE } : {}) },
    ...(question.system === undefined ? {} : { system: [{ text: question.system }] }),
    ...(thinking.fields === undefined ? {} : { additionalModelRequestFields: thinking.fields }),
    ...(question.form === "reply" && model.row.structuredOutput ? { outputConfig: REPLY_SCHEMA } : {}),
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
  switch (model.row.thinking) {
    case "none":
      return { tokens: 0 };
    case "adaptive":
      return question.form === "free"
        ? { tokens: 0 }
        : {
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

/** Structured output: https://docs.aws.amazon.com/bedrock/latest/userguide/structured-output.html */
const REPLY_SCHEMA: NonNullable<ConverseStreamCommandInput["outputConfig"]> = {
  textFormat: {
    type: "json_schema",
    structure: {
      jsonSchema: {
        name: "reply",
        schema: JSON.stringify({
          type: "object",
          properties: REPLY_PROPERTIES,
          required: Object.keys(REPLY_PROPERTIES),
          additionalProperties: false,
        }),
      },
    },
  },
};
