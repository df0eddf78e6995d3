import type { SettingsOf } from "./setting.ts";
import { oneOf, tags, wholeNumber } from "./values.ts";

/** How traffic moves to a new version, as CodeDeploy calls it. */
export const DEPLOYMENTS = [
  "all-at-once",
  "linear-10-percent-every-minute",
  "canary-10-percent-5-minutes",
] as const;

/** One of {@link DEPLOYMENTS}. */
export type Deployment = (typeof DEPLOYMENTS)[number];

/** Networks that the function can be put into. */
export const VPCS = ["none", "isolated", "nat"] as const;

/** How the function is deployed, scaled and closed in. */
export interface HostingSettings {
  readonly deployment: Deployment;
  readonly vpc: (typeof VPCS)[number];
  /** Environments that are kept initialised; 0 for none. */
  readonly provisionedConcurrency: number;
  /** As many as target tracking may initialise. */
  readonly provisionedConcurrencyMost: number;
  /** Requests that may run at the same time; 0 leaves it to the account. */
  readonly reservedConcurrency: number;
  readonly extraTags: Readonly<Record<string, string>>;
}

/** The settings of how the function is hosted. */
export const HOSTING_SETTINGS: SettingsOf<HostingSettings> = {
  deployment: {
    key: "DEPLOYMENT",
    context: "deployment",
    parse: oneOf(...DEPLOYMENTS),
    otherwise: "all-at-once",
    meaning: "how traffic moves to a new version, once it has answered real questions",
  },
  vpc: {
    key: "VPC",
    context: "vpc",
    parse: oneOf(...VPCS),
    otherwise: "none",
    meaning:
      "isolated puts the function into subnets with AWS's endpoints alone (44 USD a month), nat behind a NAT gateway (37 USD a month)",
  },
  provisionedConcurrency: {
    key: "PROVISIONED_CONCURRENCY",
    context: "provisionedConcurrency",
    parse: wholeNumber(0, 1000),
    otherwise: "0",
    meaning: "environments kept initialised at least (2.19 USD a month each at 256 MB); 0 for none",
  },
  provisionedConcurrencyMost: {
    key: "PROVISIONED_CONCURRENCY_MOST",
    context: "provisionedConcurrencyMost",
    parse: wholeNumber(1, 1000),
    otherwise: "5",
    meaning: "environments that target tracking keeps initialised at most",
  },
  reservedConcurrency: {
    key: "RESERVED_CONCURRENCY",
    context: "reservedConcurrency",
    parse: wholeNumber(0, 1000),
    otherwise: "0",
    // https://docs.aws.amazon.com/lambda/latest/api/API_PutFunctionConcurrency.html
    meaning:
      "requests that may run at the same time, a bound on cost; 0 leaves it to the account, which must keep 100 unreserved: a quota of 100 or less can reserve none",
  },
  extraTags: {
    key: "EXTRA_TAGS",
    context: "extraTags",
    parse: tags,
    otherwise: "",
    meaning: "tags on every resource beside project and stage, as in team=home,owner=ann",
  },
};
