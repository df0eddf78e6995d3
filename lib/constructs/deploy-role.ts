import { CfnOutput, Duration, Stack } from "aws-cdk-lib/core";
import { type IOidcProvider, OpenIdConnectPrincipal, PolicyStatement, Role } from "aws-cdk-lib/aws-iam";
import { Construct } from "constructs";

/** A role that `cdk bootstrap` makes in each account and Region. */
export type BootstrapRole = "deploy" | "file-publishing" | "lookup";

/** Who may take the role, and what it may become. */
export interface DeployRoleProps {
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
export class DeployRole extends Construct {
  constructor(scope: Construct, id: string, props: DeployRoleProps) {
    super(scope, id);
    const role = new Role(this, "Role", {
      description: props.description,
      assumedBy: trusted(props),
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
function trusted({ provider, repository, environment }: DeployRoleProps): OpenIdConnectPrincipal {
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
