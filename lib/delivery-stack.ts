import {
  type IOidcProvider,
  OidcProviderNative,
  OpenIdConnectPrincipal,
  PolicyStatement,
  Role,
} from "aws-cdk-lib/aws-iam";
import {
  ArnFormat,
  BOOTSTRAP_QUALIFIER_CONTEXT,
  CfnOutput,
  DefaultStackSynthesizer,
  Duration,
  Stack,
} from "aws-cdk-lib/core";
import { Construct } from "constructs";
import type { StageConfig } from "./config/stage-config.ts";
import { type LastingStage, type Stage, STAGES } from "./config/stage.ts";
import { stackSynthesizer } from "./constructs/stage-stack.ts";
import {
  ALIAS_NAME,
  BILLING_NAMES,
  DELIVERY_STACK,
  DIFF_ENVIRONMENT,
  GITHUB_ISSUER,
  GITHUB_PROVIDER_CONTEXT,
  namesOf,
} from "./names.ts";

/** What the delivery stack is made from. */
interface DeliveryProps {
  readonly config: StageConfig;
  /** The bootstrap that each stage is deployed through; "" for CDK's own. */
  readonly qualifiers: Readonly<Record<LastingStage, string>>;
}

/**
 * Lets the workflows of one GitHub repository deploy each stage from its own environment, without a stored
 * key.
 */
export class DeliveryStack extends Stack {
  constructor(scope: Construct, { config, qualifiers }: DeliveryProps) {
    super(scope, DELIVERY_STACK, {
      synthesizer: stackSynthesizer(config),
      env: { region: config.region },
      description: `Wrist Agent: roles that ${config.githubRepository.replaceAll(/@\d+/g, "")} deploys with`,
      terminationProtection: config.stage === "production",
    });
    const common = { provider: githubProvider(this), repository: config.githubRepository };
    for (const stage of STAGES)
      new DeployRole(this, `Deploy-${stage}`, {
        ...common,
        environment: stage,
        permissions: [assumeBootstrapRoles(this, qualifiers[stage]), ...readStage(this, stage)],
        description: `GitHub deploys the ${stage} stage of Wrist Agent`,
      });
    new DeployRole(this, "Diff", {
      ...common,
      environment: DIFF_ENVIRONMENT,
      permissions: [readTemplates(this, "WristAgent*")],
      description: "GitHub compares the templates of Wrist Agent with what is deployed",
    });
  }
}

/**
 * The account's provider for GitHub: the one that is there, or one of this stack.
 *
 * IAM knows GitHub's certificate authorities, so no thumbprint is stated. An account has one provider for
 * each issuer.
 */
function githubProvider(stack: Stack): IOidcProvider {
  if (stack.node.tryGetContext(GITHUB_PROVIDER_CONTEXT) === "existing")
    return OidcProviderNative.fromOidcProviderArn(
      stack,
      "GitHub",
      stack.formatArn({ service: "iam", region: "", resource: "oidc-provider", resourceName: GITHUB_ISSUER }),
    );
  return new OidcProviderNative(stack, "GitHub", {
    url: `https://${GITHUB_ISSUER}`,
    clientIds: ["sts.amazonaws.com"],
  });
}

/** Who may take the role, and what it may do. */
interface DeployRoleProps {
  readonly provider: IOidcProvider;
  /** Repository as `owner@ID/name@ID`, or as `owner/name`. */
  readonly repository: string;
  /** GitHub environment that a job must run in. */
  readonly environment: string;
  readonly permissions: readonly PolicyStatement[];
  readonly description: string;
}

const ISSUER = "token.actions.githubusercontent.com";

/** A role for the jobs of one environment of one repository. */
class DeployRole extends Construct {
  constructor(scope: Construct, id: string, props: DeployRoleProps) {
    super(scope, id);
    const role = new Role(this, "Role", {
      description: props.description,
      assumedBy: githubPrincipal(props),
      maxSessionDuration: Duration.hours(1),
    });
    for (const statement of props.permissions) role.addToPolicy(statement);
    new CfnOutput(this, "Arn", {
      value: role.roleArn,
      description: `Variable AWS_ROLE_ARN of the GitHub environment ${props.environment}`,
    });
  }
}

/**
 * A job that names an environment presents that environment as its subject, and no branch.
 *
 * The repository stands in it as `owner/name`, or, in every repository that was made, renamed or transferred
 * since mid-2026, with the ids of both:
 * https://docs.github.com/en/actions/reference/security/oidc#immutable-subject-claims. One spelling is
 * trusted, by exact match: a pattern for the ids would also match an environment whose name ends as the
 * repository's does.
 */
function githubPrincipal({ provider, repository, environment }: DeployRoleProps): OpenIdConnectPrincipal {
  return new OpenIdConnectPrincipal(provider, {
    StringEquals: {
      [`${ISSUER}:aud`]: "sts.amazonaws.com",
      [`${ISSUER}:sub`]: `repo:${repository}:environment:${environment}`,
    },
  });
}

/** Roles that `cdk bootstrap` makes in each account and Region, and that a deploy works with. */
const BOOTSTRAP_ROLES = ["deploy", "file-publishing", "lookup"] as const;

