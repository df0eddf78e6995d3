import { DefaultStackSynthesizer, type IStackSynthesizer } from "aws-cdk-lib/core";
import type { StageConfig } from "../config/stage-config.ts";

/** Deploys a stack through the bootstrap resources of its stage: those of `BOOTSTRAP_QUALIFIER`, else CDK's own. */
export function stackSynthesizer({ bootstrapQualifier: qualifier }: StageConfig): IStackSynthesizer {
  // As an interface, since exact optional properties tell the class apart from what it implements.
  return new DefaultStackSynthesizer(qualifier === "" ? {} : { qualifier }) as IStackSynthesizer;
}
