import type { Transition } from "@wrist-agent/cloudwatch/alarm";
import { urlSuffix } from "@wrist-agent/cloudwatch/region";
import type { Subscription } from "../assembly/topics.ts";
import type { Mail } from "../server/wire.ts";

/** Subject and text of a notification, as CloudWatch publishes them to a topic. */
interface NotificationText {
  readonly subject: string;
  /** What subscribers without a text of their own get. */
  readonly defaultMessage: string;
  readonly emailText: string;
}

/** Puts a change of an alarm into words; may throw, and then the mail says so. */
export type NotificationTextOf = (transition: Transition) => NotificationText;

/** The parts of a mail that are not its words. */
interface MailEnvelope {
  readonly id: string;
  readonly timeMs: number;
  /** The topic's display name; SNS's own when missing. */
  readonly sender?: string | undefined;
}

/**
 * A topic's display name stands before SNS's address; in quotes where a mail program would read its signs.
 */
function senderAddress(sender = "AWS Notifications"): string {
  const name = /^[\w !#$%&'*+/=?^`{|}~-]+$/.test(sender) ? sender : JSON.stringify(sender);
  return `${name} <no-reply@sns.amazonaws.com>`;
}

/** The mail that SNS sends when an alarm's notification reaches an e-mail subscription. */
export function notificationMail(
  text: NotificationText & { readonly alarmName: string },
  subscription: Subscription,
  envelope: MailEnvelope,
): Mail {
  const published = { subject: text.subject, message: text.emailText };
  return { ...publishedMail(published, subscription, envelope), alarmName: text.alarmName };
}

/** The mail that SNS sends when a message is published to a topic by hand. */
export function publishedMail(
  { subject = "AWS Notification Message", message }: { readonly subject?: string; readonly message: string },
  subscription: Subscription,
  envelope: MailEnvelope,
): Mail {
  return {
    ...addressed(subscription, envelope),
    subject,
    body: `${message.trimEnd()}\n\n${mailFooter(subscription)}`,
  };
}

/** Everything of a mail but its words. */
function addressed(
  { endpoint, topicArn }: Subscription,
  { sender, ...envelope }: MailEnvelope,
): Omit<Mail, "subject" | "body"> {
  return { ...envelope, from: senderAddress(sender), to: endpoint, topicArn };
}

/** The words of a notification; when they cannot be built, words that say so and still name the change. */
export function notificationTextOrFallback(
  transition: Transition,
  textOf: NotificationTextOf,
): NotificationText {
  try {
    return textOf(transition);
  } catch (cause) {
    return damagedText(transition, cause);
  }
}

function damagedText({ previous, current }: Transition, cause: unknown): NotificationText {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const text = [
    `The text of this notification could not be built: ${reason}`,
    "",
    `Alarm "${current.alarmName}" went from ${previous.state} to ${current.state}.`,
    `Reason: ${current.stateReason}`,
    `Time: ${new Date(current.stateTransitionedMs).toISOString()}`,
  ].join("\n");
  const subject = `${current.state}: "${current.alarmName}"`.slice(0, 100);
  return { subject, defaultMessage: text, emailText: text };
}

/** The mail that asks a new subscriber to confirm; here it says that nobody has to. */
export function confirmationMail(subscription: Subscription, envelope: MailEnvelope): Mail {
  return askingMail(subscription, envelope, [
    "On AWS this mail holds a link, and no alarm reaches this mailbox before it is followed.",
    "The local runtime has confirmed the subscription by itself.",
  ]);
}

/**
 * The mail that asks whoever the API subscribed to confirm; the local runtime has no page for that, but the
 * call.
 */
export function pendingMail(subscription: Subscription, token: string, envelope: MailEnvelope): Mail {
  return askingMail(subscription, envelope, [
    "On AWS this mail holds a link. Here the subscription is confirmed within 48 hours by this call to the AWS endpoint of the local runtime (if this was in error no action is necessary):",
    `aws sns confirm-subscription --topic-arn ${subscription.topicArn} --token ${token}`,
  ]);
}

function askingMail(subscription: Subscription, envelope: MailEnvelope, whatToDo: readonly string[]): Mail {
  return {
    ...addressed(subscription, envelope),
    subject: "AWS Notification - Subscription Confirmation",
    body: ["You have chosen to subscribe to the topic:", subscription.topicArn, "", ...whatToDo].join("\n"),
  };
}

/** What SNS puts under every mail. AWS documents that it is there, not its words. */
function mailFooter({ subscriptionArn, topicArn, endpoint }: Subscription): string {
  const region = topicArn.split(":")[3] ?? "us-east-1";
  const query = new URLSearchParams({ SubscriptionArn: subscriptionArn, Endpoint: endpoint });
  return [
    "--",
    "If you wish to stop receiving notifications from this topic, please click or visit the link below to unsubscribe:",
    `https://sns.${region}.${urlSuffix(region)}/unsubscribe.html?${query.toString()}`,
    "",
    "Please do not reply directly to this email. If you have any questions or comments regarding this email, please contact us at https://aws.amazon.com/support",
    "",
  ].join("\n");
}

/** Mails kept for the page; older ones stay in the journal only. */
const MAX_MAILS = 1000;

/** The local inbox: every mail that SNS would have sent. */
export class Inbox {
  #mails: Mail[] = [];

  deliver(mail: Mail): void {
    this.#mails.push(mail);
    if (this.#mails.length > MAX_MAILS) this.#mails = this.#mails.slice(-MAX_MAILS);
  }

  /** Newest first. */
  mails(): readonly Mail[] {
    return this.#mails.toReversed();
  }
}
