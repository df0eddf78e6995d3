import { CfnApplicationInferenceProfile } from "aws-cdk-lib/aws-bedrock";
import { PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import {
  Alias,
  ApplicationLogLevel,
  Architecture,
  Function as LambdaFunction,
  type FunctionUrl,
  FunctionUrlAuthType,
  HttpMethod,
  type IVersion,
  LoggingFormat,
  Runtime,
  SystemLogLevel,
  Tracing,
} from "aws-cdk-lib/aws-lambda";
import { Annotations, Arn, ArnFormat, Duration, RemovalPolicy, Stack } from "aws-cdk-lib/core";
import { Construct } from "constructs";
import { AGENT_ENVIRONMENT } from "../../lambda/contract/environment.ts";
import { PROBE_HEADER, TOKEN_HEADER } from "../../lambda/contract/request.ts";
import { RUNTIME_PARAMETERS } from "../../lambda/contract/runtime-parameters.ts";
import { provisionedConcurrencyMax } from "../config/deployment-settings.ts";
import type { InferenceProfile } from "../config/inference-profile.ts";
import { PARAMETER_TTL_SECONDS, TEXT_CHARACTERS, TOKEN_TTL_SECONDS } from "../config/retired-settings.ts";
import type { StageConfig } from "../config/stage-config.ts";
import { ALIAS_NAME, namesOf } from "../names.ts";
import { AgentNetwork, networkPermissions } from "./agent-network.ts";
import { BlueGreen } from "./blue-green.ts";
import { BUNDLED_HANDLER, bundleFunction, functionLogGroup, parameterArn } from "./service-function.ts";

/**
 * The agent as it is deployed: function, log group, published version, alias `live`, and the Function URL on
 * it.
 */
export class AgentFunction extends Construct {
  readonly alias: Alias;
  readonly url: FunctionUrl;

  constructor(scope: Construct, id: string, config: StageConfig) {
    super(scope, id);
    const fn = agentFunction(this, config);
    // The alias is a construct of its own: `currentVersion.addAlias` would make a new one with every version.
    this.alias = new Alias(this, "Live", { aliasName: ALIAS_NAME, version: fn.currentVersion as IVersion });
    provisionConcurrency(this.alias, config);
    new BlueGreen(this, "BlueGreen", { alias: this.alias, config });
    this.url = this.alias.addFunctionUrl({
      authType: FunctionUrlAuthType.NONE,
      cors: {
        allowedOrigins: ["*"],
        allowedMethods: [HttpMethod.POST],
        allowedHeaders: ["content-type", "authorization", TOKEN_HEADER, PROBE_HEADER],
        maxAge: Duration.hours(1),
      },
    });
  }
}

function agentFunction(scope: Construct, config: StageConfig): LambdaFunction {
  const names = namesOf(config);
  const logGroup = functionLogGroup(scope, config, names.function);
  const profileArn = ownInferenceProfile(scope, config);
  const role = agentRole(scope, config, profileArn);
  logGroup.grantWrite(role);
  const network = config.vpc === "none" ? undefined : new AgentNetwork(scope, "Network", config.vpc);
  return new LambdaFunction(scope, "Function", {
    functionName: names.function,
    description: `Wrist Agent (${config.stage}): dictated sentence in, note, reminder or event out`,
    runtime: Runtime.NODEJS_24_X,
    architecture: Architecture.ARM_64,
    code: bundleFunction("lambda/agent/handler.ts"),
    handler: BUNDLED_HANDLER,
    timeout: Duration.seconds(config.timeoutSeconds),
    memorySize: config.memoryMegabytes,
    role,
    logGroup,
    loggingFormat: LoggingFormat.JSON,
    systemLogLevelV2: SystemLogLevel.INFO,
    // The request's line has no level, which Lambda takes for INFO: at a higher one no custom metric is left.
    // https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html
    applicationLogLevelV2: ApplicationLogLevel.INFO,
    tracing: config.tracing ? Tracing.ACTIVE : Tracing.DISABLED,
    environment: {
      ...agentEnvironment(config),
      ...(profileArn !== undefined && { [AGENT_ENVIRONMENT.inferenceProfileArn]: profileArn }),
    },
    ...(config.reservedConcurrency > 0 && { reservedConcurrentExecutions: config.reservedConcurrency }),
    ...network?.placement,
    // A version that the alias no longer points at is what a rollback needs. One whose deploy failed goes:
    // Lambda publishes no second version of the same code and settings, so that change could not be deployed
    // again.
    currentVersionOptions: { removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE },
  });
}

/** Its own role, because the one that CDK makes may write to every log group of the account. */
function agentRole(scope: Construct, config: StageConfig, profileArn: string | undefined): Role {
  const role = new Role(scope, "Role", { assumedBy: new ServicePrincipal("lambda.amazonaws.com") });
  const stack = Stack.of(scope);
  for (const statement of agentPermissions(stack, config, profileArn)) role.addToPolicy(statement);
  if (config.vpc === "none") return role;
  const functionArn = stack.formatArn({
    service: "lambda",
    resource: "function",
    resourceName: namesOf(config).function,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
  for (const statement of networkPermissions(functionArn)) role.addToPolicy(statement);
  return role;
}

function agentEnvironment(config: StageConfig): Record<string, string> {
  return {
    [AGENT_ENVIRONMENT.stage]: config.stage,
    [AGENT_ENVIRONMENT.modelId]: config.model.id,
    [AGENT_ENVIRONMENT.tokenParameterName]: config.tokenParameterName,
    [AGENT_ENVIRONMENT.tokenTtlSeconds]: String(TOKEN_TTL_SECONDS),
    [AGENT_ENVIRONMENT.timeZone]: config.timeZone,
    [AGENT_ENVIRONMENT.textCharacters]: String(TEXT_CHARACTERS),
    [AGENT_ENVIRONMENT.metricsProfile]: config.monitoringProfile,
    [AGENT_ENVIRONMENT.parameterPrefix]: namesOf(config).parameterPrefix,
    [AGENT_ENVIRONMENT.parameterTtlSeconds]: String(PARAMETER_TTL_SECONDS),
    [AGENT_ENVIRONMENT.modelChoices]: config.choices.map(({ id }) => id).join(","),
    [AGENT_ENVIRONMENT.spendBreaker]: String(config.spendBreaker),
  };
}

/**
 * Provisioned concurrency on arm64 in US dollars per GB and month of 730 hours:
 * https://aws.amazon.com/lambda/pricing/
 */
const USD_PER_GB_MONTH = 0.000_003_333_4 * 3600 * 730;

/** Share of the provisioned environments in use at which target tracking asks for more. */
const UTILIZATION = 0.7;

/**
 * Keeps environments of the alias initialised, as many as configured; target tracking adds more under load.
 */
function provisionConcurrency(alias: Alias, config: StageConfig): void {
  const { provisionedConcurrency: min, memoryMegabytes } = config;
  if (min === 0) return;
  const scaling = alias.addAutoScaling({ minCapacity: min, maxCapacity: provisionedConcurrencyMax(min) });
  scaling.scaleOnUtilization({ utilizationTarget: UTILIZATION });
  const dollars = ((min * memoryMegabytes) / 1024) * USD_PER_GB_MONTH;
  Annotations.of(alias).addInfoV2(
    "wrist-agent:provisioned-concurrency-cost",
    `PROVISIONED_CONCURRENCY=${min} costs about ${dollars.toFixed(2)} USD a month when nobody asks`,
  );
}

/**
 * A copy of the model's inference profile with the stage's tags, where `EXTRA_TAGS` gives it more: calls
 * through it stand on the bill under these tags, once they are activated as cost-allocation tags.
 *
 * https://docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles-create.html
 */
function ownInferenceProfile(scope: Construct, config: StageConfig): string | undefined {
  if (!config.ownInferenceProfile) return undefined;
  const copyFrom = Stack.of(scope).formatArn({
    service: "bedrock",
    resource: "inference-profile",
    resourceName: config.model.id,
  });
  const profile = new CfnApplicationInferenceProfile(scope, "InferenceProfile", {
    inferenceProfileName: namesOf(config).inferenceProfile(config.model.id),
    description: `Calls of Wrist Agent ${config.stage}`,
    modelSource: { copyFrom },
  });
  return profile.attrInferenceProfileArn;
}

/**
 * What the agent may do: read its token and its parameters, and ask the models of its settings. Logging comes
 * with the log group.
 */
function agentPermissions(
  stack: Stack,
  config: StageConfig,
  ownProfileArn: string | undefined,
): readonly PolicyStatement[] {
  const models = [config.model, ...config.choices];
  const modelArnsOfAll = new Set(models.flatMap((model) => modelArns(stack, model, config)));
  return [
    new PolicyStatement({
      sid: "ReadToken",
      actions: ["ssm:GetParameter"],
      resources: [parameterArn(stack, config.tokenParameterName)],
    }),
    new PolicyStatement({
      sid: "ReadParameters",
      actions: ["ssm:GetParameters"],
      resources: Object.values(RUNTIME_PARAMETERS).map((name) =>
        parameterArn(stack, `${namesOf(config).parameterPrefix}${name}`),
      ),
    }),
    new PolicyStatement({
      sid: "AskModel",
      actions: ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
      // A call through a copy is checked against the copy, the profile that it was made from, and the model.
      resources: [...(ownProfileArn === undefined ? [] : [ownProfileArn]), ...modelArnsOfAll],
    }),
  ];
}

/** The profile, and the foundation model behind it. */
function modelArns(stack: Stack, model: InferenceProfile, config: StageConfig): readonly string[] {
  const profile = { service: "bedrock", resource: "inference-profile", resourceName: model.id };
  return [stack.formatArn(profile), ...foundationModelArns(stack, model, config)];
}

/**
 * The foundation model wherever the profile may serve a call.
 *
 * A global profile also needs the model's ARN without a Region:
 * https://docs.aws.amazon.com/bedrock/latest/userguide/global-cross-region-inference.html
 */
function foundationModelArns(
  stack: Stack,
  model: InferenceProfile,
  { region }: StageConfig,
): readonly string[] {
  const regions = model.destinationRegions.length > 0 ? model.destinationRegions : ["", region];
  return regions.map((destination) =>
    Arn.format(
      {
        service: "bedrock",
        region: destination,
        account: "",
        resource: "foundation-model",
        resourceName: model.foundationModelId,
        arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
      },
      stack,
    ),
  );
}