/** The qualifier of a stage that names none: CDK's own, or the one of the whole app. */
function cdkQualifier(stack: Stack): string {
  const given: unknown = stack.node.tryGetContext(BOOTSTRAP_QUALIFIER_CONTEXT);
  return typeof given === "string" ? given : DefaultStackSynthesizer.DEFAULT_QUALIFIER;
}

/** The names end with the Region, and the stages may be in any. */
function assumeBootstrapRoles(stack: Stack, qualifier: string): PolicyStatement {
  const used = qualifier === "" ? cdkQualifier(stack) : qualifier;
  return new PolicyStatement({
    sid: "AssumeBootstrapRoles",
    actions: ["sts:AssumeRole"],
    resources: BOOTSTRAP_ROLES.map((name) =>
      stack.formatArn({
        service: "iam",
        region: "",
        resource: "role",
        resourceName: `cdk-${used}-${name}-role-${stack.account}-*`,
      }),
    ),
  });
}

/** What a deploy reads of its stage before it changes anything, and reports at the end. */
function readStage(stack: Stack, stage: Stage): readonly PolicyStatement[] {
  const names = namesOf(stage);
  const arn = (service: string, resource: string, arnFormat?: ArnFormat): string =>
    stack.formatArn({ service, region: "*", resource, ...(arnFormat && { arnFormat }) });
  return [
    readTemplates(stack, "WristAgent*"),
    new PolicyStatement({
      sid: "ReadSettings",
      actions: ["ssm:GetParameter"],
      resources: [arn("ssm", `parameter${names.settingsPrefix}*`)],
    }),
    new PolicyStatement({
      sid: "ReadSubscriptions",
      actions: ["sns:ListSubscriptionsByTopic"],
      resources: [...Object.values(names.topics), names.ownerTopic, BILLING_NAMES.topic].map((topic) =>
        arn("sns", topic, ArnFormat.NO_RESOURCE_NAME),
      ),
    }),
    ...verifyDeployment(stack, stage),
    new PolicyStatement({
      sid: "ReadAlias",
      actions: [
        "lambda:GetAlias",
        "lambda:GetFunctionConfiguration",
        "lambda:GetPolicy",
        "lambda:GetProvisionedConcurrencyConfig",
      ],
      resources: [arn("lambda", `function:${names.function}*`, ArnFormat.NO_RESOURCE_NAME)],
    }),
    new PolicyStatement({
      sid: "EndProvisionedConcurrency",
      actions: ["lambda:DeleteProvisionedConcurrencyConfig"],
      resources: [arn("lambda", `function:${names.function}:${ALIAS_NAME}`, ArnFormat.NO_RESOURCE_NAME)],
    }),
  ];
}

/**
 * What `verify` reads at the end of a deploy. CloudWatch's, Bedrock's and the quotas' readings know no
 * resources; the token is left out, as jobs of a repository are not to ask in a user's name: those lines say
 * that they could not be read.
 */
function verifyDeployment(stack: Stack, stage: Stage): readonly PolicyStatement[] {
  const names = namesOf(stage);
  return [
    new PolicyStatement({
      sid: "ReadMonitoring",
      actions: [
        "bedrock:GetFoundationModel",
        "bedrock:GetFoundationModelAvailability",
        "bedrock:GetInferenceProfile",
        "bedrock:GetUseCaseForModelAccess",
        "cloudwatch:DescribeAlarms",
        "cloudwatch:GetMetricData",
        "cloudwatch:ListMetrics",
        "lambda:GetAccountSettings",
        "logs:DescribeLogGroups",
        "servicequotas:ListServiceQuotas",
      ],
      resources: ["*"],
    }),
    new PolicyStatement({
      sid: "ListResources",
      actions: ["cloudformation:ListStackResources"],
      resources: [stackArns(stack, "WristAgent*")],
    }),
    new PolicyStatement({
      sid: "ReadDashboards",
      actions: ["cloudwatch:GetDashboard"],
      // Dashboards are in no Region.
      resources: [
        stack.formatArn({
          service: "cloudwatch",
          region: "",
          resource: "dashboard",
          resourceName: `${names.function}-*`,
        }),
      ],
    }),
    new PolicyStatement({
      sid: "ReadModelChoice",
      actions: ["ssm:GetParameter"],
      resources: [
        stack.formatArn({
          service: "ssm",
          region: "*",
          resource: `parameter${names.parameterPrefix}model-id`,
        }),
      ],
    }),
  ];
}

function stackArns(stack: Stack, stackNames: string): string {
  return stack.formatArn({
    service: "cloudformation",
    region: "*",
    resource: "stack",
    resourceName: `${stackNames}/*`,
  });
}

/** The templates of this project's stacks, and how the stacks stand: nothing else of the account. */
function readTemplates(stack: Stack, stackNames: string): PolicyStatement {
  return new PolicyStatement({
    sid: "ReadTemplates",
    actions: [
      "cloudformation:DescribeStackResources",
      "cloudformation:DescribeStacks",
      "cloudformation:GetTemplate",
    ],
    resources: [stackArns(stack, stackNames)],
  });
}
