import { Arn, ArnFormat, type Stack } from "aws-cdk-lib/core";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import { RUNTIME_PARAMETERS } from "../../lambda/contract/runtime-parameters.ts";
import type { InferenceProfile } from "../config/inference-profile.ts";
import type { StageConfig } from "../config/stage-config.ts";
import { namesOf } from "../names.ts";
import { parameterArn } from "./service-function.ts";

/** What the agent may do: read its token and its parameters, and ask the models of its settings. Logging comes with the log group. */
export function agentPermissions(
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
