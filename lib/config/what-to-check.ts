import { Annotations, type Stack } from "aws-cdk-lib/core";
import type { StageConfig } from "./stage-config.ts";

/** Notes on what is valid and yet seldom meant; the CDK CLI shows them after the synthesis. */
export function tellWhatToCheck(
  stacks: readonly Stack[],
  config: StageConfig,
  shellProfile: string | undefined,
): void {
  const [first] = stacks;
  if (first && config.alarmEmails.length === 0)
    Annotations.of(first).addInfoV2(
      "wrist-agent:nobody-is-told",
      `alarms of ${config.stage} reach nobody: set ALARM_EMAIL or pass -c alarmEmail=you@example.com`,
    );
  const meant = config.awsProfile;
  if (meant === "" || shellProfile === undefined || shellProfile === meant) return;
  for (const stack of stacks)
    Annotations.of(stack).addWarningV2(
      "wrist-agent:other-profile",
      `AWS_PROFILE is "${shellProfile}" in this shell, and .env.${config.stage} names "${meant}": check before you deploy`,
    );
}
