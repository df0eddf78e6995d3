/** What a model accepts and costs. */
export interface ModelRow {
  /** How thinking is asked for: a token budget, left to the model, or not at all. */
  readonly thinking: "budget" | "adaptive" | "none";
  readonly acceptsTemperature: boolean;
  /** Whether Converse's `outputConfig` with a JSON schema is accepted. */
  readonly structuredOutput: boolean;
  readonly maxOutputTokens: number;
  /** US dollars per million tokens on the global profile. */
  readonly usdPerMillion: {
    readonly input: number;
    readonly output: number;
    readonly cacheRead: number;
    readonly cacheWrite: number;
  };
  /** Factor on the price for a profile of one geography, `us.` or `eu.` for example. */
  readonly geographicFactor: number;
}

/**
 * Models that the agent knows, by model id without the profile's prefix.
 *
 * Prices: Anthropic's and third-party price tables, read 2026-11-22; a geographic profile costs 10 % more.
 * Capabilities of Haiku 4.5: its Bedrock model card
 * (https://docs.aws.amazon.com/bedrock/latest/userguide/model-cards.html); of Haiku 5.5: Anthropic's
 * migration guide, with the price and the structured output not yet confirmed by an AWS page.
 */
export const MODEL_ROWS: Readonly<Record<string, ModelRow>> = {
  "anthropic.claude-haiku-4-5-20251001-v1:0": {
    thinking: "budget",
    acceptsTemperature: true,
    structuredOutput: true,
    maxOutputTokens: 64_000,
    usdPerMillion: { input: 1, output: 5, cacheRead: 0.1, cacheWrite: 1.25 },
    geographicFactor: 1.1,
  },
  "anthropic.claude-haiku-5-5": {
    thinking: "adaptive",
    acceptsTemperature: false,
    structuredOutput: false,
    maxOutputTokens: 64_000,
    usdPerMillion: { input: 0.1, output: 0.5, cacheRead: 0.01, cacheWrite: 0.125 },
    geographicFactor: 1.1,
  },
};
