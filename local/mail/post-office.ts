import { randomUUID } from "node:crypto";

import type { Subscription } from "../assembly/topic.ts";
import type { Transition } from "../cloudwatch/alarm-definition.ts";
import type { Mail } from "../server/wire.ts";
import { actionTarget, type Subscribers } from "./action-targets.ts";
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
  readonly message: string;
  readonly mails: readonly Mail[];
  /** Missing when the action worked. */
  readonly error?: string;
}

/** What actions need of the world. */
export interface PostOffice {
  readonly subscribers: Subscribers;
  readonly textOf: NotificationTextOf;
}

/** Runs the actions of a transition: a mail for every e-mail subscription of every topic among them. */
export function runActions(
  transition: Transition,
  { subscribers, textOf }: PostOffice,
  timeMs: number,
): readonly ActionOutcome[] {
  const { alarmName } = transition.current;
  const words = { ...notificationWords(transition, textOf), alarmName };
  const message = words.defaultMessage;
  return transition.actions.map((actionArn) => {
    const target = actionTarget(actionArn, subscribers);
    if (target.kind === "refused") return { actionArn, message, mails: [], error: target.reason };
    const mails = target.subscriptions.map((subscription) =>
      notificationMail(words, subscription, { id: randomUUID(), timeMs }),
    );
    return { actionArn, message, mails };
  });
}

/** The mails of a message that is published to a topic by hand. */
export function mailsOf(
  {
    topicArn,
    subject,
    message,
  }: { readonly topicArn: string; readonly subject?: string; readonly message: string },
  { subscriptions }: Subscribers,
  timeMs: number,
): readonly Mail[] {
  const text = { message, ...(subject !== undefined && { subject }) };
  return subscriptions
    .filter((subscription) => subscription.topicArn === topicArn && subscription.protocol === "email")
    .map((subscription) => publishedMail(text, subscription, { id: randomUUID(), timeMs }));
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
