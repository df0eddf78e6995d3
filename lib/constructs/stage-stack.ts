import { StringParameter } from "aws-cdk-lib/aws-ssm";
import { DefaultStackSynthesizer, type IStackSynthesizer } from "aws-cdk-lib/core";
import type { Construct } from "constructs";
import type { StageConfig } from "../config/stage-config.ts";
import { namesOf } from "../names.ts";

/**
 * Deploys a stack through the bootstrap resources of its stage: those of `BOOTSTRAP_QUALIFIER`, else CDK's
 * own.
 */
export function stackSynthesizer({ bootstrapQualifier: qualifier }: StageConfig): IStackSynthesizer {
  // As an interface, since exact optional properties tell the class apart from what it implements.
  return new DefaultStackSynthesizer(qualifier === "" ? {} : { qualifier }) as IStackSynthesizer;
}

/** A stack of a stage that remembers what it was deployed with. */
export type RememberingStack = "application" | "monitoring";

/**
 * Remembers in the account what was given at a deploy and stands in no file, so that the next person's
 * deploy, or GitHub's, means the same: an address that was given with `-c` would else be unsubscribed by
 * whoever does not give it again.
 *
 * Nothing is made where nothing was given.
 */
export function rememberGivenSettings(scope: Construct, config: StageConfig, stack: RememberingStack): void {
  if (Object.keys(config.given).length === 0) return;
  new StringParameter(scope, "GivenSettings", {
    parameterName: `${namesOf(config).settingsPrefix}${stack}`,
    description: `Wrist Agent (${config.stage}): what the last deploy was given; npm run deploy reads it`,
    stringValue: JSON.stringify(config.given),
  });
}
