import type { Random } from "./random.ts";
import { standardNormal } from "./random.ts";

/** How long an answer takes. */
export interface Latency {
  readonly firstTokenMs: number;
  readonly decodeMs: number;
}

/** Median of the time to the first token, and the 95th percentile's distance from it: 0.7 s and 1.6 s. */
const FIRST_TOKEN_MEDIAN_MS = 700;
const FIRST_TOKEN_SIGMA = Math.log(1600 / 700) / 1.645;
const TOKENS_PER_SECOND = { typical: 130, least: 80, most: 180, spread: 25 } as const;

/** A latency as a small hosted model shows it, log-normal to the first token. */
export function believableLatency(outputTokens: number, random: Random): Latency {
  const firstTokenMs = FIRST_TOKEN_MEDIAN_MS * Math.exp(FIRST_TOKEN_SIGMA * standardNormal(random));
  const { typical, least, most, spread } = TOKENS_PER_SECOND;
  const rate = Math.min(most, Math.max(least, typical + spread * standardNormal(random)));
  return { firstTokenMs, decodeMs: (outputTokens / rate) * 1000 };
}

/** A latency of nothing, for runs on a manual clock. */
export const NO_LATENCY: Latency = { firstTokenMs: 0, decodeMs: 0 };
