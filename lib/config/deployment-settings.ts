import { ConfigError, oneOf, type SettingsOf, tagPairs, textMatching, wholeNumber } from "./setting.ts";

/** How traffic moves to a new version, as CodeDeploy calls it. */
const DEPLOYMENTS = ["all-at-once", "linear-10-percent-every-minute", "canary-10-percent-5-minutes"] as const;

/** One of {@link DEPLOYMENTS}. */
export type Deployment = (typeof DEPLOYMENTS)[number];

/** Networks that the function can be put into. */
const VPCS = ["none", "isolated", "nat"] as const;

/** How the function is deployed, scaled and closed in. */
export interface HostingSettings {
  readonly deployment: Deployment;
  readonly vpc: (typeof VPCS)[number];
  /** Environments that are kept initialised; 0 for none. */
  readonly provisionedConcurrency: number;
  /** Requests that may run at the same time; 0 leaves it to the account. */
  readonly reservedConcurrency: number;
  readonly extraTags: Readonly<Record<string, string>>;
  /** Names the bootstrap resources that deploy the stage; "" for CDK's own. */
  readonly bootstrapQualifier: string;
}

/**
 * As many environments as target tracking may initialise: twice what is kept, which bounds what it may spend.
 */
export function provisionedConcurrencyMax(provisionedConcurrency: number): number {
  return 2 * provisionedConcurrency;
}

/** The settings of how the function is hosted. */
export const HOSTING_SETTINGS: SettingsOf<HostingSettings> = {
  deployment: {
    key: "DEPLOYMENT",
    context: "deployment",
    parse: oneOf(...DEPLOYMENTS),
    defaultText: "all-at-once",
    description: "how traffic moves to a new version, once it has answered real questions",
    why: "a shift in steps takes ten minutes, and finds what the questions before do not",
  },
  vpc: {
    key: "VPC",
    context: "vpc",
    parse: oneOf(...VPCS),
    defaultText: "none",
    description:
      "isolated puts the function into subnets with AWS's endpoints alone (29 USD a month), nat behind a NAT gateway (37 USD a month)",
    why: "some accounts must keep traffic off the internet; it costs by the hour",
  },
  provisionedConcurrency: {
    key: "PROVISIONED_CONCURRENCY",
    context: "provisionedConcurrency",
    parse: wholeNumber(0, 1000),
    defaultText: "0",
    description: "environments kept initialised at least (2.19 USD a month each at 256 MB); 0 for none",
    why: "warm environments cost by the hour",
  },
  reservedConcurrency: {
    key: "RESERVED_CONCURRENCY",
    context: "reservedConcurrency",
    parse: wholeNumber(0, 1000),
    defaultText: "0",
    // https://docs.aws.amazon.com/lambda/latest/api/API_PutFunctionConcurrency.html
    description:
      "requests that may run at the same time, a bound on cost; 0 leaves it to the account, which must keep 100 unreserved: a quota of 100 or less can reserve none",
    why: "takes from the quota of the other functions of the account",
  },
  extraTags: {
    key: "EXTRA_TAGS",
    context: "extraTags",
    parse: tagPairs,
    defaultText: "",
    description: "tags on every resource beside project and stage, as in team=home,owner=ann",
    why: "the tags that your bill is grouped by",
  },
  bootstrapQualifier: {
    key: "BOOTSTRAP_QUALIFIER",
    context: "bootstrapQualifier",
    parse: textMatching(/^([a-z0-9]{1,10})?$/, "up to ten lower-case letters and digits"),
    defaultText: "",
    description:
      "qualifier of the `cdk bootstrap` that the stage is deployed through; CDK's own when missing",
    why: "stages that share an account are kept apart by it",
  },
};

const REPOSITORY = /^[\w-]+\/[\w.-]+$/;
const REPOSITORY_WITH_IDS = /^[\w-]+@\d+\/[\w.-]+@\d+$/;

/** A repository as GitHub's tokens spell it: with the ids of owner and repository, or by names alone. */
function githubRepository(text: string): string {
  if (text === "" || REPOSITORY.test(text) || REPOSITORY_WITH_IDS.test(text)) return text;
  throw new ConfigError(
    "expected a repository as owner@ID/name@ID, or as owner/name; docs/deploying.md has the command that prints it",
  );
}

/** Who may deploy from GitHub. */
export interface DeliverySettings {
  readonly githubRepository: string;
}

/** The settings of the delivery stack. */
export const DELIVERY_SETTINGS: SettingsOf<DeliverySettings> = {
  githubRepository: {
    key: "GITHUB_REPOSITORY",
    context: "githubRepository",
    parse: githubRepository,
    defaultText: "",
    // GitHub sets it in every job, whether or not the job is to change who may deploy.
    environment: "ignored",
    description:
      "repository, as owner@ID/name@ID, whose workflows may deploy: makes the stack WristAgentDelivery",
    why: "whom the account trusts",
  },
};
