import { randomUUID } from "node:crypto";
import type { Subscription, Topic } from "../../assembly/topics.ts";
import { type AwsCall, AwsError, credentialRegion, type Input, type QueryService } from "./service.ts";

/** What is published to a topic, as mailboxes get it. */
export interface Publication {
  readonly topicArn: string;
  readonly subject?: string;
  readonly message: string;
}

/** Topics, who hears of them, and what becomes of a message. */
export interface TopicsPort {
  readonly topics: readonly Topic[];
  readonly subscriptions: readonly Subscription[];
  /** Delivers to every mailbox that is subscribed. */
  readonly publish: (publication: Publication) => void;
}

const MAX_PAGE_ITEMS = 100;
const MAX_MESSAGE_BYTES = 256 * 1024;

/** SNS, as far as topics are looked up and published to. */
export function snsService(port: TopicsPort): QueryService {
  return {
    protocol: "query",
    xmlNamespace: "http://sns.amazonaws.com/doc/2010-03-31/",
    operations: {
      ListTopics: (input, call) => {
        const found = port.topics.filter(({ topicArn }) => isInRegion(topicArn, call));
        const { items, ...next } = page(found, input);
        return { Topics: items.map(({ topicArn }) => ({ TopicArn: topicArn })), ...next };
      },
      ListSubscriptionsByTopic: (input) => {
        const topicArn = topicOf(port, input.TopicArn, "TopicArn");
        const found = port.subscriptions.filter((subscription) => subscription.topicArn === topicArn);
        const { items, ...next } = page(found, input);
        return { Subscriptions: items.map(subscriptionView), ...next };
      },
      Publish: (input) => {
        port.publish(publicationOf(port, input));
        return { MessageId: randomUUID() };
      },
    },
  };
}

/** Unsigned calls see every Region's topics. */
function isInRegion(topicArn: string, call: AwsCall): boolean {
  const region = credentialRegion(call);
  return region === undefined || topicArn.split(":")[3] === region;
}

function page<T>(all: readonly T[], { NextToken }: Input): { items: readonly T[]; NextToken?: string } {
  const start = NextToken === undefined ? 0 : Number(NextToken);
  if (!Number.isInteger(start) || start < 0) throw invalid("nextToken");
  const end = start + MAX_PAGE_ITEMS;
  return { items: all.slice(start, end), ...(end < all.length && { NextToken: String(end) }) };
}

function subscriptionView({ subscriptionArn, topicArn, protocol, endpoint }: Subscription): object {
  const Owner = topicArn.split(":")[4] ?? "";
  return {
    SubscriptionArn: subscriptionArn,
    Owner,
    Protocol: protocol,
    Endpoint: endpoint,
    TopicArn: topicArn,
  };
}

function topicOf({ topics }: TopicsPort, arn: unknown, name: string): string {
  if (typeof arn !== "string" || arn === "") throw invalid(`${name} Reason: no value for required parameter`);
  if (topics.some(({ topicArn }) => topicArn === arn)) return arn;
  throw new AwsError("NotFound", "Topic does not exist", 404);
}

function publicationOf(port: TopicsPort, input: Input): Publication {
  const { Message: message, Subject: subject } = input;
  if (input.PhoneNumber !== undefined)
    throw invalid("PhoneNumber Reason: text messages are not sent by the local runtime, publish to a topic");
  const topicArn = topicOf(port, input.TopicArn ?? input.TargetArn, "TopicArn");
  if (typeof message !== "string" || message === "")
    throw new AwsError("InvalidParameter", "Invalid parameter: Empty message");
  if (Buffer.byteLength(message) > MAX_MESSAGE_BYTES) throw invalid("Message too long");
  if (subject !== undefined && !isSubject(subject)) throw invalid("Subject");
  const text = input.MessageStructure === "json" ? mailText(message) : message;
  return { topicArn, message: text, ...(isSubject(subject) && { subject }) };
}

/** ASCII without line breaks, under 100 characters. https://docs.aws.amazon.com/sns/latest/api/API_Publish.html */
function isSubject(subject: unknown): subject is string {
  return typeof subject === "string" && /^[\x21-\x7e][\x20-\x7e]{0,99}$/.test(subject);
}

/** The text for mailboxes in a message with a text for each protocol. */
function mailText(message: string): string {
  const texts = parseMessageStructure(message);
  if (typeof texts?.default !== "string")
    throw invalid("Message Structure - No default entry in JSON message body");
  return typeof texts.email === "string" ? texts.email : texts.default;
}

function parseMessageStructure(message: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return JSON.parse(message) as Readonly<Record<string, unknown>>;
  } catch {
    throw invalid("Message Structure - JSON message body failed to parse");
  }
}

function invalid(what: string): AwsError {
  return new AwsError("InvalidParameter", `Invalid parameter: ${what}`);
}
