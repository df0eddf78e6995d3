import { SNSClient } from "@aws-sdk/client-sns";
import {
  type DeployedStack,
  isUnreadable,
  physicalIds,
  readBillingStack,
  type StageConnection,
} from "./stage-connection.ts";
import {
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
export async function readStageSubscriptions(stage: StageConnection): Promise<StageSubscriptions> {
  const billing = stage.target.stage === "production" ? await readBillingStack(stage) : undefined;
  const stacks = [...stage.stacks, ...(billing === undefined ? [] : [billing])];
  const found = await Promise.all(stacks.map((stack) => stackSubscriptions(stage, stack)));
  return {
    subscriptions: found.flatMap(({ subscriptions }) => subscriptions),
    silentTopics: found.flatMap(({ silentTopics }) => silentTopics),
    unreadable: found.flatMap(({ unreadable }) => unreadable),
  };
}

async function stackSubscriptions(stage: StageConnection, stack: DeployedStack): Promise<StageSubscriptions> {
  const topics = physicalIds(stack, "AWS::SNS::Topic");
  if (topics.length === 0) return { subscriptions: [], silentTopics: [], unreadable: [] };
  const wanted = subscribedTopics(await stage.template(stack));
  const sns = stage.client(SNSClient, stack.region);
  const read = topics.map(async (topicArn) => {
    const call = { action: "sns:ListSubscriptionsByTopic", on: topicArn };
    const listed = await stage.askIfAllowed(call, () => listSubscriptions(sns, topicArn));
    const name = topicArn.split(":").at(-1) ?? "";
    const addresses = wanted.get(name) ?? [];
    return isUnreadable(listed)
      ? listed
      : { name, states: subscriptionStates({ topicArn, addresses }, listed) };
  });
  const answers = await Promise.all(read);
  const known = answers.flatMap((answer) => (isUnreadable(answer) ? [] : [answer]));
  return {
    subscriptions: known.flatMap(({ states }) => states),
    silentTopics: known.filter(({ states }) => states.length === 0).map(({ name }) => name),
    unreadable: inOneSentence(answers.flatMap((answer) => (isUnreadable(answer) ? [answer.unreadable] : []))),
  };
}

/** What is missing on one topic is missing on the others too. */
function inOneSentence([first, ...others]: readonly string[]): readonly string[] {
  if (first === undefined) return [];
  return [others.length === 0 ? first : `${first}; the same on ${others.length} more topics of the stack`];
}
