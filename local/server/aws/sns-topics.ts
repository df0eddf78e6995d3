import { isJsonObject } from "@wrist-agent/cloudwatch/json";
import { partitionOf } from "@wrist-agent/cloudwatch/region";
import type { Topic } from "../../assembly/topics.ts";
import type { TagsPort } from "./cloudwatch-ports.ts";
import { type AwsCall, AwsError, credentialRegion, type Input, type Operation } from "./service.ts";
import { arnParameter, invalidParameter, textMap, textParameter, topicOfCall } from "./sns-input.ts";
import type { SubscriptionsPort } from "./sns-subscriptions.ts";

/** What making and changing topics needs. */
export interface ChangedTopics {
  /** Where topics of calls without a signature are made, and whose they are. */
  readonly home: { readonly accountId: string; readonly region: string };
  readonly topics: readonly Topic[];
  readonly subscriptions: Pick<SubscriptionsPort, "putTopic">;
  readonly tags: TagsPort;
}

/** Makes, changes and deletes topics. https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html */
export function topicOperations(port: ChangedTopics): Readonly<Record<string, Operation>> {
  const { subscriptions, tags } = port;
  const topicOf = (input: Input, call: AwsCall): Topic =>
    topicOfCall(port.topics, arnParameter(input, "TopicArn"), call);
  return {
    CreateTopic: (input, call) => createTopic(port, input, call),
    DeleteTopic: (input) => {
      const topicArn = arnParameter(input, "TopicArn");
      if (port.topics.some((topic) => topic.topicArn === topicArn)) {
        subscriptions.putTopic({ topicArn });
        if (Object.keys(tags.of(topicArn)).length > 0) tags.put(topicArn, {});
      }
      return {};
    },
    SetTopicAttributes: (input, call) => {
      const { topicArn } = topicOf(input, call);
      const change = { [textParameter(input, "AttributeName")]: textParameter(input, "AttributeValue") };
      subscriptions.putTopic({ topicArn, topic: topicAttributes(change) });
      return {};
    },
    ListTagsForResource: (input) => {
      const held = tags.of(taggedTopic(port, input));
      return { Tags: Object.entries(held).map(([Key, Value]) => ({ Key, Value })) };
    },
    TagResource: (input) => {
      const arn = taggedTopic(port, input);
      tags.put(arn, { ...tags.of(arn), ...tagsIn(input) });
      return {};
    },
    UntagResource: (input) => {
      const arn = taggedTopic(port, input);
      const gone: readonly unknown[] = Array.isArray(input.TagKeys) ? input.TagKeys : [];
      const left = Object.entries(tags.of(arn)).filter(([key]) => !gone.includes(key));
      tags.put(arn, Object.fromEntries(left));
      return {};
    },
  };
}

function createTopic(port: ChangedTopics, input: Input, call: AwsCall): object {
  const { home, topics, subscriptions, tags } = port;
  const name = textParameter(input, "Name");
  const attributes = textMap(input, "Attributes");
  if (name.endsWith(".fifo") || attributes.FifoTopic === "true")
    throw invalidParameter("Name Reason: the local runtime has standard topics only: leave .fifo out");
  if (!/^[\w-]{1,256}$/.test(name)) throw invalidParameter("Topic Name");
  const region = credentialRegion(call) ?? home.region;
  const TopicArn = `arn:${partitionOf(region)}:sns:${region}:${home.accountId}:${name}`;
  const topic = topicAttributes(attributes);
  const given = tagsIn(input);
  const found = topics.find(({ topicArn }) => topicArn === TopicArn);
  if (found !== undefined) {
    const { displayName = found.displayName } = topic;
    if (displayName !== found.displayName)
      throw invalidParameter("Attributes Reason: Topic already exists with different attributes");
    const held = tags.of(TopicArn);
    if (Object.entries(given).some(([key, value]) => held[key] !== value))
      throw invalidParameter("Tags Reason: Topic already exists with different tags");
    return { TopicArn };
  }
  subscriptions.putTopic({ topicArn: TopicArn, topic });
  if (Object.keys(given).length > 0) tags.put(TopicArn, given);
  return { TopicArn };
}

const MAX_DISPLAY_NAME = 100;

/**
 * The display name has an effect, and nobody is kept out by a policy; whatever else would be kept in vain is
 * refused.
 */
function topicAttributes(attributes: Readonly<Record<string, string>>): Omit<Topic, "topicArn"> {
  const known = ["DisplayName", "Policy", "FifoTopic"];
  const unknown = Object.keys(attributes).find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw KNOWN_TO_SNS.has(unknown)
      ? invalidParameter(`${unknown} Reason: the local runtime keeps no ${unknown}: leave it out`)
      : invalidParameter("AttributeName");
  const { DisplayName: displayName } = attributes;
  if (displayName === undefined) return {};
  if (displayName.length > MAX_DISPLAY_NAME) throw invalidParameter("DisplayName");
  return { displayName };
}

const KNOWN_TO_SNS: ReadonlySet<string> = new Set([
  "ApplicationFailureFeedbackRoleArn",
  "ArchivePolicy",
  "ContentBasedDeduplication",
  "DataProtectionPolicy",
  "DeliveryPolicy",
  "FifoThroughputScope",
  "KmsMasterKeyId",
  "SignatureVersion",
  "TracingConfig",
]);

function tagsIn({ Tags }: Input): Readonly<Record<string, string>> {
  const given: readonly unknown[] = Array.isArray(Tags) ? Tags : [];
  const entries = given
    .filter(isJsonObject)
    .map(({ Key, Value }): [string, string] => [String(Key), typeof Value === "string" ? Value : ""]);
  const keys = entries.map(([key]) => key);
  if (new Set(keys).size < keys.length) throw invalidParameter("Duplicated keys are not allowed.");
  return Object.fromEntries(entries);
}

function taggedTopic({ topics }: ChangedTopics, input: Input): string {
  const arn = arnParameter(input, "ResourceArn");
  if (topics.some(({ topicArn }) => topicArn === arn)) return arn;
  throw new AwsError("ResourceNotFound", "Resource does not exist", 404);
}
