import { spendLimits } from "../../../bin/commands/spend-limits.ts";
import { GITHUB_PROVIDER_CONTEXT } from "../../../lib/names.ts";
import type { Choice, Options } from "../../support/all-pairs.ts";

const HAIKU = "anthropic.claude-haiku-4-5-20251001-v1:0";
const SONNET = "anthropic.claude-sonnet-4-5-20250929-v1:0";

/** What is the same whether the agent or any function is watched; "" leaves a setting out. */
const WATCHING: Options = {
  stage: ["development", "staging", "production"],
  monitoringProfile: ["default", "full"],
  topicEncryption: ["none", "customer-managed"],
  probeMinutes: ["4", "0"],
  alarmEmail: ["", "ann@example.com,bob@example.com"],
  extraTags: ["", "team=home,owner=ann"],
  requestsPerDay: ["10", "10000"],
  latencySloMs: ["", "2500"],
};

/** The settings of a stage by their names after `-c`, with the values to combine. */
export const AGENT_OPTIONS: Options = {
  ...WATCHING,
  githubRepository: ["", "ann@7/wrist-agent@42"],
  [GITHUB_PROVIDER_CONTEXT]: ["", "existing"],
  deployment: ["all-at-once", "linear-10-percent-every-minute", "canary-10-percent-5-minutes"],
  vpc: ["none", "isolated", "nat"],
  provisionedConcurrency: ["0", "2"],
  reservedConcurrency: ["0", "3", "10"],
  modelId: [`us.${HAIKU}`, `global.${HAIKU}`],
  modelChoices: ["", `us.${SONNET}`],
  region: ["", "eu-west-1"],
  regions: ["", "us-west-2,us-east-1"],
  tokenRotationDays: ["3", "0"],
  bootstrapQualifier: ["", "mine"],
  spendBreaker: ["false", "true"],
  enableXray: ["false", "true"],
  lambdaTimeout: ["30", "900"],
};

/** Any function is watched with less: nothing is deployed that these would be about. */
export const ATTACHED_OPTIONS: Options = {
  ...WATCHING,
  functionArn: ["checkout", "checkout:prod"].map(
    (name) => `arn:aws:lambda:us-west-2:123456789012:function:${name}`,
  ),
  lambdaTimeout: ["20", "900"],
  functionUrl: ["", "https://abc123.lambda-url.us-west-2.on.aws/"],
};

/** What a choice states; its limits leave room for its traffic, as others are refused. */
export function statedSettings(choice: Choice): Readonly<Record<string, string>> {
  const stated = Object.entries(choice).filter(([, text]) => text !== "");
  return { ...spendLimits(Number(choice.requestsPerDay)), ...Object.fromEntries(stated) };
}

/** Settings that are left out of the pairs: each is one value in one property, or in none. */
export const LEFT_OUT: Readonly<Record<string, string>> = {
  dailySpendUsd: "the threshold of one alarm, above what the traffic costs",
  monthlyBudgetUsd: "the threshold of the billing alarm, and the budget",
  sloPercent: "a factor in the thresholds of the burn alarms",
  logRetentionDays: "a property of log groups",
  lambdaMemory: "a property of the function",
  timeZone: "a variable of the function",
};

/** Two values that cannot be together. */
export interface RefusedPair {
  readonly pair: Choice;
  /** What the refusal says after it has named both. */
  readonly because: string;
}

const shifting = (deployment: string): RefusedPair => ({
  pair: { deployment, provisionedConcurrency: "2" },
  because: "an alias that shifts traffic between versions cannot have provisioned concurrency",
});

/** Every pair of {@link AGENT_OPTIONS} that a synthesis refuses. */
export const REFUSED_PAIRS: readonly RefusedPair[] = [
  shifting("linear-10-percent-every-minute"),
  shifting("canary-10-percent-5-minutes"),
  {
    pair: { provisionedConcurrency: "2", reservedConcurrency: "3" },
    because: "target tracking initialises up to 4: that must fit into what is reserved",
  },
  {
    pair: { modelId: `us.${HAIKU}`, region: "eu-west-1" },
    because: `us.${HAIKU} cannot be called from eu-west-1: use eu.${HAIKU}`,
  },
  {
    pair: { modelChoices: `us.${SONNET}`, region: "eu-west-1" },
    because: `us.${SONNET} cannot be called from eu-west-1: use eu.${SONNET}`,
  },
  {
    pair: { region: "eu-west-1", regions: "us-west-2,us-east-1" },
    because: "the first of several Regions is the stage's own",
  },
];
