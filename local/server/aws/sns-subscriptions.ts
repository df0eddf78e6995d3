import { randomBytes, randomUUID } from "node:crypto";
import { FilterPolicyError } from "@wrist-agent/cloudwatch/notifications/filter-condition";
import {
  FILTER_POLICY_SCOPES,
  type FilterPolicyScope,
  messageFilter,
} from "@wrist-agent/cloudwatch/notifications/filter-policy";
import { withoutUndefined } from "@wrist-agent/cloudwatch/read-definition";
import type { Subscription, SubscriptionState, Topic } from "../../assembly/topics.ts";
import { type AwsCall, AwsError, type Input, type Operation } from "./service.ts";
import {
  arnParameter,
  checkedArn,
  invalidParameter,
  isInRegion,
  pageOf,
  textMap,
  textParameter,
  topicOfCall,
} from "./sns-input.ts";

/** Who hears of which topic. */
export interface SubscriptionsPort {
  /** Without those that nobody confirmed in time. */
  list(): readonly SubscriptionState[];
  put(subscription: SubscriptionState): void;
  /** Forgets a subscription, confirmed or not. */
  delete(subscriptionArn: string): void;
  /** Sends the mail that asks to confirm. */
  askToConfirm(subscription: SubscriptionState): void;
  /** How many of a topic were unsubscribed. */
  unsubscribedCount(topicArn: string): number;
  /** Whether a function runs here under an ARN. */
  runs(functionArn: string): boolean;
  /** Whether there is a queue of an ARN. */
  hasQueue(queueArn: string): boolean;
  /** Makes, changes or, without its state, deletes a topic. */
  putTopic(change: { readonly topicArn: string; readonly topic?: Omit<Topic, "topicArn"> }): void;
  now(): number;
}

/** What the operations are about. */
interface SubscribedTopics {
  readonly topics: readonly Topic[];
  readonly subscriptions: SubscriptionsPort;
}

/** The operations on subscriptions. https://docs.aws.amazon.com/sns/latest/api/API_Subscribe.html */
export function subscriptionOperations(port: SubscribedTopics): Readonly<Record<string, Operation>> {
  const { subscriptions } = port;
  const inTopic = (topicArn: string) => subscriptions.list().filter((each) => each.topicArn === topicArn);
  return {
    ListSubscriptions: (input, call) =>
      subscriptionsPage(
        subscriptions.list().filter(({ topicArn }) => isInRegion(topicArn, call)),
        input,
      ),
    ListSubscriptionsByTopic: (input, call) => {
      const { topicArn } = topicOfCall(port.topics, arnParameter(input, "TopicArn"), call);
      return subscriptionsPage(inTopic(topicArn), input);
    },
    Subscribe: (input, call) => {
      const { topicArn } = topicOfCall(port.topics, arnParameter(input, "TopicArn"), call);
      return subscribe(subscriptions, { topicArn, input });
    },
    ConfirmSubscription: (input, call) => confirm(port, input, call),
    Unsubscribe: (input) => {
      const found = subscriptionAt(subscriptions, input);
      if (found !== undefined) subscriptions.delete(found.subscriptionArn);
      return {};
    },
    GetSubscriptionAttributes: (input) => ({
      Attributes: attributesView(existingSubscription(subscriptions, input)),
    }),
    SetSubscriptionAttributes: (input) => {
      subscriptions.put(withAttribute(existingSubscription(subscriptions, input), input));
      return {};
    },
  };
}

function subscriptionsPage(found: readonly SubscriptionState[], input: Input): object {
  const { items, ...next } = pageOf(found, input);
  return { Subscriptions: items.map(subscriptionView), ...next };
}

function subscriptionView(subscription: SubscriptionState): object {
  const { subscriptionArn, topicArn, protocol, endpoint, pending } = subscription;
  return {
    SubscriptionArn: pending === undefined ? subscriptionArn : "PendingConfirmation",
    Owner: ownerOf(topicArn),
    Protocol: protocol,
    Endpoint: endpoint,
    TopicArn: topicArn,
  };
}

function ownerOf(topicArn: string): string {
  return topicArn.split(":")[4] ?? "";
}

/** Every protocol of SNS. */
const PROTOCOLS = ["http", "https", "email", "email-json", "sms", "sqs", "application", "lambda", "firehose"];

interface WantedSubscription {
  readonly topicArn: string;
  readonly input: Input;
}

