import type { SettingsOf } from "./setting.ts";
import { matching } from "./values.ts";

/** Who may deploy from GitHub. */
export interface DeliverySettings {
  readonly githubRepository: string;
  readonly githubProviderArn: string;
}

/** The settings of the delivery stack. */
export const DELIVERY_SETTINGS: SettingsOf<DeliverySettings> = {
  githubRepository: {
    key: "GITHUB_REPOSITORY",
    context: "githubRepository",
    parse: matching(/^([\w-]+\/[\w.-]+)?$/, "a repository as owner/name"),
    otherwise: "",
    // GitHub sets it in every job, whether or not the job is to change who may deploy.
    environment: "ignored",
    meaning: "repository, as owner/name, whose workflows may deploy: makes the stack WristAgentDelivery",
  },
  githubProviderArn: {
    key: "GITHUB_PROVIDER_ARN",
    context: "githubProviderArn",
    parse: matching(
      /^(arn:[\w-]+:iam::\d{12}:oidc-provider\/token\.actions\.githubusercontent\.com)?$/,
      "the ARN of the provider for token.actions.githubusercontent.com",
    ),
    otherwise: "",
    meaning:
      "GitHub's OIDC provider where the account has one already; the delivery stack makes it when missing",
  },
};
