import { parseInferenceProfile } from "./inference-profile.ts";
import { provisionedConcurrencyMax } from "./deployment-settings.ts";
import { partitionOf } from "./region.ts";
import type { FoundSetting } from "./setting-sources.ts";
import type { StageSettings } from "./stage-config.ts";
import type { Stage } from "./stage.ts";

/** What a rule knows besides the values. */
interface RuleInputs {
  readonly stage: Stage;
  /** Where a setting was given. */
  readonly from: (name: keyof StageSettings) => FoundSetting["from"];
}

/** What settings mean together that none of them says alone. */
interface SettingsRule {
  /** The settings whose places a refusal names, the one to change first. */
  readonly settings: readonly (keyof StageSettings)[];
  /** Why they cannot be together, and what to do; `undefined` when they can. */
  readonly refusal: (settings: StageSettings, inputs: RuleInputs) => string | undefined;
}

/** A question to a model takes seconds, and one of them is kept back to answer in. */
const MIN_AGENT_TIMEOUT_SECONDS = 5;

/** What must hold when a function of somebody else's is watched, and what means nothing without one. */
const ATTACHED_RULES: readonly SettingsRule[] = [
  {
    settings: ["functionArn", "timeoutSeconds"],
    refusal: ({ functionArn }, { from }) =>
      // What the file and earlier deploys say is of the agent.
      functionArn && ["file", "earlier deploy"].includes(from("timeoutSeconds"))
        ? "give the watched function's timeout in seconds with -c lambdaTimeout=; aws lambda get-function-configuration " +
          `--function-name ${functionArn.functionName} --query Timeout prints it`
        : undefined,
  },
  {
    settings: ["timeoutSeconds"],
    refusal: ({ functionArn, timeoutSeconds }) =>
      functionArn === undefined && timeoutSeconds < MIN_AGENT_TIMEOUT_SECONDS
        ? `the agent needs ${MIN_AGENT_TIMEOUT_SECONDS} seconds or more`
        : undefined,
  },
  {
    settings: ["functionArn", "regions"],
    refusal: ({ functionArn, regions }) =>
      functionArn && regions.length > 0
        ? "a function is in one Region: leave REGIONS out, or pass -c regions="
        : undefined,
  },
  {
    settings: ["functionArn", "region"],
    refusal: ({ functionArn, region }) =>
      functionArn && functionArn.region !== region
        ? `its metrics, and so its alarms, are in ${functionArn.region}: pass -c region=${functionArn.region}`
        : undefined,
  },
  {
    settings: ["functionUrl", "functionArn"],
    refusal: ({ functionArn, functionUrl }) => {
      const region = /\.lambda-url\.([a-z0-9-]+)\.on\.aws\/?$/.exec(functionUrl)?.[1];
      return functionArn && region !== undefined && region !== functionArn.region
        ? `the URL is in ${region} and the function in ${functionArn.region}: one of the two is another function's`
        : undefined;
    },
  },
  onlyAttached("functionUrl", ({ functionUrl }) => functionUrl !== ""),
];

function onlyAttached(
  name: keyof StageSettings,
  isGiven: (settings: StageSettings) => boolean,
): SettingsRule {
  return {
    settings: [name],
    refusal: (settings) =>
      isGiven(settings) && settings.functionArn === undefined
        ? "it says something of a function that -c functionArn= names, and none is named"
        : undefined,
  };
}

/** Values that are each valid and yet impossible together, or in a stage: synthesis refuses them by name. */
export const SETTINGS_RULES: readonly SettingsRule[] = [
  {
    settings: ["region", "regions"],
    refusal: ({ region, regions }, { from }) =>
      from("region") === "-c" && regions.length > 0 && regions[0] !== region
        ? "the first of several Regions is the stage's own: give one of the two, or -c regions= for one Region alone"
        : undefined,
  },
  {
    settings: ["regions"],
    refusal: ({ regions }) =>
      new Set(regions.map(partitionOf)).size > 1
        ? `they are in the partitions ${[...new Set(regions.map(partitionOf))].join(" and ")}, whose accounts differ: deploy each by itself`
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
    settings: ["provisionedConcurrency", "reservedConcurrency"],
    refusal: ({ provisionedConcurrency: min, reservedConcurrency: reserved }) =>
      reserved > 0 && provisionedConcurrencyMax(min) > reserved
        ? `target tracking initialises up to ${provisionedConcurrencyMax(min)}: that must fit into what is reserved`
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
  ...ATTACHED_RULES,
];

function profileRefusal(modelId: string, regions: readonly string[]): string | undefined {
  const refused = regions
    .map((region) => parseInferenceProfile(modelId, region))
    .find((each) => "refusal" in each);
  return refused?.refusal;
}

function firstRefusal(modelIds: readonly string[], regions: readonly string[]): string | undefined {
  return modelIds.map((id) => profileRefusal(id, regions)).find((refusal) => refusal !== undefined);
}
