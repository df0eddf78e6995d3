import { PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { type IKey, Key } from "aws-cdk-lib/aws-kms";
import { Topic } from "aws-cdk-lib/aws-sns";
import { EmailSubscription } from "aws-cdk-lib/aws-sns-subscriptions";
import { RemovalPolicy, Stack } from "aws-cdk-lib/core";
import { Construct } from "constructs";
import type { StageConfig } from "../config/stage-config.ts";
import { namesOf, type Severity } from "../names.ts";

/** One topic per severity, so that a page can later ring where a ticket only mails. */
export class AlarmTopics extends Construct {
  readonly bySeverity: Readonly<Record<Severity, AlarmTopic>>;

  constructor(scope: Construct, id: string, config: StageConfig) {
    super(scope, id);
    const masterKey = alarmTopicKey(this, config);
    const topic = (topicId: string, severity: Severity): AlarmTopic =>
      new AlarmTopic(this, topicId, {
        topicName: namesOf(config).topics[severity],
        displayName: topicDisplayName(`${namesOf(config).title} ${TOPIC_WORDS[severity]}`),
        emails: config.alarmEmails,
        masterKey,
      });
    this.bySeverity = { page: topic("Page", "page"), ticket: topic("Ticket", "ticket") };
  }
}

/** What the sender of a mail ends with: whoever is woken by it sees at once how urgent it is. */
const TOPIC_WORDS: Readonly<Record<Severity, string>> = { page: "PAGE", ticket: "ticket" };

/** https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html */
const MAX_DISPLAY_NAME_CHARACTERS = 100;

/**
 * A display name that SNS takes: the middle of a long one gives way, since both its ends tell topics apart.
 */
export function topicDisplayName(text: string): string {
  if (text.length <= MAX_DISPLAY_NAME_CHARACTERS) return text;
  const kept = MAX_DISPLAY_NAME_CHARACTERS - 3;
  return `${text.slice(0, Math.ceil(kept / 2))}...${text.slice(-Math.floor(kept / 2))}`;
}

/** What a topic for alarms needs to know. */
interface AlarmTopicProps {
  readonly topicName: string;
  /** Sender that a mail shows. */
  readonly displayName: string;
  /** Who is subscribed. */
  readonly emails: readonly string[];
  /** Encrypts what is published; not encrypted when missing. */
  readonly masterKey: IKey | undefined;
}

/**
 * A topic that only CloudWatch alarms of this account and Region may publish to, with its e-mail
 * subscriptions.
 *
 * Not encrypted unless asked for: CloudWatch publishes to an encrypted topic only through a customer-managed
 * key, a dollar a month for texts that are then mailed in the clear.
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

/**
 * The key that encrypts the alarm topics of a stack, where `TOPIC_ENCRYPTION` asks for one.
 *
 * CloudWatch cannot publish through the key that AWS manages for SNS, whose policy nobody can change:
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html
 */
export function alarmTopicKey(scope: Construct, config: StageConfig): IKey | undefined {
  if (config.topicEncryption === "none") return undefined;
  const key = new Key(scope, "TopicKey", {
    description: "Wrist Agent: encrypts alarm notifications",
    enableKeyRotation: true,
    // Nothing that it encrypted is kept, and a key left behind costs a dollar a month for ever; deletion
    // waits 30 days.
    removalPolicy: RemovalPolicy.DESTROY,
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
