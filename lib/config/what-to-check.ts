import { Annotations, type Stack } from "aws-cdk-lib/core";
import type { Environment } from "./places/setting-places.ts";
import type { StageConfig } from "./stage-config.ts";

/** Notes on what is valid and yet seldom meant; the CDK CLI shows them after the synthesis. */
export function tellWhatToCheck(
  stacks: readonly Stack[],
  config: StageConfig,
  environment: Environment,
): void {
  const [first] = stacks;
  if (first) {
    if (config.alarmEmails.length === 0)
      Annotations.of(first).addInfoV2(
        "wrist-agent:nobody-is-told",
        `alarms of ${config.stage} reach nobody: set ALARM_EMAIL or pass -c alarmEmail=you@example.com`,
      );
    tellFromEnvironment(first, config);
  }
  warnOfOtherProfile(stacks, config, environment.AWS_PROFILE);
}

/** Shells export AWS_REGION and LOG_LEVEL for other programs; whoever did so should see what it changes here. */
function tellFromEnvironment(stack: Stack, { fromEnvironment }: StageConfig): void {
  if (fromEnvironment.length > 0)
    Annotations.of(stack).addInfoV2(
      "wrist-agent:from-environment",
      `decided by environment variables: ${fromEnvironment
        .map(({ key, text, instead }) => `${key} is "${text}" instead of ${instead}`)
        .join("; ")}`,
    );
  const region = fromEnvironment.find(({ name }) => name === "region");
  if (region)
    Annotations.of(stack).addWarningV2(
      "wrist-agent:other-region",
      `AWS_REGION of this shell moves the stacks to ${region.text}, instead of ${region.instead}: ` +
        "unset it, or pass -c region= to say which you mean",
    );
}

function warnOfOtherProfile(
  stacks: readonly Stack[],
  { awsProfile: meant, stage }: StageConfig,
  shellProfile: string | undefined,
): void {
  if (meant === "" || shellProfile === undefined || shellProfile === meant) return;
  for (const stack of stacks)
    Annotations.of(stack).addWarningV2(
      "wrist-agent:other-profile",
      `AWS_PROFILE is "${shellProfile}" in this shell, and .env.${stage} names "${meant}": check before you deploy`,
    );
}
