import { Stack } from "aws-cdk-lib/core";
import { PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Key, type IKey } from "aws-cdk-lib/aws-kms";
import type { Construct } from "constructs";
import type { StageConfig } from "../../config/stage-config.ts";

/**
 * The key that encrypts the alarm topics of a stack, where `TOPIC_ENCRYPTION` asks for one.
 *
 * CloudWatch cannot publish through the key that AWS manages for SNS, whose policy nobody can change:
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html
 */
export function alarmTopicKey(scope: Construct, config: StageConfig): IKey | undefined {
  if (config.topicEncryption === "none") return undefined;
  const key = new Key(scope, "TopicKey", {
    description: "Wrist Agent: encrypts what alarms tell",
    enableKeyRotation: true,
  });
  key.addToResourcePolicy(alarmsMayPublish(Stack.of(scope)));
  return key;
}

function alarmsMayPublish({ account }: Stack): PolicyStatement {
  return new PolicyStatement({
    sid: "AlarmsOfThisAccount",
    principals: [new ServicePrincipal("cloudwatch.amazonaws.com")],
    actions: ["kms:Decrypt", "kms:GenerateDataKey*"],
    // Within a key's policy this is the key alone.
    resources: ["*"],
    conditions: { StringEquals: { "aws:SourceAccount": account } },
  });
}
