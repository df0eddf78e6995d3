import { SNSClient, SubscribeCommand, UnsubscribeCommand } from "@aws-sdk/client-sns";
import {
  type DeployedStack,
  physicalIds,
  readBillingStack,
  type StageConnection,
} from "../../cli/stage-connection.ts";
import { type ListedSubscription, listSubscriptions, subscribedTopics } from "../../cli/subscriptions.ts";

/** A topic of a stage: who its stack subscribes, and who SNS has. */
export interface StageTopic {
  readonly topicArn: string;
  readonly name: string;
  readonly region: string;
  /** Addresses of the template as it was deployed. */
  readonly deployed: readonly string[];
  readonly listed: readonly ListedSubscription[];
}

/** Every topic of a stage's stacks; production's include the one of the bill. */
export async function readStageTopics(stage: StageConnection): Promise<readonly StageTopic[]> {
  const billing = stage.target.stage === "production" ? await readBillingStack(stage) : undefined;
  const stacks = [...stage.stacks, ...(billing === undefined ? [] : [billing])];
  return (await Promise.all(stacks.map((stack) => topicsOf(stage, stack)))).flat();
}

async function topicsOf(stage: StageConnection, stack: DeployedStack): Promise<readonly StageTopic[]> {
  const arns = physicalIds(stack, "AWS::SNS::Topic");
  if (arns.length === 0) return [];
  const wanted = subscribedTopics(await stage.template(stack));
  const sns = stage.client(SNSClient, stack.region);
  return Promise.all(
    arns.map(async (topicArn) => {
      const name = topicArn.split(":").at(-1) ?? "";
      const call = { action: "sns:ListSubscriptionsByTopic", on: topicArn };
      const listed = await stage.ask(call, () => listSubscriptions(sns, topicArn));
      return { topicArn, name, region: stack.region, deployed: wanted.get(name) ?? [], listed };
    }),
  );
}

/** Asks an address to confirm; one that is pending is asked again, one that has confirmed is left alone. */
export async function subscribe(
  stage: StageConnection,
  { topicArn, region }: StageTopic,
  address: string,
): Promise<void> {
  const command = new SubscribeCommand({ TopicArn: topicArn, Protocol: "email", Endpoint: address });
  await stage.ask({ action: "sns:Subscribe", on: topicArn }, () =>
    stage.client(SNSClient, region).send(command),
  );
}

/** Ends a confirmed subscription. */
export async function unsubscribe(
  stage: StageConnection,
  { region }: StageTopic,
  subscriptionArn: string,
): Promise<void> {
  const command = new UnsubscribeCommand({ SubscriptionArn: subscriptionArn });
  await stage.ask({ action: "sns:Unsubscribe", on: subscriptionArn }, () =>
    stage.client(SNSClient, region).send(command),
  );
}
