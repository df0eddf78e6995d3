import { randomUUID } from "node:crypto";
import type { Transition } from "@wrist-agent/cloudwatch/alarm";
import { type MessageAttribute, messageFilter } from "@wrist-agent/cloudwatch/notifications/filter-policy";
import type { Subscription, Topic } from "../assembly/topics.ts";
import type { Mail } from "../server/wire.ts";
import { alarmActionTarget, type Subscribers } from "./alarm-actions.ts";
import {
  confirmationMail,
  notificationMail,
  type NotificationTextOf,
  notificationTextOrFallback,
  publishedMail,
} from "./sns-mail.ts";

/** An event on its way to a function, which nobody waits for. */
export interface FunctionEvent {
  /** ARN of a function, an alias or a version. */
  readonly functionArn: string;
  readonly event: object;
}

/** What is published to a topic. */
interface SnsMessage {
  readonly topicArn: string;
  readonly subject?: string;
  readonly message: string;
  /** The text for mailboxes, where it is another. */
  readonly emailText?: string;
  readonly attributes?: Readonly<Record<string, MessageAttribute>>;
}

/** Whether a subscription takes a message. */
function takes({ filterPolicy, filterPolicyScope }: Subscription, published: SnsMessage): boolean {
  if (filterPolicy === undefined) return true;
  const { message: body, attributes = {} } = published;
  return messageFilter(filterPolicy, filterPolicyScope ?? "MessageAttributes")({ body, attributes });
}

/** The event with which SNS invokes a function. https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html */
function snsFunctionEvent(
  { topicArn, subject, message, attributes = {} }: SnsMessage,
  { subscriptionArn, endpoint }: Subscription,
  envelope: { readonly id: string; readonly timeMs: number },
): FunctionEvent {
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
    MessageAttributes: Object.fromEntries(
      Object.entries(attributes).map(([name, { type, value }]) => [name, { Type: type, Value: value }]),
    ),
  };
  const record = {
    EventSource: "aws:sns",
    EventVersion: "1.0",
    EventSubscriptionArn: subscriptionArn,
    Sns,
  };
  return { functionArn: endpoint, event: { Records: [record] } };
}

/** What became of one action of a transition. */
interface AlarmActionOutcome {
  readonly actionArn: string;
  /** The message that went to the action, JSON text. */
  readonly message: string;
  readonly mails: readonly Mail[];
  readonly deliveries: readonly FunctionEvent[];
  /** Missing when the action worked. */
  readonly error?: string;
}

/** What actions need of the world. */
interface AlarmActionPorts {
  readonly subscribers: Subscribers;
  readonly textOf: NotificationTextOf;
  /** The event that a function gets. */
  readonly eventOf: (transition: Transition) => object;
}

/** Runs the actions of a transition: a mail or an event for every subscription of a topic, an event for a function. */
export function runAlarmActions(
  transition: Transition,
  { subscribers, textOf, eventOf }: AlarmActionPorts,
  timeMs: number,
): readonly AlarmActionOutcome[] {
  const { alarmName } = transition.current;
  const words = { ...notificationTextOrFallback(transition, textOf), alarmName };
  const message = words.defaultMessage;
  return transition.actions.map((actionArn): AlarmActionOutcome => {
    const target = alarmActionTarget(actionArn, subscribers);
    if (target.kind === "refused")
      return { actionArn, message, mails: [], deliveries: [], error: target.reason };
    if (target.kind === "function") {
      const event = eventOf(transition);
      const deliveries = [{ functionArn: actionArn, event }];
      return { actionArn, message: JSON.stringify(event), mails: [], deliveries };
    }
    const published = { topicArn: actionArn, subject: words.subject, message };
    const deliveries = functionEventsForMessage(
      published,
      { ...subscribers, subscriptions: target.subscriptions },
      timeMs,
    );
    const mails = target.subscriptions
      .filter((subscription) => subscription.protocol === "email" && takes(subscription, published))
      .map((subscription) =>
        notificationMail(words, subscription, envelopeOf(actionArn, subscribers.topics, timeMs)),
      );
    return { actionArn, message, mails, deliveries };
  });
}

/** The mails of a message that is published to a topic by hand. */
export function mailsForMessage(
  published: SnsMessage,
  { subscriptions, topics }: Subscribers,
  timeMs: number,
): readonly Mail[] {
  const { topicArn, subject, message, emailText = message } = published;
  const text = { message: emailText, ...(subject !== undefined && { subject }) };
  return subscriptions
    .filter((subscription) => subscription.topicArn === topicArn && subscription.protocol === "email")
    .filter((subscription) => takes(subscription, published))
    .map((subscription) => publishedMail(text, subscription, envelopeOf(topicArn, topics, timeMs)));
}

function envelopeOf(topicArn: string, topics: readonly Topic[], timeMs: number) {
  const sender = topics.find((topic) => topic.topicArn === topicArn)?.displayName;
  return { id: randomUUID(), timeMs, sender };
}

/** The events of a message for the functions that are subscribed to its topic and run here. */
export function functionEventsForMessage(
  published: SnsMessage,
  { subscriptions, runs }: Subscribers,
  timeMs: number,
): readonly FunctionEvent[] {
  const id = randomUUID();
  return subscriptions
    .filter(({ topicArn, protocol }) => topicArn === published.topicArn && protocol === "lambda")
    .filter((subscription) => runs(subscription.endpoint) && takes(subscription, published))
    .map((subscription) => snsFunctionEvent(published, subscription, { id, timeMs }));
}

/** The confirmation mails of e-mail subscriptions that were never confirmed before. */
export function subscriptionConfirmations(
  { subscriptions, topics }: Pick<Subscribers, "subscriptions" | "topics">,
  isConfirmed: (subscriptionArn: string) => boolean,
  timeMs: number,
): readonly { readonly subscription: string; readonly mail: Mail }[] {
  return subscriptions
    .filter(({ protocol, subscriptionArn }) => protocol === "email" && !isConfirmed(subscriptionArn))
    .map((subscription) => ({
      subscription: subscription.subscriptionArn,
      mail: confirmationMail(subscription, envelopeOf(subscription.topicArn, topics, timeMs)),
    }));
}
