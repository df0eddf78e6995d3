import { MODEL_ROWS, type ModelRow } from "../../../lambda/contract/model-row.ts";
import { PROBE_TOKENS } from "../../../lambda/contract/probe.ts";
import { functionsOf, modelIdOf, type BilledFunction, type Runs } from "../billed-function.ts";
import type { Price } from "../prices.ts";
import { meanOverModes } from "../traffic.ts";
import { placeOf, type Billed, type Reading, type Usage } from "../usage.ts";

interface Tokens {
  readonly input: number;
  readonly output: number;
}

/** Tokens of one answer: people ask in the modes' mix, the probe as cheaply as it can. */
const TOKENS: Readonly<Record<Runs["by"], Tokens>> = {
  people: {
    input: meanOverModes(({ inputTokens }) => inputTokens),
    output: meanOverModes(({ outputTokens }) => outputTokens),
  },
  "the probe": PROBE_TOKENS,
  "its schedule": { input: 0, output: 0 },
};

/** The tokens of the model behind each agent, at the price that the agent itself reckons with. */
export function readModels(billed: Billed): Reading {
  const readings = functionsOf(billed)
    .filter(({ isAgent }) => isAgent)
    .map(tokensOf);
  return {
    usages: readings.flatMap(({ usages }) => usages),
    notCounted: readings.flatMap(({ notCounted = [] }) => notCounted),
    assumed: ["every request gets a model's answer, without thinking"],
  };
}

function tokensOf(fn: BilledFunction): Reading {
  const profileId = modelIdOf(fn) ?? "";
  const row = MODEL_ROWS[profileId.slice(profileId.indexOf(".") + 1)];
  if (row === undefined)
    return {
      usages: [],
      notCounted: [`tokens of ${placeOf(fn.resource)}: no price is known for "${profileId}"`],
    };
  const prices = pricesOf(profileId, row);
  return {
    usages: fn.runs.flatMap((runs) => runTokens(runs, prices)),
  };
}

function runTokens({ by, area, perMonth }: Runs, prices: readonly [Price, Price]): readonly Usage[] {
  const { input, output } = TOKENS[by];
  const what = `asked by ${by}`;
  return [
    { area, what, price: prices[0], quantity: perMonth * input },
    { area, what, price: prices[1], quantity: perMonth * output },
  ];
}

function pricesOf(profileId: string, row: ModelRow): readonly [Price, Price] {
  const factor = profileId.startsWith("global.") ? 1 : row.geographicFactor;
  const price = (item: string, usd: number): Price => ({
    item: `${item} of ${profileId}`,
    usd: usd * factor,
    per: 1_000_000,
    unit: "tokens",
    source: "lambda/contract/model-row.ts",
  });
  return [price("tokens read", row.usdPerMillion.input), price("tokens written", row.usdPerMillion.output)];
}
