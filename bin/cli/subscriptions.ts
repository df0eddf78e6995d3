import { paginateListSubscriptionsByTopic, type SNSClient } from "@aws-sdk/client-sns";
import type { Template } from "cw-alarm-test/template";

/** How a subscription stands: `gone` is one that was made and is not there any more. */
export type SubscriptionState = "confirmed" | "not confirmed" | "gone";

/** Who gets the mails of a topic. */
export interface TopicSubscription {
  readonly topic: string;
  readonly region: string;
  readonly address: string;
  readonly state: SubscriptionState;
}

/** A topic, and who its stack subscribes. */
export interface SubscribedTopic {
  readonly topicArn: string;
  readonly addresses: readonly string[];
}

/** A subscription as SNS lists it. */
export interface ListedSubscription {
  readonly address: string;
  /** An ARN, `PendingConfirmation`, or `Deleted`. */
  readonly arn: string;
}

/** Every e-mail subscription that SNS knows of a topic. */
export async function listSubscriptions(
  client: SNSClient,
  topicArn: string,
): Promise<readonly ListedSubscription[]> {
  const listed: ListedSubscription[] = [];
  for await (const { Subscriptions = [] } of paginateListSubscriptionsByTopic(
    { client },
    { TopicArn: topicArn },
  ))
    for (const { Endpoint = "", SubscriptionArn = "" } of Subscriptions)
      if (Endpoint.includes("@")) listed.push({ address: Endpoint, arn: SubscriptionArn });
  return listed;
}

/**
 * How the subscriptions of a topic stand, those that its stack makes first.
 *
 * SNS deletes one that nobody confirms within two days, and one whose unsubscribe link was followed, by a scanner of links too;
 * CloudFormation notices neither, so what the stack makes and SNS does not list is gone.
 */
export function subscriptionStates(
  { topicArn, addresses }: SubscribedTopic,
  listed: readonly ListedSubscription[],
): readonly TopicSubscription[] {
  const [, , , region = "", , topic = ""] = topicArn.split(":");
  const all = [...new Set([...addresses, ...listed.map(({ address }) => address)])];
  return all.map((address) => ({ topic, region, address, state: stateOf(address, listed) }));
}

function stateOf(address: string, listed: readonly ListedSubscription[]): SubscriptionState {
  const arns = listed.filter((each) => each.address === address).map(({ arn }) => arn);
  if (arns.some((arn) => arn.startsWith("arn:"))) return "confirmed";
  return arns.includes("PendingConfirmation") ? "not confirmed" : "gone";
}

/** Addresses that a template subscribes, by the name of the topic. */
export function subscribedTopics(template: Template): ReadonlyMap<string, readonly string[]> {
  const topics = new Map<string, string[]>();
  const resources = template.Resources ?? {};
  for (const { Type, Properties } of Object.values(resources)) {
    if (Type !== "AWS::SNS::Subscription" || typeof Properties?.Endpoint !== "string") continue;
    const { Ref: id = "" } = (Properties.TopicArn ?? {}) as { readonly Ref?: string };
    const name = resources[id]?.Properties?.TopicName;
    if (typeof name === "string") topics.set(name, [...(topics.get(name) ?? []), Properties.Endpoint]);
  }
  return topics;
}
