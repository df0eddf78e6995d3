import { type SubscriptionState, subscriptionStates } from "../../cli/subscriptions.ts";
import type { StackTopic } from "../../cli/stage-subscriptions.ts";

/** An address on a topic, and whether the settings know it. */
export interface Subscriber {
  readonly topic: string;
  readonly region: string;
  readonly address: string;
  readonly state: SubscriptionState;
  /** Whether the next deploy subscribes it. */
  readonly isInSettings: boolean;
}

/** Everybody who gets mail of a stage, or should. */
export interface SubscriberList {
  readonly subscribers: readonly Subscriber[];
  /** Addresses that the next deploy subscribes. */
  readonly settings: readonly string[];
  /** Where settings and account differ, in sentences; nothing differs where there is none. */
  readonly drift: readonly string[];
}

/** Puts together what SNS has and what the settings say; without remembered addresses the last deploy's count. */
export function subscriberList(
  topics: readonly StackTopic[],
  remembered: readonly string[] | undefined,
): SubscriberList {
  const deployed = [...new Set(topics.flatMap((topic) => topic.deployed))];
  const settings = remembered ?? deployed;
  const subscribers = topics.flatMap(({ topicArn, listed }) =>
    subscriptionStates({ topicArn, addresses: settings }, listed).map((each) => ({
      ...each,
      isInSettings: settings.includes(each.address),
    })),
  );
  return { subscribers, settings, drift: driftOf(subscribers, topics) };
}

function driftOf(subscribers: readonly Subscriber[], topics: readonly StackTopic[]): readonly string[] {
  const addresses = [...new Set(subscribers.map(({ address }) => address))];
  return addresses.flatMap((address) => {
    const own = subscribers.filter((each) => each.address === address);
    const there = own.filter(({ state }) => state !== "gone");
    if (own.some(({ isInSettings }) => isInSettings)) {
      const gone = own.filter(({ state }) => state === "gone").map(({ topic }) => topic);
      return gone.length === 0
        ? []
        : [
            `${address} is in the settings and does not get the mails of ${listText(gone)}: subscribers resend`,
          ];
    }
    return [
      `${address} gets mails of ${there.length} of ${topics.length} topics and is in no setting: subscribers add ${address}, or subscribers remove ${address}`,
    ];
  });
}

/** `a, b and c`. */
export function listText(words: readonly string[]): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1) ?? ""}`;
}
