import { Stack } from "aws-cdk-lib/core";
import { type IOidcProvider, OidcProviderNative } from "aws-cdk-lib/aws-iam";
import type { Construct } from "constructs";
import type { StageConfig } from "./config/stage-config.ts";
import { STAGES } from "./config/stage.ts";
import { DeployRole } from "./constructs/deploy-role.ts";
import { DELIVERY_STACK, DIFF_ENVIRONMENT } from "./names.ts";

/** Lets the workflows of one GitHub repository deploy each stage from its own environment, without a stored key. */
export class DeliveryStack extends Stack {
  constructor(scope: Construct, config: StageConfig) {
    super(scope, DELIVERY_STACK, {
      env: { region: config.region },
      description: `Wrist Agent: roles that ${config.githubRepository} deploys with`,
      terminationProtection: config.stage === "production",
    });
    const common = { provider: githubProvider(this, config), repository: config.githubRepository };
    for (const stage of STAGES)
      new DeployRole(this, `Deploy-${stage}`, {
        ...common,
        environment: stage,
        bootstrapRoles: ["deploy", "file-publishing", "lookup"],
        description: `GitHub deploys the ${stage} stage of Wrist Agent`,
      });
    new DeployRole(this, "Diff", {
      ...common,
      environment: DIFF_ENVIRONMENT,
      bootstrapRoles: ["lookup"],
      description: "GitHub compares the templates of Wrist Agent with what is deployed",
    });
  }
}

/** IAM knows GitHub's certificate authorities, so no thumbprint is stated. An account has one provider for each issuer. */
function githubProvider(scope: Construct, { githubProviderArn }: StageConfig): IOidcProvider {
  if (githubProviderArn !== "")
    return OidcProviderNative.fromOidcProviderArn(scope, "GitHub", githubProviderArn);
  return new OidcProviderNative(scope, "GitHub", {
    url: "https://token.actions.githubusercontent.com",
    clientIds: ["sts.amazonaws.com"],
  });
}
