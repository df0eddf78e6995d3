import type { Subscription } from "../assembly/resource/topic.ts";

/** An event on its way to a function, which nobody waits for. */
export interface Delivery {
  /** ARN of a function, an alias or a version. */
  readonly functionArn: string;
  readonly event: object;
}

/** What is published to a topic. */
export interface Published {
  readonly topicArn: string;
  readonly subject?: string;
  readonly message: string;
}

/** The event with which SNS invokes a function. https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html */
export function snsDelivery(
  { topicArn, subject, message }: Published,
  { subscriptionArn, endpoint }: Subscription,
  envelope: { readonly id: string; readonly timeMs: number },
): Delivery {
  const Sns = {
    Type: "Notification",
    MessageId: envelope.id,
    TopicArn: topicArn,
    Subject: subject ?? null,
    Message: message,
    Timestamp: new Date(envelope.timeMs).toISOString(),
    SignatureVersion: "1",
    // Nothing is signed here: a function that checks must not take this for AWS's.
    Signature: "local",
    SigningCertUrl: "",
    UnsubscribeUrl: "",
    MessageAttributes: {},
  };
  const record = {
    EventSource: "aws:sns",
    EventVersion: "1.0",
    EventSubscriptionArn: subscriptionArn,
    Sns,
  };
  return { functionArn: endpoint, event: { Records: [record] } };
}