/** Whoever is subscribed already stays so; one that is pending gets another mail. */
function subscribe(subscriptions: SubscriptionsPort, { topicArn, input }: WantedSubscription): object {
  const protocol = textParameter(input, "Protocol");
  const endpoint = textParameter(input, "Endpoint");
  checkEndpoint(subscriptions, protocol, endpoint);
  const filter = newFilter(textMap(input, "Attributes"), protocol);
  if (protocol === "sqs" && !subscriptions.hasQueue(endpoint))
    throw invalidParameter(`Endpoint Reason: there is no queue ${endpoint} here`);
  const existing = subscriptions
    .list()
    .find((each) => each.topicArn === topicArn && each.protocol === protocol && each.endpoint === endpoint);
  if (existing !== undefined && isOtherFilter(existing, filter))
    throw invalidParameter("Attributes Reason: Subscription already exists with different attributes");
  if (existing !== undefined && existing.pending === undefined)
    return { SubscriptionArn: existing.subscriptionArn };
  const subscriptionArn = existing?.subscriptionArn ?? `${topicArn}:${randomUUID()}`;
  const made = { subscriptionArn, topicArn, protocol, endpoint, ...filter, origin: "api" as const };
  if (protocol !== "email") {
    subscriptions.put(made);
    return { SubscriptionArn: subscriptionArn };
  }
  const token = randomBytes(TOKEN_BYTES).toString("hex");
  const pending = { ...made, pending: { token, askedMs: subscriptions.now() } };
  subscriptions.put(pending);
  subscriptions.askToConfirm(pending);
  const isArnWanted = input.ReturnSubscriptionArn === "true";
  return { SubscriptionArn: isArnWanted ? subscriptionArn : "pending confirmation" };
}

const TOKEN_BYTES = 128;

function checkEndpoint(subscriptions: SubscriptionsPort, protocol: string, endpoint: string): void {
  if (!PROTOCOLS.includes(protocol))
    throw invalidParameter(`Amazon SNS does not support this protocol string: ${protocol}`);
  if (protocol === "email" && !/^[^@\s]+@[^@\s]+$/.test(endpoint)) throw invalidParameter("Email address");
  if (protocol === "lambda" && !/^arn:[^:]+:lambda:[^:]+:\d+:function:/.test(endpoint))
    throw invalidParameter("Lambda endpoint ARN");
  if (protocol === "lambda" && !subscriptions.runs(endpoint))
    throw invalidParameter(`Endpoint Reason: no function runs here as ${endpoint}`);
  if (protocol === "sqs") checkQueueArn(endpoint);
  if (!["email", "lambda", "sqs"].includes(protocol))
    throw invalidParameter(
      `Protocol Reason: the local runtime delivers nothing by ${protocol}: subscribe by email, lambda or sqs`,
    );
}

function checkQueueArn(endpoint: string): void {
  if (!/^arn:[^:]+:sqs:[^:]+:\d+:.+$/.test(endpoint)) throw invalidParameter("SQS endpoint ARN");
  if (endpoint.endsWith(".fifo"))
    throw invalidParameter(
      "Invalid parameter: Endpoint Reason: FIFO SQS Queues can not be subscribed to standard SNS topics",
    );
}

type Filter = Pick<Subscription, "filterPolicy" | "filterPolicyScope" | "rawMessageDelivery">;

function isOtherFilter(existing: Filter, wanted: Filter): boolean {
  const scopeOf = ({ filterPolicy, filterPolicyScope }: Filter) =>
    filterPolicy === undefined ? undefined : (filterPolicyScope ?? "MessageAttributes");
  const isRaw = ({ rawMessageDelivery = false }: Filter) => rawMessageDelivery;
  return (
    existing.filterPolicy !== wanted.filterPolicy ||
    scopeOf(existing) !== scopeOf(wanted) ||
    isRaw(existing) !== isRaw(wanted)
  );
}

/** Attributes whose effect would be missed in silence. */
const UNSUPPORTED_ATTRIBUTES = ["DeliveryPolicy", "RedrivePolicy", "ReplayPolicy", "SubscriptionRoleArn"];

/** The attributes of a new subscription; errors name the parameter that holds them. */
function newFilter(attributes: Readonly<Record<string, string>>, protocol: string): Filter {
  const inAttributes = (error: AwsError): AwsError => {
    const [, reason] = /^Invalid parameter: (.*)$/s.exec(error.message) ?? [];
    return reason === undefined || reason.startsWith("Filter policy scope")
      ? error
      : invalidParameter(`Attributes Reason: ${reason}`);
  };
  try {
    return Object.entries(attributes)
      .toSorted(([a], [b]) => (a > b ? -1 : 1))
      .reduce<Filter>((filter, [name, value]) => changedFilter(filter, { name, value, protocol }), {});
  } catch (error) {
    throw error instanceof AwsError ? inAttributes(error) : error;
  }
}

interface NewAttribute {
  readonly name: string;
  readonly value: string;
  readonly protocol: string;
}

