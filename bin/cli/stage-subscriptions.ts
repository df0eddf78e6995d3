import { SNSClient } from "@aws-sdk/client-sns";
import {
  type DeployedStack,
  isUnreadable,
  physicalIds,
  readAllStacks,
  type StageCall,
  type StageConnection,
} from "./stage-connection.ts";
import {
  type ListedSubscription,
  listSubscriptions,
  subscribedTopics,
  subscriptionStates,
  type TopicSubscription,
} from "./subscriptions.ts";

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
