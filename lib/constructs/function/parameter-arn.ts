import type { Stack } from "aws-cdk-lib/core";

/** ARN of a parameter of the stack's account and Region; its name begins with a slash, which the ARN has once. */
export function parameterArn(stack: Stack, name: string): string {
  return stack.formatArn({ service: "ssm", resource: "parameter", resourceName: name.replace(/^\//, "") });
}
