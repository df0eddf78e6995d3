import type { ModelRow } from "../contract/model-row.ts";

/** Kept back from Lambda's timeout to answer 504 and to write the line: a killed function reports nothing. */
const RESERVE_MS = 1_000;

/** Time that the model may take, of what Lambda leaves: short timeouts give up a fifth instead of a whole second. `mostMs` bounds it further. */
export function modelTimeBudgetMs(remainingMs: number, mostMs = Number.POSITIVE_INFINITY): number {
  const remaining = Number.isFinite(remainingMs) ? Math.max(0, remainingMs) : 0;
  return Math.min(mostMs, Math.round(remaining - Math.min(RESERVE_MS, remaining / 5)));
}

/** What the work resolves with, or `late()` when it takes longer than the time that is left: nothing waits beyond the deadline. */
export async function withinBudget<T>(budgetMs: number, work: Promise<T>, late: () => T): Promise<T> {
  const timeUp = new AbortController();
  const tooLate = new Promise<T>((resolve) => {
    const timer = setTimeout(() => resolve(late()), Math.max(0, Math.round(budgetMs)));
    timeUp.signal.addEventListener("abort", () => clearTimeout(timer), { once: true });
  });
  return Promise.race([work, tooLate]).finally(() => timeUp.abort());
}

/** Anthropic's least thinking budget: https://docs.aws.amazon.com/bedrock/latest/userguide/claude-messages-extended-thinking.html */
const MIN_THINKING_TOKENS = 1_024;

/**
 * How fast Haiku writes on a bad day. Published measurements of Haiku 4.5 say 53 (Anthropic's API) to 88 (Vertex AI) tokens a second with
 * thinking on, by Artificial Analysis as quoted on https://shadabchow.com/blogs/ai-models/claude-4-5-haiku-reasoning, read 2026-11-23;
 * on a faster day the time that is left over is simply not used.
 */
const TOKENS_PER_SECOND = 80;

/** A slow first token, which comes before any of the others. */
const FIRST_TOKEN_MS = 1_600;

/** What thinking has to fit in. */
interface ThinkingRoom {
  readonly wanted: number;
  /** Budget of the visible answer, which thinking must leave alone. */
  readonly maxTokens: number;
  /** Time for the model. */
  readonly budgetMs: number;
}

/** Tokens that thinking gets of a model with this row: as wanted, cut to what model and time leave, or 0 when that is too little. */
export function thinkingTokenBudget(row: ModelRow, { wanted, maxTokens, budgetMs }: ThinkingRoom): number {
  if (row.thinking === "none") return 0;
  if (row.thinking === "adaptive") return wanted;
  const writable = Math.floor(((budgetMs - FIRST_TOKEN_MS) / 1_000) * TOKENS_PER_SECOND);
  const most = Math.min(row.maxOutputTokens, writable) - maxTokens;
  return wanted === 0 || most < MIN_THINKING_TOKENS
    ? 0
    : Math.min(Math.max(wanted, MIN_THINKING_TOKENS), most);
}
