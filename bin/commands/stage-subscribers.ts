import { SNSClient, SubscribeCommand, UnsubscribeCommand } from "@aws-sdk/client-sns";
import { PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { type JsonObject, jsonTextMembers } from "@wrist-agent/cloudwatch/json";
import { findParameter } from "../cli/aws-calls.ts";
import { readAllStacks, type StageConnection } from "../cli/stage-connection.ts";
import {
  readStackTopics,
  type StackTopic,
  type SubscriptionState,
  subscriptionStates,
} from "../cli/subscriptions.ts";

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

/**
 * Puts together what SNS has and what the settings say; without remembered addresses the last deploy's count.
 */
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

/** Stacks that remember what the last deploy was given; the later one wins, as for `deploy`. */
const REMEMBERING = ["application", "monitoring"] as const;

/** The setting's name after `-c`. */
const SETTING = "alarmEmail";

/** What earlier deploys were given, by the name of the parameter that keeps it. */
export type RememberedSettings = ReadonlyMap<string, JsonObject>;

/** The parameters that are there. */
export async function readRemembered(stage: StageConnection): Promise<RememberedSettings> {
  const ssm = stage.client(SSMClient);
  const found = new Map<string, JsonObject>();
  for (const stack of REMEMBERING) {
    const Name = `${stage.names.settingsPrefix}${stack}`;
    const parameter = await stage.ask({ action: "ssm:GetParameter", on: `parameter ${Name}` }, () =>
      findParameter(ssm, { Name }),
    );
    if (parameter?.Value !== undefined) found.set(Name, jsonTextMembers(parameter.Value));
  }
  return found;
}

/**
 * Addresses that the next deploy subscribes, where an earlier one was given them; else they stand in the
 * stage's file.
 */
export function rememberedAddresses(remembered: RememberedSettings): readonly string[] | undefined {
  const texts = [...remembered.values()].map((settings) => settings[SETTING]);
  const text = texts.findLast((each) => typeof each === "string");
  return typeof text === "string" ? addressesIn(text) : undefined;
}

/** The addresses of the setting's text, as the synthesis reads it. */
function addressesIn(text: string): readonly string[] {
  return text.split(",").flatMap((address) => (address.trim() === "" ? [] : [address.trim()]));
}

/** Has every later deploy subscribe these addresses, and no other. */
export async function rememberAddresses(
  stage: StageConnection,
  remembered: RememberedSettings,
  addresses: readonly string[],
): Promise<void> {
  const ssm = stage.client(SSMClient);
  for (const [Name, settings] of remembered) {
    const Value = JSON.stringify({ ...settings, [SETTING]: addresses.join(",") });
    await stage.ask({ action: "ssm:PutParameter", on: `parameter ${Name}` }, () =>
      ssm.send(new PutParameterCommand({ Name, Value, Type: "String", Overwrite: true })),
    );
  }
}

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
