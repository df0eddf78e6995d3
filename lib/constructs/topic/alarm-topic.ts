import { Stack } from "aws-cdk-lib/core";
import { PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { IKey } from "aws-cdk-lib/aws-kms";
import { Topic } from "aws-cdk-lib/aws-sns";
import { EmailSubscription } from "aws-cdk-lib/aws-sns-subscriptions";
import type { Construct } from "constructs";

/** What a topic for alarms needs to know. */
export interface AlarmTopicProps {
  readonly topicName: string;
  /** Sender that a mail shows. */
  readonly displayName: string;
  /** Who is subscribed. */
  readonly emails: readonly string[];
  /** Encrypts what is published; not encrypted when missing. */
  readonly masterKey: IKey | undefined;
}

/**
 * A topic that only CloudWatch alarms of this account and Region may publish to, with its e-mail subscriptions.
 *
 * Not encrypted unless asked for: CloudWatch publishes to an encrypted topic only through a customer-managed key, a
 * dollar a month for texts that are then mailed in the clear.
 */
export class AlarmTopic extends Topic {
  constructor(scope: Construct, id: string, props: AlarmTopicProps) {
    const { topicName, displayName, masterKey } = props;
    super(scope, id, { topicName, displayName, ...(masterKey && { masterKey }) });
    this.addToResourcePolicy(onlyAlarmsOf(this));
    for (const email of props.emails) this.addSubscription(new EmailSubscription(email));
  }
}

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html */
function onlyAlarmsOf(topic: Topic): PolicyStatement {
  const stack = Stack.of(topic);
  return new PolicyStatement({
    sid: "AlarmsOfThisAccount",
    principals: [new ServicePrincipal("cloudwatch.amazonaws.com")],
    actions: ["sns:Publish"],
    resources: [topic.topicArn],
    conditions: {
      ArnLike: {
        "aws:SourceArn": stack.formatArn({ service: "cloudwatch", resource: "alarm:*" }),
      },
      StringEquals: { "aws:SourceAccount": stack.account },
    },
  });
}
