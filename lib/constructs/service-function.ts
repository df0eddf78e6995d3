import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import {
  ApplicationLogLevel,
  Architecture,
  Code,
  Function as LambdaFunction,
  type IFunction,
  LoggingFormat,
  Runtime,
  SystemLogLevel,
} from "aws-cdk-lib/aws-lambda";
import { LogGroup } from "aws-cdk-lib/aws-logs";
import { CfnSchedule } from "aws-cdk-lib/aws-scheduler";
import {
  AssetHashType,
  DockerImage,
  Duration,
  type ILocalBundling,
  RemovalPolicy,
  Stack,
} from "aws-cdk-lib/core";
import { Construct } from "constructs";
import { functionBundle, SOURCE_MAPS_FOLDER } from "../bundles.ts";
import type { StageConfig } from "../config/stage-config.ts";

/** What a function beside the agent needs to know. */
interface ServiceFunctionProps {
  readonly config: StageConfig;
  /** Physical name; the log group is `/aws/lambda/<name>`. */
  readonly functionName: string;
  readonly description: string;
  /** File that exports `handler`, from the project's root. */
  readonly entry: string;
  readonly timeoutSeconds: number;
  readonly environment: Readonly<Record<string, string>>;
  /** What it may do beside writing its own log. */
  readonly permissions: readonly PolicyStatement[];
}

/**
 * A small function that works for the agent: with its own role and log group, and logs kept as long as the
 * stage's.
 */
export class ServiceFunction extends Construct {
  readonly lambda: LambdaFunction;

  constructor(scope: Construct, id: string, props: ServiceFunctionProps) {
    super(scope, id);
    const { config, functionName } = props;
    const logGroup = functionLogGroup(this, config, functionName);
    const role = new Role(this, "Role", { assumedBy: new ServicePrincipal("lambda.amazonaws.com") });
    for (const statement of props.permissions) role.addToPolicy(statement);
    logGroup.grantWrite(role);
    this.lambda = new LambdaFunction(this, "Function", {
      functionName,
      description: props.description,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      code: bundleFunction(props.entry),
      handler: BUNDLED_HANDLER,
      timeout: Duration.seconds(props.timeoutSeconds),
      memorySize: 256,
      role,
      logGroup,
      loggingFormat: LoggingFormat.JSON,
      systemLogLevelV2: SystemLogLevel.INFO,
      applicationLogLevelV2: ApplicationLogLevel.INFO,
      environment: { ...props.environment },
    });
  }
}

/**
 * The log group of a function, with its id `Logs`. Production keeps what was logged when the stack, or this
 * part of it, goes.
 *
 * Its name is fixed, so a group that is there would refuse every later creation. A creation that fails takes
 * its groups along, and `deploy` adopts those that a destroyed stack left (`--import-existing-resources`),
 * which CloudFormation does for a name without references and this policy:
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/import-resources-automatically.html
 */
export function functionLogGroup(scope: Construct, config: StageConfig, functionName: string): LogGroup {
  return new LogGroup(scope, "Logs", {
    logGroupName: `/aws/lambda/${functionName}`,
    retention: config.logRetentionDays,
    removalPolicy:
      config.stage === "production" ? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE : RemovalPolicy.DESTROY,
  });
}

/** When a function is called, and with what. */
interface ScheduleProps {
  readonly scheduleName: string;
  readonly description: string;
  /** `rate(1 day)`, for example. */
  readonly expression: string;
  readonly target: IFunction;
  /** The event that the function gets. */
  readonly input: object;
  /** `never` when a late call is worse than none; as often as Scheduler does when missing. */
  readonly retry?: "never";
}

/** A minute is the shortest time that Scheduler takes. */
const NO_RETRY = { maximumRetryAttempts: 0, maximumEventAgeInSeconds: 60 };

/** A schedule of EventBridge Scheduler that may call one function and nothing else. */
export class Schedule extends Construct {
  constructor(scope: Construct, id: string, props: ScheduleProps) {
    super(scope, id);
    const role = new Role(this, "Role", {
      // Only schedules of this account:
      // https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html
      assumedBy: new ServicePrincipal("scheduler.amazonaws.com", {
        conditions: { StringEquals: { "aws:SourceAccount": Stack.of(this).account } },
      }),
    });
    role.addToPolicy(
      new PolicyStatement({ actions: ["lambda:InvokeFunction"], resources: [props.target.functionArn] }),
    );
    const schedule = new CfnSchedule(this, "Schedule", {
      name: props.scheduleName,
      description: props.description,
      scheduleExpression: props.expression,
      flexibleTimeWindow: { mode: "OFF" },
      target: {
        arn: props.target.functionArn,
        roleArn: role.roleArn,
        input: JSON.stringify(props.input),
        ...(props.retry === "never" && { retryPolicy: NO_RETRY }),
      },
    });
    // Scheduler refuses a role that does not yet allow what it is for.
    schedule.node.addDependency(role);
  }
}

/**
 * ARN of a parameter of the stack's account and Region; its name begins with a slash, which the ARN has once.
 */
export function parameterArn(stack: Stack, name: string): string {
  return stack.formatArn({ service: "ssm", resource: "parameter", resourceName: name.replace(/^\//, "") });
}

const LAMBDA = join(import.meta.dirname, "..", "..", "lambda");

/**
 * File in the asset that Lambda loads; `.cjs` so that no package.json around the asset can change its kind.
 */
const OUTPUT_FILE = "index.cjs";

/** The name of the handler in a {@link bundleFunction}, as the function's `Handler` property spells it. */
export const BUNDLED_HANDLER = "index.handler";

/**
 * One function's code, bundled on this machine from its entry file `lambda/<function>/handler.ts`.
 *
 * The AWS SDK is bundled too: the copy in the runtime changes under a deployed function, is not tree-shaken
 * and loads slower. The asset is named by the hash of the output, so equal code is never deployed again.
 */
export function bundleFunction(entry: string): Code {
  return Code.fromAsset(LAMBDA, {
    assetHashType: AssetHashType.OUTPUT,
    // CDK remembers a bundle by these options, of which it cannot see the function: the command tells one
    // entry from another.
    bundling: {
      image: DockerImage.fromRegistry("never-used"),
      command: [entry],
      local: localBundling(entry),
    },
  });
}

/**
 * Writes the code into the asset, and its source map beside the assets: a map in the asset would be deployed,
 * and double it.
 */
function localBundling(entry: string): ILocalBundling {
  return {
    tryBundle(outputDirectory) {
      const { name, code, sourceMap } = functionBundle(folderOf(entry));
      const maps = join(dirname(outputDirectory), SOURCE_MAPS_FOLDER);
      for (const directory of [outputDirectory, maps]) mkdirSync(directory, { recursive: true });
      writeFileSync(join(outputDirectory, OUTPUT_FILE), code);
      writeFileSync(join(maps, `${name}.map`), sourceMap);
      return true;
    },
  };
}

function folderOf(entry: string): string {
  return entry.split("/")[1] ?? "";
}
