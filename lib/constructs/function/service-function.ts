import { Duration, RemovalPolicy } from "aws-cdk-lib/core";
import { Role, ServicePrincipal, type PolicyStatement } from "aws-cdk-lib/aws-iam";
import {
  ApplicationLogLevel,
  Architecture,
  Function as LambdaFunction,
  LoggingFormat,
  Runtime,
  SystemLogLevel,
} from "aws-cdk-lib/aws-lambda";
import { LogGroup } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";
import type { StageConfig } from "../../config/stage-config.ts";
import { bundle, BUNDLED_HANDLER } from "./bundle.ts";

/** What a function beside the agent needs to be told. */
export interface ServiceFunctionProps {
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

/** A small function that works for the agent: with its own role and log group, and logs kept as long as the stage's. */
export class ServiceFunction extends Construct {
  readonly lambda: LambdaFunction;

  constructor(scope: Construct, id: string, props: ServiceFunctionProps) {
    super(scope, id);
    const { config, functionName } = props;
    const logGroup = new LogGroup(this, "Logs", {
      logGroupName: `/aws/lambda/${functionName}`,
      retention: config.logRetentionDays,
      removalPolicy: config.stage === "production" ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
    const role = new Role(this, "Role", { assumedBy: new ServicePrincipal("lambda.amazonaws.com") });
    for (const statement of props.permissions) role.addToPolicy(statement);
    logGroup.grantWrite(role);
    this.lambda = new LambdaFunction(this, "Function", {
      functionName,
      description: props.description,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      code: bundle(props.entry),
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
