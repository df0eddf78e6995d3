import { partitionOf } from "./region.ts";

/** A geography of cross-Region inference: where its profiles can be called, and where calls may be served. */
interface Geography {
  /** Regions a profile of this geography can be called from, as prefixes of Region names. */
  readonly callableFrom: readonly string[];
  /** Regions that may serve the call; empty when any commercial Region may (global profiles). */
  readonly destinations: readonly string[];
}

/**
 * Geographies by the prefix of their profile ids.
 *
 * https://docs.aws.amazon.com/bedrock/latest/userguide/geographic-cross-region-inference.html
 */
const GEOGRAPHIES: Readonly<Record<string, Geography>> = {
  us: {
    // Canada has no geography of its own: its calls are served there and in the United States.
    callableFrom: ["us-east-1", "us-east-2", "us-west-1", "us-west-2", "ca-central-1"],
    destinations: ["us-east-1", "us-east-2", "us-west-1", "us-west-2", "ca-central-1"],
  },
  "us-gov": {
    callableFrom: ["us-gov-"],
    destinations: ["us-gov-east-1", "us-gov-west-1"],
  },
  eu: {
    callableFrom: ["eu-"],
    destinations: [
      "eu-central-1",
      "eu-central-2",
      "eu-north-1",
      "eu-south-1",
      "eu-south-2",
      "eu-west-1",
      "eu-west-2",
      "eu-west-3",
    ],
  },
  jp: {
    callableFrom: ["ap-northeast-1", "ap-northeast-3"],
    destinations: ["ap-northeast-1", "ap-northeast-3"],
  },
  au: {
    callableFrom: ["ap-southeast-2", "ap-southeast-4", "ap-southeast-6"],
    destinations: ["ap-southeast-2", "ap-southeast-4", "ap-southeast-6"],
  },
  apac: {
    callableFrom: ["ap-"],
    destinations: [
      "ap-northeast-1",
      "ap-northeast-2",
      "ap-northeast-3",
      "ap-south-1",
      "ap-south-2",
      "ap-southeast-1",
      "ap-southeast-2",
      "ap-southeast-3",
      "ap-southeast-4",
      "ap-southeast-5",
      "ap-southeast-7",
      "ap-east-2",
    ],
  },
  global: { callableFrom: [""], destinations: [] },
};

/** An inference profile id, taken apart. */
export interface InferenceProfile {
  /** The whole id, as the handler passes it to Bedrock. */
  readonly id: string;
  /** The id of the foundation model behind it. */
  readonly foundationModelId: string;
  /** Regions that may serve a call; empty for a global profile. */
  readonly destinationRegions: readonly string[];
}

/** The first part of an id that leaves the geography to the Region. */
const AUTO = "auto";

/**
 * Geographies that `auto` chooses from, the narrowest first; never `global`, which may serve a call anywhere.
 */
const CHOSEN_BY_REGION = ["us", "us-gov", "eu", "jp", "au", "apac"] as const;

/** Models that have profiles for Japan and Australia instead of one for all of Asia and the Pacific. */
const WITHOUT_APAC = /^anthropic\.claude-[a-z]+-4-[5-9]/;

/**
 * Takes a profile id apart, or says why it cannot be called from `region`; `auto.` becomes the Region's
 * geography.
 */
export function parseInferenceProfile(
  id: string,
  region: string,
): InferenceProfile | { readonly refusal: string } {
  const [, prefix = "", foundationModelId = ""] = /^([a-z]+(?:-gov)?)\.([a-z0-9-]+\..+)$/.exec(id) ?? [];
  const known = Object.keys(GEOGRAPHIES).join(", ");
  if (partitionOf(region) === "aws-cn")
    return {
      refusal: `${id} cannot be called from ${region}: there is no Bedrock in China; only the monitoring of another function, -c functionArn=, can be there`,
    };
  if (prefix !== AUTO && !GEOGRAPHIES[prefix])
    return {
      refusal: `${id} ${wrongShape(id)}: Bedrock serves this agent through a profile, <geography>.<model id>, with geography ${known}, or ${AUTO} for the Region's own`,
    };
  const own = ownGeography(region, foundationModelId);
  const chosen = prefix === AUTO ? own : prefix;
  const geography = chosen === undefined ? undefined : GEOGRAPHIES[chosen];
  const isGlobalElsewhere = chosen === "global" && partitionOf(region) !== "aws";
  if (
    chosen === undefined ||
    isGlobalElsewhere ||
    !geography?.callableFrom.some((start) => region.startsWith(start))
  )
    return {
      refusal: `${id} cannot be called from ${region}: use ${own ?? "global"}.${foundationModelId}${hint(own)}`,
    };
  return {
    id: `${chosen}.${foundationModelId}`,
    foundationModelId,
    destinationRegions: geography.destinations,
  };
}

function wrongShape(id: string): string {
  return /^[a-z0-9-]+\.[a-z]/.test(id) ? "is a bare model id" : "is not an inference profile id";
}

/** The geography that holds a Region and has profiles of the model. */
function ownGeography(region: string, foundationModelId: string): string | undefined {
  return CHOSEN_BY_REGION.find(
    (name) =>
      GEOGRAPHIES[name]?.callableFrom.some((start) => region.startsWith(start)) === true &&
      !(name === "apac" && WITHOUT_APAC.test(foundationModelId)),
  );
}

function hint(own: string | undefined): string {
  return own === undefined
    ? ", which any commercial Region may serve; no geography is known to hold this Region and model"
    : `, or ${AUTO}. instead of the geography, which follows the Region`;
}
