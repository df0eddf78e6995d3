import type { ModelRow } from "./model-row.ts";
import type { Mode } from "./request.ts";

/** How one mode is asked and answered. */
export interface ModeTraffic {
  /** Share of all requests. */
  readonly share: number;
  /** Prompt, dictation and the reply's schema; a test measures the real ones. */
  readonly inputTokens: number;
  /** Reply without thinking. */
  readonly outputTokens: number;
  readonly p50Seconds: number;
  readonly p95Seconds: number;
}

/** What people ask in a day: assumed, not measured. */
export const MODE_TRAFFIC: Readonly<Record<Mode, ModeTraffic>> = {
  note: { share: 0.45, inputTokens: 345, outputTokens: 300, p50Seconds: 3, p95Seconds: 7.2 },
  reminder: { share: 0.3, inputTokens: 345, outputTokens: 110, p50Seconds: 1.5, p95Seconds: 3.7 },
  event: { share: 0.13, inputTokens: 360, outputTokens: 160, p50Seconds: 1.9, p95Seconds: 4.6 },
  research: { share: 0.09, inputTokens: 360, outputTokens: 750, p50Seconds: 6.5, p95Seconds: 15.7 },
  deepthink: { share: 0.03, inputTokens: 345, outputTokens: 1100, p50Seconds: 9.2, p95Seconds: 22.2 },
};

/** The mean of a value over the modes, weighted by their shares. */
export function meanOverModes(value: (mode: ModeTraffic) => number): number {
  return Object.values(MODE_TRAFFIC).reduce((sum, mode) => sum + mode.share * value(mode), 0);
}

/** Milliseconds that an answer takes in the median of the mode that answers soonest. */
export const QUICKEST_ANSWER_MS =
  1000 * Math.min(...Object.values(MODE_TRAFFIC).map(({ p50Seconds }) => p50Seconds));

/** US dollars that a usual request costs at a price list. */
export function usualRequestUsd(
  { usdPerMillion }: Pick<ModelRow, "usdPerMillion">,
  priceFactor: number,
): number {
  const { input, output } = usdPerMillion;
  const usd = meanOverModes(({ inputTokens, outputTokens }) => inputTokens * input + outputTokens * output);
  return (usd * priceFactor) / 1_000_000;
}
