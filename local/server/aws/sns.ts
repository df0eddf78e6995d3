import { randomUUID } from "node:crypto";
import { isJsonObject, parseJson } from "@wrist-agent/cloudwatch/json";
import type { MessageAttribute } from "@wrist-agent/cloudwatch/notifications/filter-policy";
import type { Topic } from "../../assembly/topics.ts";
import type { TagsPort } from "./cloudwatch-ports.ts";
import { type AwsCall, AwsError, type Input, type QueryService } from "./service.ts";
import {
  arnParameter,
  checkedArn,
  invalidParameter,
  isInRegion,
  pageOf,
  textParameter,
  topicOfCall,
} from "./sns-input.ts";
import { messageAttributes, messageAttributesBytes } from "./sns-message-attributes.ts";
import { topicOperations } from "./sns-topics.ts";
import { subscriptionOperations, type SubscriptionsPort } from "./sns-subscriptions.ts";

/** What is published to a topic, as subscribers get it. */
export interface Publication {
  readonly topicArn: string;
  readonly subject?: string;
  readonly message: string;
  /** The text for mailboxes, where it is another. */
  readonly emailText?: string;
  /** The text for queues, where it is another. */
  readonly queueText?: string;
  readonly attributes: Readonly<Record<string, MessageAttribute>>;
}

/** Topics, who hears of them, and what becomes of a message. */
export interface TopicsPort {
  /** Where topics of calls without a signature are made, and whose they are. */
  readonly home: { readonly accountId: string; readonly region: string };
  readonly topics: readonly Topic[];
  readonly subscriptions: SubscriptionsPort;
  /** Tags of topics. */
  readonly tags: TagsPort;
  /** Delivers to whoever is subscribed. */
  readonly publish: (publication: Publication) => void;
}

const MAX_MESSAGE_BYTES = 256 * 1024;

/** SNS, as far as topics are looked up, subscribed and published to. */
export function snsService(port: TopicsPort): QueryService {
  return {
    protocol: "query",
    xmlNamespace: "http://sns.amazonaws.com/doc/2010-03-31/",
    operations: {
      ListTopics: (input, call) => {
        const found = port.topics.filter(({ topicArn }) => isInRegion(topicArn, call));
        const { items, ...next } = pageOf(found, input);
        return { Topics: items.map(({ topicArn }) => ({ TopicArn: topicArn })), ...next };
      },
      GetTopicAttributes: (input, call) => ({
        Attributes: attributesOf(port, topicOfCall(port.topics, arnParameter(input, "TopicArn"), call)),
      }),
      Publish: (input, call) => {
        port.publish(publicationOf(port, input, call));
        return { MessageId: randomUUID() };
      },
      PublishBatch: (input, call) => publishBatch(port, input, call),
      ...topicOperations(port),
      ...subscriptionOperations(port),
    },
  };
}

/** https://docs.aws.amazon.com/sns/latest/api/API_GetTopicAttributes.html */
function attributesOf(
  { subscriptions }: TopicsPort,
  { topicArn, displayName = "" }: Topic,
): ReadonlyMap<string, string> {
  const own = subscriptions.list().filter((each) => each.topicArn === topicArn);
  const pending = own.filter((each) => each.pending !== undefined).length;
  return new Map([
    ["DisplayName", displayName],
    ["EffectiveDeliveryPolicy", JSON.stringify(DELIVERY_POLICY)],
    ["Owner", topicArn.split(":")[4] ?? ""],
    ["Policy", JSON.stringify(defaultPolicy(topicArn))],
    ["SubscriptionsConfirmed", String(own.length - pending)],
    ["SubscriptionsDeleted", String(subscriptions.unsubscribedCount(topicArn))],
    ["SubscriptionsPending", String(pending)],
    ["TopicArn", topicArn],
  ]);
}

/** How SNS tries again over HTTP where nothing else is said. */
const DELIVERY_POLICY = {
  http: {
    defaultHealthyRetryPolicy: {
      minDelayTarget: 20,
      maxDelayTarget: 20,
      numRetries: 3,
      numMaxDelayRetries: 0,
      numNoDelayRetries: 0,
      numMinDelayRetries: 0,
      backoffFunction: "linear",
    },
    disableSubscriptionOverrides: false,
    defaultRequestPolicy: { headerContentType: "text/plain; charset=UTF-8" },
  },
};

const OWNER_ACTIONS = [
  "GetTopicAttributes",
  "SetTopicAttributes",
  "AddPermission",
  "RemovePermission",
  "DeleteTopic",
  "Subscribe",
  "ListSubscriptionsByTopic",
  "Publish",
].map((action) => `SNS:${action}`);

