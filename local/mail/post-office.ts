import { randomUUID } from "node:crypto";

import type { Subscription } from "../assembly/resource/topic.ts";
import type { Transition } from "../cloudwatch/alarm-definition.ts";
import type { Mail } from "../server/wire.ts";
import { actionTarget, type Subscribers } from "./action-targets.ts";
import { snsDelivery, type Delivery, type Published } from "./delivery.ts";
import {
  confirmationMail,
  notificationMail,
  notificationWords,
  publishedMail,
  type NotificationTextOf,
} from "./sns-mail.ts";

/** What became of one action of a transition. */
export interface ActionOutcome {
  readonly actionArn: string;
  /** The message that went to the action, JSON text. */
  readonly message: string;
  readonly mails: readonly Mail[];
  readonly deliveries: readonly Delivery[];
  /** Missing when the action worked. */
  readonly error?: string;
}

/** What actions need of the world. */
export interface PostOffice {
  readonly subscribers: Subscribers;
  readonly textOf: NotificationTextOf;
  /** The event that a function gets. */
  readonly eventOf: (transition: Transition) => object;
}

/** Runs the actions of a transition: a mail or an event for every subscription of a topic, an event for a function. */
export function runActions(
  transition: Transition,
  { subscribers, textOf, eventOf }: PostOffice,
  timeMs: number,
): readonly ActionOutcome[] {
  const { alarmName } = transition.current;
  const words = { ...notificationWords(transition, textOf), alarmName };
  const message = words.defaultMessage;
  return transition.actions.map((actionArn): ActionOutcome => {
    const target = actionTarget(actionArn, subscribers);
    if (target.kind === "refused")
      return { actionArn, message, mails: [], deliveries: [], error: target.reason };
    if (target.kind === "function") {
      const event = eventOf(transition);
      const deliveries = [{ functionArn: actionArn, event }];
      return { actionArn, message: JSON.stringify(event), mails: [], deliveries };
    }
    const published = { topicArn: actionArn, subject: words.subject, message };
    const deliveries = deliveriesOf(
      published,
      { ...subscribers, subscriptions: target.subscriptions },
      timeMs,
    );
    const mails = target.subscriptions
      .filter(({ protocol }) => protocol === "email")
      .map((subscription) => notificationMail(words, subscription, { id: randomUUID(), timeMs }));
    return { actionArn, message, mails, deliveries };
  });
}

/** The mails of a message that is published to a topic by hand. */
export function mailsOf(
  { topicArn, subject, message }: Published,
  { subscriptions }: Subscribers,
  timeMs: number,
): readonly Mail[] {
  const text = { message, ...(subject !== undefined && { subject }) };
  return subscriptions
    .filter((subscription) => subscription.topicArn === topicArn && subscription.protocol === "email")
    .map((subscription) => publishedMail(text, subscription, { id: randomUUID(), timeMs }));
}

/** The events of a message for the functions that are subscribed to its topic and run here. */
export function deliveriesOf(
  published: Published,
  { subscriptions, runs }: Subscribers,
  timeMs: number,
): readonly Delivery[] {
  const id = randomUUID();
  return subscriptions
    .filter(({ topicArn, protocol }) => topicArn === published.topicArn && protocol === "lambda")
    .filter(({ endpoint }) => runs(endpoint))
    .map((subscription) => snsDelivery(published, subscription, { id, timeMs }));
}

/** The confirmation mails of e-mail subscriptions that were never confirmed before. */
export function confirmationsFor(
  subscriptions: readonly Subscription[],
  isConfirmed: (subscriptionArn: string) => boolean,
  timeMs: number,
): readonly { readonly subscription: string; readonly mail: Mail }[] {
  return subscriptions
    .filter(({ protocol, subscriptionArn }) => protocol === "email" && !isConfirmed(subscriptionArn))
    .map((subscription) => ({
      subscription: subscription.subscriptionArn,
      mail: confirmationMail(subscription, { id: randomUUID(), timeMs }),
    }));
}