function changedFilter(filter: Filter, { name, value, protocol }: NewAttribute): Filter {
  if (name === "FilterPolicy") return withPolicy(filter, value);
  if (name === "FilterPolicyScope") return withScope(filter, value);
  if (name === "RawMessageDelivery") {
    if (value.toLowerCase() !== "true" && value.toLowerCase() !== "false")
      throw invalidParameter(`RawMessageDelivery: Invalid value [${value}]. Must be true or false.`);
    const rawMessageDelivery = value.toLowerCase() === "true";
    if (rawMessageDelivery && protocol !== "sqs")
      throw invalidParameter(`Delivery protocol [${protocol}] does not support raw message delivery.`);
    return protocol === "sqs" ? { ...filter, rawMessageDelivery } : filter;
  }
  if (UNSUPPORTED_ATTRIBUTES.includes(name))
    throw invalidParameter(`${name} Reason: the local runtime keeps no ${name}: leave it out`);
  throw invalidParameter("AttributeName");
}

/** An empty policy takes the filter away. */
function withPolicy({ filterPolicyScope, filterPolicy: _before, ...rest }: Filter, policy: string): Filter {
  if (policy === "" || policy === "{}") return withoutUndefined({ ...rest, filterPolicyScope });
  checkPolicy(policy, filterPolicyScope);
  return withoutUndefined({ ...rest, filterPolicyScope, filterPolicy: policy });
}

function withScope(filter: Filter, text: string): Filter {
  const filterPolicyScope = FILTER_POLICY_SCOPES.find((scope) => scope === text);
  if (filterPolicyScope === undefined)
    throw invalidParameter(
      `FilterPolicyScope: Invalid value [${text}]. Please use either MessageBody or MessageAttributes`,
    );
  if (filter.filterPolicy !== undefined) checkPolicy(filter.filterPolicy, filterPolicyScope);
  return { ...filter, filterPolicyScope };
}

function checkPolicy(policy: string, scope: FilterPolicyScope = "MessageAttributes"): void {
  try {
    messageFilter(policy, scope);
  } catch (error) {
    if (!(error instanceof FilterPolicyError)) throw error;
    throw invalidParameter(error.scope === "whole" ? error.message : `FilterPolicy: ${error.message}`);
  }
}

function withAttribute(subscription: SubscriptionState, input: Input): SubscriptionState {
  const { filterPolicy, filterPolicyScope, rawMessageDelivery, ...rest } = subscription;
  const before = withoutUndefined<Filter>({ filterPolicy, filterPolicyScope, rawMessageDelivery });
  const name = textParameter(input, "AttributeName");
  const value = textParameter(input, "AttributeValue");
  return { ...rest, ...changedFilter(before, { name, value, protocol: rest.protocol }) };
}

function confirm({ topics, subscriptions }: SubscribedTopics, input: Input, call: AwsCall): object {
  const token = textParameter(input, "Token");
  const arn = arnParameter(input, "TopicArn");
  if (!/^[\da-f]+$/i.test(token)) throw new AwsError("InvalidParameter", "Invalid token");
  const found = subscriptions.list().find((each) => each.topicArn === arn && each.pending?.token === token);
  if (found === undefined) throw invalidParameter("Token");
  topicOfCall(topics, arn, call);
  const { pending, ...confirmed } = found;
  if (pending !== undefined) subscriptions.put(confirmed);
  return { SubscriptionArn: found.subscriptionArn };
}

const UUID = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/;

/** The subscription of an ARN, if there is one; an ARN that can be none is refused. */
function subscriptionAt(subscriptions: SubscriptionsPort, input: Input): SubscriptionState | undefined {
  const arn = checkedArn(arnParameter(input, "SubscriptionArn"), "SubscriptionArn");
  const found = subscriptions.list().find(({ subscriptionArn }) => subscriptionArn === arn);
  if (found === undefined && !UUID.test(arn.split(":").at(-1) ?? ""))
    throw invalidParameter("SubscriptionId");
  return found;
}

function existingSubscription(subscriptions: SubscriptionsPort, input: Input): SubscriptionState {
  const found = subscriptionAt(subscriptions, input);
  if (found === undefined) throw new AwsError("NotFound", "Subscription does not exist", 404);
  return found;
}

function attributesView(subscription: SubscriptionState): ReadonlyMap<string, string> {
  const { subscriptionArn, topicArn, protocol, endpoint, pending, origin } = subscription;
  const { filterPolicy, filterPolicyScope = "MessageAttributes" } = subscription;
  const isByOwner = origin === "template" || protocol !== "email";
  const owner = ownerOf(topicArn);
  return new Map([
    ["ConfirmationWasAuthenticated", String(isByOwner && pending === undefined)],
    ["Endpoint", endpoint],
    ...(filterPolicy === undefined
      ? []
      : ([
          ["FilterPolicy", filterPolicy],
          ["FilterPolicyScope", filterPolicyScope],
        ] as const)),
    ["Owner", owner],
    ["PendingConfirmation", String(pending !== undefined)],
    ["Protocol", protocol],
    ["RawMessageDelivery", String(subscription.rawMessageDelivery ?? false)],
    ["SubscriptionArn", subscriptionArn],
    ["SubscriptionPrincipal", `${topicArn.split(":", 2).join(":")}:iam::${owner}:root`],
    ["TopicArn", topicArn],
  ]);
}
