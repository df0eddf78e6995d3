import { Arn, ArnFormat, type Stack } from "aws-cdk-lib/core";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { StageConfig } from "../config/stage-config.ts";
import { tokenParameterArn } from "./token-parameter-arn.ts";

/** What the agent may do: read its token, and ask its one model. Logging comes with the log group. */
export function agentPermissions(stack: Stack, config: StageConfig): readonly PolicyStatement[] {
  return [
    new PolicyStatement({
      sid: "ReadToken",
      actions: ["ssm:GetParameter"],
      resources: [tokenParameterArn(stack, config)],
    }),
    new PolicyStatement({
      sid: "AskModel",
      actions: ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
      resources: [profileArn(stack, config), ...foundationModelArns(stack, config)],
    }),
  ];
}

function profileArn(stack: Stack, { model }: StageConfig): string {
  return stack.formatArn({ service: "bedrock", resource: "inference-profile", resourceName: model.id });
}

/**
 * The foundation model wherever the profile may serve a call.
 *
 * A global profile also needs the model's ARN without a Region:
 * https://docs.aws.amazon.com/bedrock/latest/userguide/global-cross-region-inference.html
 */
function foundationModelArns(stack: Stack, { model, region }: StageConfig): readonly string[] {
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
