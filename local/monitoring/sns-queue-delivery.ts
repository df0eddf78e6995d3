import { randomUUID } from "node:crypto";
import { type MessageAttribute, messageFilter } from "@wrist-agent/cloudwatch/notifications/filter-policy";
import type { Subscription } from "../assembly/topics.ts";
import { type QueueMessage, queueMessage } from "../server/aws/sqs-messages.ts";
import type { Subscribers } from "./alarm-actions.ts";

/** What is published to a topic. */
export interface SnsMessage {
  readonly topicArn: string;
  readonly subject?: string;
  readonly message: string;
  /** The text for mailboxes, where it is another. */
  readonly emailText?: string;
  /** The text for queues, where it is another. */
  readonly queueText?: string;
  readonly attributes?: Readonly<Record<string, MessageAttribute>>;
}

/** Whether a subscription takes a message. */
export function takesMessage(
  { filterPolicy, filterPolicyScope }: Subscription,
  published: SnsMessage,
): boolean {
  if (filterPolicy === undefined) return true;
  const { message: body, attributes = {} } = published;
  return messageFilter(filterPolicy, filterPolicyScope ?? "MessageAttributes")({ body, attributes });
}

/** A message on its way into a queue. */
export interface QueueDelivery {
  readonly queueArn: string;
  readonly message: QueueMessage;
}

/** More attributes than a queue's message has: such a raw message is lost on AWS too. */
const MAX_QUEUE_ATTRIBUTES = 10;

/** A message of a topic for each queue that is subscribed to it. */
export function queueDeliveriesForMessage(
  published: SnsMessage,
  { subscriptions, queueAt }: Pick<Subscribers, "subscriptions" | "queueAt">,
  timeMs: number,
): readonly QueueDelivery[] {
  const id = randomUUID();
  return subscriptions
    .filter(({ topicArn, protocol }) => topicArn === published.topicArn && protocol === "sqs")
    .filter((subscription) => takesMessage(subscription, published))
    .flatMap(({ endpoint, rawMessageDelivery }) => {
      const queue = queueAt(endpoint);
      const { attributes = {}, queueText = published.message } = published;
      const isRaw = rawMessageDelivery === true;
      if (queue === undefined) return [];
      if (isRaw && Object.keys(attributes).length > MAX_QUEUE_ATTRIBUTES) return [];
      const content = isRaw
        ? { body: queueText, attributes }
        : { body: envelope(published, { id, timeMs }), attributes: {} };
      return [{ queueArn: endpoint, message: queueMessage(queue, content, { nowMs: timeMs }) }];
    });
}

/**
 * What SNS says of a message around it.
 * https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html
 */
function envelope(published: SnsMessage, { id, timeMs }: { readonly id: string; readonly timeMs: number }) {
  const { topicArn, subject, message, queueText = message, attributes = {} } = published;
  const wire = Object.entries(attributes).map(([name, { type, value }]) => [
    name,
    { Type: type, Value: value },
  ]);
  const members = {
    Type: "Notification",
    MessageId: id,
    TopicArn: topicArn,
    ...(subject !== undefined && { Subject: subject }),
    Message: queueText,
    Timestamp: new Date(timeMs).toISOString(),
    SignatureVersion: "1",
    // Nothing is signed here: who checks must not take this for AWS's.
    Signature: "local",
    SigningCertURL: "",
    UnsubscribeURL: "",
    ...(wire.length > 0 && { MessageAttributes: Object.fromEntries(wire) as object }),
  };
  const lines = Object.entries(members).map(([name, value]) => `  "${name}" : ${JSON.stringify(value)}`);
  return `{\n${lines.join(",\n")}\n}`;
}
