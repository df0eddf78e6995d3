import type { ModelChoice } from "./model-choice.ts";

/** Tokens of one model call, as Converse counts them; input tokens exclude those of the cache. */
export interface Usage {
  readonly inputTokens: number;
  /** Thinking included. */
  readonly outputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheWriteTokens: number;
}

/** List price of a call in US dollars. */
export function costUsd(usage: Usage, model: ModelChoice): number {
  const { input, output, cacheRead, cacheWrite } = model.row.usdPerMillion;
  const perMillion =
    usage.inputTokens * input +
    usage.outputTokens * output +
    usage.cacheReadTokens * cacheRead +
    usage.cacheWriteTokens * cacheWrite;
  return (perMillion * model.priceFactor) / 1_000_000;
}
