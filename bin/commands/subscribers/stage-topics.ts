import { SNSClient, SubscribeCommand, UnsubscribeCommand } from "@aws-sdk/client-sns";
import { readAllStacks, type StageConnection } from "../../cli/stage-connection.ts";
import { readStackTopics, type StackTopic } from "../../cli/stage-subscriptions.ts";

/** Every topic of a stage's stacks; production's include the one of the bill. */
export async function readStageTopics(stage: StageConnection): Promise<readonly StackTopic[]> {
  const stacks = await readAllStacks(stage);
  return (await Promise.all(stacks.map((stack) => readStackTopics(stage, stack, stage.ask)))).flat();
}

/** Asks an address to confirm; one that is pending is asked again, one that has confirmed is left alone. */
export async function subscribe(
  stage: StageConnection,
  { topicArn, region }: StackTopic,
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
  { region }: StackTopic,
  subscriptionArn: string,
): Promise<void> {
  const command = new UnsubscribeCommand({ SubscriptionArn: subscriptionArn });
  await stage.ask({ action: "sns:Unsubscribe", on: subscriptionArn }, () =>
    stage.client(SNSClient, region).send(command),
  );
}
