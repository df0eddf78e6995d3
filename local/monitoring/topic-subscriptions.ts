import { randomUUID } from "node:crypto";
import type { Subscription, SubscriptionState, Topic } from "../assembly/topics.ts";
import type { Mail } from "../server/wire.ts";
import { pendingMail } from "./sns-mail.ts";

/** What is written down of a subscription: its last state; `undefined` when somebody unsubscribed. */
export interface SubscriptionChange {
  readonly subscriptionArn: string;
  readonly subscription?: SubscriptionState;
}

/** What is written down of a topic: its last state; `undefined` when it was deleted. */
export interface TopicChange {
  readonly topicArn: string;
  readonly topic?: Omit<Topic, "topicArn">;
}

/** https://docs.aws.amazon.com/sns/latest/dg/sns-email-notifications.html */
const PENDING_MS = 48 * 3_600_000;

/**
 * Which topics there are and who hears of them: what the templates say, and what was changed since, as on a
 * stack that has drifted.
 */
export class TopicSubscriptions {
  readonly #templates: ReadonlySet<string>;
  readonly #subscriptions: Map<string, SubscriptionState>;
  readonly #unsubscribed = new Set<string>();
  readonly #topics: Map<string, Topic>;

  constructor(templates: readonly Subscription[], topics: readonly Topic[] = []) {
    this.#topics = new Map(topics.map((topic) => [topic.topicArn, topic]));
    this.#templates = new Set(templates.map(({ subscriptionArn }) => subscriptionArn));
    this.#subscriptions = new Map(
      templates.map((each) => [each.subscriptionArn, { ...each, origin: "template" }]),
    );
  }

  /** Takes a change that is written down. */
  apply({ subscriptionArn, subscription }: SubscriptionChange): void {
    if (subscription?.origin === "template" && !this.#templates.has(subscriptionArn)) return;
    if (subscription !== undefined) this.#subscriptions.set(subscriptionArn, subscription);
    else if (this.#subscriptions.delete(subscriptionArn)) this.#unsubscribed.add(subscriptionArn);
  }

  /** Takes a change of a topic that is written down; nobody is subscribed to one that is gone. */
  applyTopic({ topicArn, topic }: TopicChange): void {
    if (topic !== undefined) return void this.#topics.set(topicArn, { topicArn, ...topic });
    this.#topics.delete(topicArn);
    for (const [arn, subscription] of this.#subscriptions)
      if (subscription.topicArn === topicArn) this.#subscriptions.delete(arn);
  }

  topics(): readonly Topic[] {
    return [...this.#topics.values()];
  }

  /** Those that get messages. */
  confirmed(): readonly Subscription[] {
    return [...this.#subscriptions.values()].filter(({ pending }) => pending === undefined);
  }

  /** Those that are there; nobody has to confirm after 48 hours any more. */
  list(nowMs: number): readonly SubscriptionState[] {
    return [...this.#subscriptions.values()].filter((each) => !isExpired(each, nowMs));
  }

  /** ARNs of those that nobody confirmed in time. */
  expired(nowMs: number): readonly string[] {
    return [...this.#subscriptions.values()]
      .filter((each) => isExpired(each, nowMs))
      .map(({ subscriptionArn }) => subscriptionArn);
  }

  /** How many of a topic were unsubscribed. */
  unsubscribedCount(topicArn: string): number {
    return [...this.#unsubscribed].filter((arn) => arn.startsWith(`${topicArn}:`)).length;
  }
}

function isExpired({ pending }: SubscriptionState, nowMs: number): boolean {
  return pending !== undefined && nowMs - pending.askedMs >= PENDING_MS;
}

/** What is written down of subscriptions. */
type SubscriptionEntry =
  | ({ readonly kind: "topic"; readonly atMs: number } & TopicChange)
  | ({ readonly kind: "subscription"; readonly atMs: number } & SubscriptionChange)
  | { readonly kind: "mail"; readonly atMs: number; readonly mail: Mail };

/** What changes need of the running system. */
interface SubscriptionPorts {
  /** Writes an entry down and applies it. */
  readonly record: (entry: SubscriptionEntry) => void;
  readonly now: () => number;
  readonly runs: (functionArn: string) => boolean;
  readonly hasQueue: (queueArn: string) => boolean;
}

/**
 * The subscriptions as an API changes them: each change is written down, and forgets what nobody confirmed in
 * time.
 */
export function subscriptionsPort(
  subscriptions: TopicSubscriptions,
  { record, now, ...reached }: SubscriptionPorts,
) {
  const change = (of: SubscriptionChange): void => record({ kind: "subscription", atMs: now(), ...of });
  return {
    list: () => subscriptions.list(now()),
    put: (subscription: SubscriptionState): void => {
      for (const subscriptionArn of subscriptions.expired(now())) change({ subscriptionArn });
      change({ subscriptionArn: subscription.subscriptionArn, subscription });
    },
    delete: (subscriptionArn: string): void => change({ subscriptionArn }),
    askToConfirm: (subscription: SubscriptionState): void => {
      const envelope = { id: randomUUID(), timeMs: now() };
      const mail = pendingMail(subscription, subscription.pending?.token ?? "", envelope);
      record({ kind: "mail", atMs: now(), mail });
    },
    unsubscribedCount: (topicArn: string) => subscriptions.unsubscribedCount(topicArn),
    ...reached,
    putTopic: (change: TopicChange): void => record({ kind: "topic", atMs: now(), ...change }),
    now,
  };
}