/** What SNS gives a topic; nobody is kept out here, whatever the template's policy says. */
function defaultPolicy(topicArn: string): object {
  return {
    Version: "2008-10-17",
    Id: "__default_policy_ID",
    Statement: [
      {
        Sid: "__default_statement_ID",
        Effect: "Allow",
        Principal: { AWS: "*" },
        Action: OWNER_ACTIONS,
        Resource: topicArn,
        Condition: { StringEquals: { "AWS:SourceOwner": topicArn.split(":")[4] } },
      },
    ],
  };
}

function publicationOf(port: TopicsPort, input: Input, call: AwsCall): Publication {
  if (input.PhoneNumber !== undefined)
    throw invalidParameter(
      "PhoneNumber Reason: text messages are not sent by the local runtime, publish to a topic",
    );
  const { topicArn } = topicOfCall(port.topics, publishedTopic(input), call);
  const message = textParameter(input, "Message");
  if (message === "") throw invalidParameter("Empty message");
  const attributes = messageAttributes(input);
  if (Buffer.byteLength(message) + messageAttributesBytes(attributes) > MAX_MESSAGE_BYTES)
    throw invalidParameter("Message too long");
  const { Subject: subject } = input;
  if (subject !== undefined && !isSubject(subject)) throw invalidParameter("Subject");
  const texts = input.MessageStructure === "json" ? textsOf(message) : { message };
  return { topicArn, ...texts, attributes, ...(isSubject(subject) && { subject }) };
}

const MAX_BATCH = 10;
const MAX_BATCH_ID = 80;

/** Up to ten messages at once; one that is refused keeps no other back. */
function publishBatch(port: TopicsPort, input: Input, call: AwsCall): object {
  const { topicArn: TopicArn } = topicOfCall(port.topics, arnParameter(input, "TopicArn"), call);
  const Successful: object[] = [];
  const Failed: object[] = [];
  for (const [Id, entry] of batchEntries(input)) {
    try {
      port.publish(publicationOf(port, { ...entry, TopicArn }, call));
      Successful.push({ Id, MessageId: randomUUID() });
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      Failed.push({ Id, Code: error.code, Message: error.message, SenderFault: error.status < 500 });
    }
  }
  return { Successful, Failed };
}

function batchEntries({ PublishBatchRequestEntries: given }: Input): readonly (readonly [string, Input])[] {
  const entries = (Array.isArray(given) ? given : []).filter(isJsonObject);
  if (entries.length === 0)
    throw new AwsError("EmptyBatchRequest", "The batch request doesn't contain any entries.");
  if (entries.length > MAX_BATCH)
    throw new AwsError(
      "TooManyEntriesInBatchRequest",
      "The batch request contains more entries than permissible.",
    );
  const ids = entries.map((entry) => textParameter(entry, "Id"));
  const strange = ids.find((id) => !/^[\w-]+$/.test(id));
  if (strange !== undefined)
    throw new AwsError(
      "InvalidBatchEntryId",
      `The Id of a batch entry in the batch request contains an impermissible character: ${strange}`,
    );
  const long = ids.find((id) => id.length > MAX_BATCH_ID);
  if (long !== undefined)
    throw new AwsError(
      "InvalidBatchEntryId",
      `The Id of a batch entry in the batch request is too long: ${long}`,
    );
  if (new Set(ids).size < ids.length)
    throw new AwsError(
      "BatchEntryIdsNotDistinct",
      "Two or more batch entries in the request have the same Id.",
    );
  return entries.map((entry, index) => [ids[index] ?? "", entry]);
}

function publishedTopic(input: Input): string {
  const { TopicArn: topicArn, TargetArn: targetArn } = input;
  if (typeof topicArn === "string") return checkedArn(topicArn, "TopicArn");
  if (typeof targetArn !== "string")
    throw invalidParameter("TopicArn or TargetArn Reason: no value for required parameter");
  const resource = checkedArn(targetArn, "TargetArn").split(":")[5] ?? "";
  if (resource.startsWith("endpoint/"))
    throw invalidParameter("TargetArn Reason: No endpoint found for the target arn specified");
  return targetArn;
}

/**
 * ASCII without line breaks, under 100 characters.
 * https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
 */
function isSubject(subject: unknown): subject is string {
  return typeof subject === "string" && /^[\x21-\x7e][\x20-\x7e]{0,99}$/.test(subject);
}

/** The texts of a message with one for each protocol. */
function textsOf(message: string): Pick<Publication, "message" | "emailText" | "queueText"> {
  const parsed = parseJson(message);
  if (parsed === undefined) throw invalidParameter("Message Structure - JSON message body failed to parse");
  const texts = Object(parsed) as Readonly<Record<string, unknown>>;
  if (typeof texts.default !== "string")
    throw invalidParameter("Message Structure - No default entry in JSON message body");
  const { default: preset } = texts;
  const textFor = (protocol: string): string => {
    const text = texts[protocol];
    return typeof text === "string" ? text : preset;
  };
  return { message: textFor("lambda"), emailText: textFor("email"), queueText: textFor("sqs") };
}
