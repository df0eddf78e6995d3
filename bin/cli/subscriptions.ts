import { paginateListSubscriptionsByTopic, SNSClient } from "@aws-sdk/client-sns";
import type { Template } from "cw-alarm-test/template";
import {
  type DeployedStack,
  isUnreadable,
  physicalIds,
  readAllStacks,
  type StageCall,
  type StageConnection,
} from "./stage-connection.ts";

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
 * SNS deletes one that nobody confirms within two days, and one whose unsubscribe link was followed, by a
 * scanner of links too; CloudFormation notices neither, so what the stack makes and SNS does not list is
 * gone.
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

/** Who gets which mails of a stage, by what its stacks subscribe and what SNS lists. */
export interface StageSubscriptions {
  readonly subscriptions: readonly TopicSubscription[];
  /** Topics that nobody is subscribed to, by name. */
  readonly silentTopics: readonly string[];
  /** What could not be read, in sentences. */
  readonly unreadable: readonly string[];
}

/** The mail subscriptions of every topic of a stage's stacks; production's include those of the bill. */
export async function readStageSubscriptions(
  stage: StageConnection,
  known?: readonly DeployedStack[],
): Promise<StageSubscriptions> {
  const stacks = known ?? (await readAllStacks(stage));
  const found = await Promise.all(stacks.map((stack) => stackSubscriptions(stage, stack)));
  return {
    subscriptions: found.flatMap(({ subscriptions }) => subscriptions),
    silentTopics: found.flatMap(({ silentTopics }) => silentTopics),
    unreadable: found.flatMap(({ unreadable }) => unreadable),
  };
}

async function stackSubscriptions(stage: StageConnection, stack: DeployedStack): Promise<StageSubscriptions> {
  const topics = await readStackTopics(stage, stack, stage.askIfAllowed);
  const refusals = topics.flatMap(({ listed }) => (isUnreadable(listed) ? [listed.unreadable] : []));
  const known = topics.flatMap(({ topicArn, name, deployed: addresses, listed }) =>
    isUnreadable(listed) ? [] : [{ name, states: subscriptionStates({ topicArn, addresses }, listed) }],
  );
  return {
    subscriptions: known.flatMap(({ states }) => states),
    silentTopics: known.filter(({ states }) => states.length === 0).map(({ name }) => name),
    unreadable: inOneSentence(refusals),
  };
}

/** A topic of a stack: who its stack subscribes, and whom SNS lists. */
export interface StackTopic<Listed = readonly ListedSubscription[]> {
  readonly topicArn: string;
  readonly name: string;
  readonly region: string;
  /** Addresses of the template as it was deployed. */
  readonly deployed: readonly string[];
  readonly listed: Listed;
}

/** The topics of a stack; `ask` is that of the connection, or its `askIfAllowed`. */
export async function readStackTopics<Listed>(
  stage: StageConnection,
  stack: DeployedStack,
  ask: (call: StageCall, answer: () => Promise<readonly ListedSubscription[]>) => Promise<Listed>,
): Promise<readonly StackTopic<Listed>[]> {
  const { region } = stack;
  const arns = physicalIds(stack, "AWS::SNS::Topic");
  if (arns.length === 0) return [];
  const wanted = subscribedTopics(await stage.template(stack));
  const sns = stage.client(SNSClient, region);
  return Promise.all(
    arns.map(async (topicArn) => {
      const name = topicArn.split(":").at(-1) ?? "";
      const call = { action: "sns:ListSubscriptionsByTopic", on: topicArn };
      const listed = await ask(call, () => listSubscriptions(sns, topicArn));
      return { topicArn, name, region, deployed: wanted.get(name) ?? [], listed };
    }),
  );
}

/** What is missing on one topic is missing on the others too. */
function inOneSentence([first, ...others]: readonly string[]): readonly string[] {
  if (first === undefined) return [];
  return [others.length === 0 ? first : `${first}; the same on ${others.length} more topics of the stack`];
}
