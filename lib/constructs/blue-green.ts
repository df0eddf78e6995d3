import { Alarm, type IAlarm } from "aws-cdk-lib/aws-cloudwatch";
import {
  type ILambdaDeploymentConfig,
  LambdaApplication,
  LambdaDeploymentConfig,
  LambdaDeploymentGroup,
} from "aws-cdk-lib/aws-codedeploy";
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { Alias, CfnAlias, IVersion } from "aws-cdk-lib/aws-lambda";
import { ArnFormat, Stack } from "aws-cdk-lib/core";
import { Construct } from "constructs";
import { PRE_TRAFFIC_ENVIRONMENT } from "../../lambda/contract/environment.ts";
import type { Deployment } from "../config/deployment-settings.ts";
import type { StageConfig } from "../config/stage-config.ts";
import { ALIAS_NAME, ALIAS_UPDATE_CONTEXT, namesOf, ROLLBACK_ALARMS } from "../names.ts";
import { parameterArn, ServiceFunction } from "./service-function.ts";

const DEPLOYMENT_CONFIGS: Readonly<Record<Deployment, ILambdaDeploymentConfig>> = {
  "all-at-once": LambdaDeploymentConfig.ALL_AT_ONCE,
  "linear-10-percent-every-minute": LambdaDeploymentConfig.LINEAR_10PERCENT_EVERY_1MINUTE,
  "canary-10-percent-5-minutes": LambdaDeploymentConfig.CANARY_10PERCENT_5MINUTES,
};

/**
 * How the alias `live` comes to point at a new version: CodeDeploy asks it real questions, then shifts the
 * traffic.
 *
 * Only an update of the stack is deployed like this; its first deploy makes the alias, which nobody uses yet.
 */
export class BlueGreen extends Construct {
  constructor(scope: Construct, id: string, { alias, config }: BlueGreenProps) {
    super(scope, id);
    const names = namesOf(config);
    const hook = new PreTrafficHook(this, "PreTraffic", { version: alias.version, config });
    const alarms = rollbackAlarms(this, config);
    new LambdaDeploymentGroup(this, "Group", {
      application: new LambdaApplication(this, "Application", {
        applicationName: names.deploymentApplication,
      }),
      deploymentGroupName: ALIAS_NAME,
      alias,
      deploymentConfig: DEPLOYMENT_CONFIGS[config.deployment],
      role: deploymentRole(this, config),
      preHook: hook.lambda,
      alarms: [...alarms],
      // The alarms are in a stack that may not be there yet, or no more: that must not hold up a deploy.
      ignorePollAlarmsFailure: true,
      autoRollback: { failedDeployment: true, stoppedDeployment: true, deploymentInAlarm: alarms.length > 0 },
    });
    if (this.node.tryGetContext(ALIAS_UPDATE_CONTEXT) === "direct") moveDirectly(alias);
    // CloudFormation updates the hook, which carries the new version's ARN, before it touches the alias; in a
    // rollback as well.
    alias.node.addDependency(hook);
  }
}

/** Lets CloudFormation move the alias itself, from wherever a rollback has put it. */
function moveDirectly(alias: Alias): void {
  delete (alias.node.defaultChild as CfnAlias).cfnOptions.updatePolicy;
}

/** What a {@link BlueGreen} shifts, and for which stage. */
interface BlueGreenProps {
  readonly alias: Alias;
  readonly config: StageConfig;
}

/**
 * None for all-at-once: the shift is over before an alarm can notify, and a fix must reach a stage whose
 * alarms are raised.
 */
function rollbackAlarms(scope: Construct, config: StageConfig): readonly IAlarm[] {
  if (config.deployment === "all-at-once") return [];
  const names = namesOf(config);
  return ROLLBACK_ALARMS.map((key) => Alarm.fromAlarmName(scope, key, names.alarm(key)));
}

/**
 * Its own role, because the managed policy that CDK gives may move every alias of the account; names, to stay
 * free of cycles.
 */
function deploymentRole(scope: Construct, config: StageConfig) {
  const names = namesOf(config);
  const functionArn = (name: string): string =>
    Stack.of(scope).formatArn({
      service: "lambda",
      resource: "function",
      resourceName: name,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
  const statements = [
    new PolicyStatement({
      sid: "ShiftAlias",
      actions: ["lambda:GetAlias", "lambda:UpdateAlias", "lambda:GetProvisionedConcurrencyConfig"],
      resources: [functionArn(names.function), functionArn(`${names.function}:${ALIAS_NAME}`)],
    }),
    new PolicyStatement({
      sid: "AskHook",
      actions: ["lambda:InvokeFunction"],
      resources: [functionArn(names.preTraffic)],
    }),
    // CloudWatch describes alarms only to who may read all:
    // https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html
    new PolicyStatement({ sid: "ReadAlarms", actions: ["cloudwatch:DescribeAlarms"], resources: ["*"] }),
  ];
  const role = new Role(scope, "Role", {
    assumedBy: new ServicePrincipal("codedeploy.amazonaws.com"),
    inlinePolicies: { ShiftTraffic: new PolicyDocument({ statements }) },
  });
  return role.withoutPolicyUpdates();
}

/**
 * Four questions, each asked at most twice within a minute, would take eight; CodeDeploy waits for an hour.
 */
const HOOK_TIMEOUT_SECONDS = 500;

/** What a {@link PreTrafficHook} asks. */
interface PreTrafficHookProps {
  /** The version that the alias is about to point at. */
  readonly version: IVersion;
  readonly config: StageConfig;
}

/**
 * The function that CodeDeploy runs before a new version gets traffic; the deployment group lets it report
 * its verdict.
 */
class PreTrafficHook extends ServiceFunction {
  constructor(scope: Construct, id: string, { version, config }: PreTrafficHookProps) {
    const names = namesOf(config);
    super(scope, id, {
      config,
      functionName: names.preTraffic,
      description: `Wrist Agent (${config.stage}): asks a new version real questions before it gets traffic`,
      entry: "lambda/pre-traffic/handler.ts",
      timeoutSeconds: HOOK_TIMEOUT_SECONDS,
      environment: {
        [PRE_TRAFFIC_ENVIRONMENT.versionArn]: version.functionArn,
        [PRE_TRAFFIC_ENVIRONMENT.tokenParameterName]: config.tokenParameterName,
      },
      permissions: hookPermissions(Stack.of(scope), version, config),
    });
  }
}

function hookPermissions(stack: Stack, version: IVersion, config: StageConfig): readonly PolicyStatement[] {
  return [
    // Every version and not the new one alone: a policy that changes with each deploy may not be in force yet
    // when the hook runs.
    new PolicyStatement({
      sid: "AskVersion",
      actions: ["lambda:InvokeFunction"],
      resources: [`${version.lambda.functionArn}:*`],
    }),
    new PolicyStatement({
      sid: "ReadToken",
      actions: ["ssm:GetParameter"],
      resources: [parameterArn(stack, config.tokenParameterName)],
    }),
  ];
}
