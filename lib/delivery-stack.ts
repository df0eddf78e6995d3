import {
  type IOidcProvider,
  OidcProviderNative,
  OpenIdConnectPrincipal,
  PolicyStatement,
  Role,
} from "aws-cdk-lib/aws-iam";
import { CfnOutput, Duration, Stack } from "aws-cdk-lib/core";
import { Construct } from "constructs";
import type { StageConfig } from "./config/stage-config.ts";
import { STAGES } from "./config/stage.ts";
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

/** A role that `cdk bootstrap` makes in each account and Region. */
type BootstrapRole = "deploy" | "file-publishing" | "lookup";

/** Who may take the role, and what it may become. */
interface DeployRoleProps {
  readonly provider: IOidcProvider;
  /** Repository as `owner/name`. */
  readonly repository: string;
  /** GitHub environment that a job must run in. */
  readonly environment: string;
  readonly bootstrapRoles: readonly BootstrapRole[];
  readonly description: string;
}

const ISSUER = "token.actions.githubusercontent.com";

/** A role for the jobs of one environment of one repository; it may do nothing but assume bootstrap roles of its account. */
class DeployRole extends Construct {
  constructor(scope: Construct, id: string, props: DeployRoleProps) {
    super(scope, id);
    const role = new Role(this, "Role", {
      description: props.description,
      assumedBy: githubPrincipal(props),
      maxSessionDuration: Duration.hours(1),
    });
    role.addToPolicy(
      new PolicyStatement({
        actions: ["sts:AssumeRole"],
        resources: props.bootstrapRoles.map((name) => bootstrapRoleArn(Stack.of(this), name)),
      }),
    );
    new CfnOutput(this, "Arn", {
      value: role.roleArn,
      description: `Variable AWS_ROLE_ARN of the GitHub environment ${props.environment}`,
    });
  }
}

/** A job that names an environment presents that environment as its subject, and no branch. */
function githubPrincipal({ provider, repository, environment }: DeployRoleProps): OpenIdConnectPrincipal {
  return new OpenIdConnectPrincipal(provider, {
    StringEquals: {
      [`${ISSUER}:aud`]: "sts.amazonaws.com",
      [`${ISSUER}:sub`]: `repo:${repository}:environment:${environment}`,
    },
  });
}

/** The name ends with the Region, and the stages may be in any. */
function bootstrapRoleArn(stack: Stack, name: BootstrapRole): string {
  const qualifier = stack.synthesizer.bootstrapQualifier ?? "hnb659fds";
  return stack.formatArn({
    service: "iam",
    region: "",
    resource: "role",
    resourceName: `cdk-${qualifier}-${name}-role-${stack.account}-*`,
  });
}
