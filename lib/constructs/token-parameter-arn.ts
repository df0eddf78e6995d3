import type { Stack } from "aws-cdk-lib/core";
import type { StageConfig } from "../config/stage-config.ts";

/** ARN of the parameter that holds the token. */
export function tokenParameterArn(stack: Stack, { tokenParameterName }: StageConfig): string {
  return stack.formatArn({
    service: "ssm",
    resource: "parameter",
    resourceName: tokenParameterName.replace(/^\//, ""),
  });
}
