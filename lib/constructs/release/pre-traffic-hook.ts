import { Stack } from "aws-cdk-lib/core";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { IVersion } from "aws-cdk-lib/aws-lambda";
import type { Construct } from "constructs";
import { PRE_TRAFFIC_ENVIRONMENT } from "../../../lambda/contract/environment.ts";
import type { StageConfig } from "../../config/stage-config.ts";
import { namesOf } from "../../names.ts";
import { parameterArn } from "../function/parameter-arn.ts";
import { ServiceFunction } from "../function/service-function.ts";

/** Four questions, each asked at most twice within a minute, would take eight; CodeDeploy waits for an hour. */
const TIMEOUT_SECONDS = 500;

/** What a {@link PreTrafficHook} asks. */
export interface PreTrafficHookProps {
  /** The version that the alias is about to point at. */
  readonly version: IVersion;
  readonly config: StageConfig;
}

/** The function that CodeDeploy runs before a new version gets traffic; the deployment group lets it tell its verdict. */
export class PreTrafficHook extends ServiceFunction {
  constructor(scope: Construct, id: string, { version, config }: PreTrafficHookProps) {
    const names = namesOf(config);
    super(scope, id, {
      config,
      functionName: names.preTraffic,
      description: `Wrist Agent (${config.stage}): asks a new version real questions before it gets traffic`,
      entry: "lambda/pre-traffic/handler.ts",
      timeoutSeconds: TIMEOUT_SECONDS,
      environment: {
        [PRE_TRAFFIC_ENVIRONMENT.versionArn]: version.functionArn,
        [PRE_TRAFFIC_ENVIRONMENT.tokenParameterName]: config.tokenParameterName,
      },
      permissions: permissions(Stack.of(scope), version, config),
    });
  }
}

function permissions(stack: Stack, version: IVersion, config: StageConfig): readonly PolicyStatement[] {
  return [
    // Every version and not the new one alone: a policy that changes with each deploy may not be in force yet when the hook runs.
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
