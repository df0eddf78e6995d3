import { inferenceProfile } from "../inference-profile.ts";
import { ATTACHED_RULES } from "./attached-rules.ts";
import type { SettingsRule } from "./settings-rule.ts";

/** Values that are each valid and yet impossible together, or in a stage: synthesis refuses them by name. */
export const SETTINGS_RULES: readonly SettingsRule[] = [
  {
    settings: ["logContent"],
    refusal: ({ logContent }, { stage }) =>
      stage === "production" && logContent ? "production never logs dictated text" : undefined,
  },
  {
    settings: ["region", "regions"],
    refusal: ({ region, regions }, { from }) =>
      from("region") === "-c" && regions.length > 0 && regions[0] !== region
        ? "the first of several Regions is the stage's own: give one of the two, or -c regions= for one Region alone"
        : undefined,
  },
  {
    settings: ["modelId", "region"],
    refusal: ({ modelId, region, regions, functionArn }) =>
      regions.length === 0 && !functionArn ? profileRefusal(modelId, [region]) : undefined,
  },
  {
    settings: ["modelId", "regions"],
    refusal: ({ modelId, regions }) => profileRefusal(modelId, regions),
  },
  {
    // https://docs.aws.amazon.com/lambda/latest/dg/configuring-alias-routing.html
    settings: ["deployment", "provisionedConcurrency"],
    refusal: ({ deployment, provisionedConcurrency }) =>
      deployment !== "all-at-once" && provisionedConcurrency > 0
        ? "an alias that shifts traffic between versions cannot have provisioned concurrency: use all-at-once, or 0"
        : undefined,
  },
  {
    settings: ["provisionedConcurrency", "provisionedConcurrencyMost"],
    refusal: ({ provisionedConcurrency: least, provisionedConcurrencyMost: most }) =>
      least > most ? "the least is more than the most" : undefined,
  },
  {
    settings: ["provisionedConcurrency", "provisionedConcurrencyMost", "reservedConcurrency"],
    refusal: ({ provisionedConcurrency, provisionedConcurrencyMost: most, reservedConcurrency: reserved }) =>
      provisionedConcurrency > 0 && reserved > 0 && most > reserved
        ? "what is kept initialised must fit into what is reserved"
        : undefined,
  },
  {
    settings: ["modelChoices", "region"],
    refusal: ({ modelChoices, region, regions, functionArn }) =>
      regions.length === 0 && !functionArn ? firstRefusal(modelChoices, [region]) : undefined,
  },
  {
    settings: ["modelChoices", "regions"],
    refusal: ({ modelChoices, regions }) => firstRefusal(modelChoices, regions),
  },
  {
    settings: ["tokenGraceHours", "tokenRotationDays"],
    refusal: ({ tokenGraceHours, tokenRotationDays }) =>
      tokenRotationDays > 0 && tokenGraceHours > (tokenRotationDays - 1) * 24
        ? "the old token must stop working a day before the next change at the latest, or that change waits for it"
        : undefined,
  },
  ...ATTACHED_RULES,
];

function profileRefusal(modelId: string, regions: readonly string[]): string | undefined {
  const refused = regions
    .map((region) => inferenceProfile(modelId, region))
    .find((each) => "refusal" in each);
  return refused?.refusal;
}

function firstRefusal(modelIds: readonly string[], regions: readonly string[]): string | undefined {
  return modelIds.map((id) => profileRefusal(id, regions)).find((refusal) => refusal !== undefined);
}
