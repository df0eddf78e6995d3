import { Stack } from "aws-cdk-lib/core";
import { CfnApplicationInferenceProfile } from "aws-cdk-lib/aws-bedrock";
import type { Construct } from "constructs";
import type { StageConfig } from "../../config/stage-config.ts";
import { namesOf } from "../../names.ts";

/**
 * A copy of the model's inference profile with the stage's tags, where `OWN_INFERENCE_PROFILE` asks for one: calls
 * through it stand on the bill under these tags, once they are activated as cost-allocation tags.
 *
 * https://docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles-create.html
 */
export function ownInferenceProfile(scope: Construct, config: StageConfig): string | undefined {
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
