import {
  ConverseStreamCommand,
  type BedrockRuntimeClient,
  type ConverseStreamOutput,
  type TokenUsage,
} from "@aws-sdk/client-bedrock-runtime";
import { converseInput } from "./converse-input.ts";
import type { AskModel, AttemptLimits, ModelAnswer } from "./model.ts";
import { firstOfBoth, withoutSilence } from "./silence.ts";

/** Milliseconds that only move forward. */
export type Stopwatch = () => number;

/** Asks Bedrock through ConverseStream, one attempt at a time; the client is expected not to retry by itself. */
export function bedrockModel(client: BedrockRuntimeClient, elapsed: Stopwatch): AskModel {
  return async (question, limits) => {
    const startMs = elapsed();
    const stop = new AbortController();
    const signal = AbortSignal.any([limits.signal, stop.signal]);
    const command = new ConverseStreamCommand(converseInput(question));
    try {
      const answer = await firstOfBoth(client.send(command, { abortSignal: signal }), limits);
      return await collect(answer.stream ?? nothing(), limits, () => elapsed() - startMs);
    } finally {
      stop.abort();
    }
  };
}

async function* nothing(): AsyncGenerator<ConverseStreamOutput> {
  // A response without a stream reads as one that ended at once.
}

interface Collected {
  text: string;
  thinkingCharacters: number;
  stopReason: string | undefined;
  usage: ModelAnswer["usage"];
  firstTokenMs: number | undefined;
}

const NO_USAGE = { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0 };

async function collect(
  stream: AsyncIterable<ConverseStreamOutput>,
  limits: AttemptLimits,
  elapsed: Stopwatch,
): Promise<ModelAnswer> {
  const all: Collected = {
    text: "",
    thinkingCharacters: 0,
    stopReason: undefined,
    usage: NO_USAGE,
    firstTokenMs: undefined,
  };
  for await (const event of withoutSilence(stream, limits)) take(event, all, elapsed);
  if (all.stopReason === undefined) throw new Error("the stream ended before the model stopped");
  const { stopReason, firstTokenMs, ...rest } = all;
  return { ...rest, stopReason, ...(firstTokenMs === undefined ? {} : { firstTokenMs }) };
}

function take(event: ConverseStreamOutput, all: Collected, elapsed: Stopwatch): void {
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
