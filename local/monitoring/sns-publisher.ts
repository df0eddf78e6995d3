import { randomUUID } from "node:crypto";
import type { Transition } from "@wrist-agent/cloudwatch/alarm";
import type { Subscription, Topic } from "../assembly/topics.ts";
import type { JournalEntry } from "../journal/journal-entry.ts";
import type { Mail } from "../server/wire.ts";
import { sentEntries } from "./message-queues.ts";
import {
  type QueueDelivery,
  queueDeliveriesForMessage,
  type SnsMessage,
  takesMessage,
} from "./sns-queue-delivery.ts";
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
  readonly queued: readonly QueueDelivery[];
  /** Missing when the action worked. */
  readonly error?: string;
}

const NOBODY = { mails: [], deliveries: [], queued: [] } as const;

/** What actions need of the world. */
interface AlarmActionPorts {
  readonly subscribers: Subscribers;
  readonly textOf: NotificationTextOf;
  /** The event that a function gets. */
  readonly eventOf: (transition: Transition) => object;
}

/**
 * Runs the actions of a transition: a mail or an event for every subscription of a topic, an event for a
 * function.
 */
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
    if (target.kind === "refused") return { actionArn, message, ...NOBODY, error: target.reason };
    if (target.kind === "function") {
      const event = eventOf(transition);
      const deliveries = [{ functionArn: actionArn, event }];
      return { actionArn, message: JSON.stringify(event), ...NOBODY, deliveries };
    }
    const published = { topicArn: actionArn, subject: words.subject, message };
    const reached = { ...subscribers, subscriptions: target.subscriptions };
    const deliveries = functionEventsForMessage(published, reached, timeMs);
    const queued = queueDeliveriesForMessage(published, reached, timeMs);
    const mails = target.subscriptions
      .filter((subscription) => subscription.protocol === "email" && takesMessage(subscription, published))
      .map((subscription) =>
        notificationMail(words, subscription, envelopeOf(actionArn, subscribers.topics, timeMs)),
      );
    return { actionArn, message, mails, deliveries, queued };
  });
}

/** What a message that is published to a topic by hand puts into mailboxes and queues. */
export function publishedEntries(
  published: SnsMessage,
  subscribers: Subscribers,
  timeMs: number,
): readonly JournalEntry[] {
  const mails = mailsForMessage(published, subscribers, timeMs);
  const queued = queueDeliveriesForMessage(published, subscribers, timeMs);
  return [
    ...mails.map((mail) => ({ kind: "mail", atMs: timeMs, mail }) as const),
    ...queued.flatMap(({ queueArn, message }) => sentEntries(queueArn, [message], timeMs)),
  ];
}

function mailsForMessage(
  published: SnsMessage,
  { subscriptions, topics }: Subscribers,
  timeMs: number,
): readonly Mail[] {
  const { topicArn, subject, message, emailText = message } = published;
  const text = { message: emailText, ...(subject !== undefined && { subject }) };
  return subscriptions
    .filter((subscription) => subscription.topicArn === topicArn && subscription.protocol === "email")
    .filter((subscription) => takesMessage(subscription, published))
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
    .filter((subscription) => runs(subscription.endpoint) && takesMessage(subscription, published))
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
