import {
  ConfirmSubscriptionCommand,
  GetSubscriptionAttributesCommand,
  GetTopicAttributesCommand,
  ListSubscriptionsByTopicCommand,
  ListSubscriptionsCommand,
  ListTopicsCommand,
  PublishBatchCommand,
  PublishCommand,
  type PublishCommandInput,
  SetSubscriptionAttributesCommand,
  SubscribeCommand,
  UnsubscribeCommand,
} from "@aws-sdk/client-sns";
import { afterEach, beforeEach, expect, test } from "vitest";
import {
  FUNCTION,
  startCloudWatch,
  TOPIC,
  type CloudWatchSystem,
} from "../../../support/cloudwatch-system.ts";

let system: CloudWatchSystem;

beforeEach(async () => {
  system = await startCloudWatch(Date.UTC(2026, 10, 23, 12));
});

afterEach(async () => {
  await system.stop();
  expect(system.bugs).toEqual([]);
});

test("topics of the Region are listed, and who hears of one", async () => {
  expect((await system.sns.send(new ListTopicsCommand({}))).Topics).toEqual([{ TopicArn: TOPIC }]);
  const { Subscriptions } = await system.sns.send(new ListSubscriptionsByTopicCommand({ TopicArn: TOPIC }));
  expect(Subscriptions?.map(({ Protocol, Endpoint, Owner }) => [Protocol, Endpoint, Owner])).toEqual([
    ["email", "on-call@example.com", "123456789012"],
    ["sms", "+15550100", "123456789012"],
  ]);
});

test("a message that is published reaches the mailboxes of its topic", async () => {
  const { MessageId } = await system.sns.send(
    new PublishCommand({ TopicArn: TOPIC, Subject: "Drill", Message: "nothing <burns> & nobody runs" }),
  );
  expect(MessageId).toMatch(/^[0-9a-f-]{36}$/);
  const [mail, ...others] = system.inbox.mails();
  expect(others).toEqual([]);
  expect(mail).toMatchObject({ to: "on-call@example.com", subject: "Drill", topicArn: TOPIC });
  expect(mail?.body).toMatch(/^nothing <burns> & nobody runs\n\n--\n/);
  expect(mail?.alarmName).toBeUndefined();
});

test("a message without a subject has AWS's, and one for each protocol gives the mail's", async () => {
  const Message = JSON.stringify({ default: "for all", email: "for mail" });
  await system.sns.send(new PublishCommand({ TopicArn: TOPIC, Message, MessageStructure: "json" }));
  const [mail] = system.inbox.mails();
  expect(mail?.subject).toBe("AWS Notification Message");
  expect(mail?.body).toMatch(/^for mail\n/);
});

test.each([
  [
    "a topic that nobody has",
    { TopicArn: `${TOPIC}-none`, Message: "x" },
    "NotFoundException",
    /does not exist/,
  ],
  ["no topic", { Message: "x" }, "InvalidParameterException", /TopicArn/],
  ["an empty message", { TopicArn: TOPIC, Message: "" }, "InvalidParameterException", /Empty message/],
  [
    "a long message",
    { TopicArn: TOPIC, Message: "x".repeat(262_145) },
    "InvalidParameterException",
    /too long/,
  ],
  [
    "no ARN",
    { TopicArn: "randomstring", Message: "x" },
    "InvalidParameterException",
    /TopicArn Reason: An ARN must have at least 6 elements, not 1/,
  ],
  [
    "half an ARN",
    { TopicArn: "randomstring:1", Message: "x" },
    "InvalidParameterException",
    /elements, not 2/,
  ],
  [
    "a topic of another Region",
    { TopicArn: TOPIC.replace("us-west-2", "us-east-1"), Message: "x" },
    "InvalidParameterException",
    /^Invalid parameter: TopicArn$/,
  ],
  [
    "an endpoint",
    { TargetArn: "arn:aws:sns:us-west-2:123456789012:endpoint/APNS/a/b", Message: "x" },
    "InvalidParameterException",
    /No endpoint found for the target arn/,
  ],
  [
    "a message that is long with its attributes",
    {
      TopicArn: TOPIC,
      Message: "x".repeat(262_130),
      MessageAttributes: { attr: { DataType: "String", StringValue: "0123456789" } },
    },
    "InvalidParameterException",
    /^Invalid parameter: Message too long$/,
  ],
  [
    "a subject of two lines",
    { TopicArn: TOPIC, Message: "x", Subject: "a\nb" },
    "InvalidParameterException",
    /Subject/,
  ],
  [
    "a structure without a default",
    { TopicArn: TOPIC, Message: "{}", MessageStructure: "json" },
    "InvalidParameterException",
    /No default entry/,
  ],
  [
    "a structure that is no JSON",
    { TopicArn: TOPIC, Message: "{", MessageStructure: "json" },
    "InvalidParameterException",
    /failed to parse/,
  ],
  [
    "a telephone",
    { PhoneNumber: "+15550100", Message: "x" },
    "InvalidParameterException",
    /not sent by the local/,
  ],
])("%s is refused", async (...[, input, name, message]) => {
  const refused = system.sns.send(new PublishCommand(input));
  await expect(refused).rejects.toMatchObject({ name });
  await expect(refused).rejects.toThrow(message);
  expect(system.inbox.mails()).toEqual([]);
});

const attribute = (DataType: string, value: object) => ({ attr1: { DataType, ...value } });
const named = (name: string) => ({ [name]: { DataType: "String", StringValue: "x" } });

// Recorded from AWS by LocalStack, tests/aws/services/sns/test_sns.snapshot.json, 15 November 2024.
test.each<[string, PublishCommandInput["MessageAttributes"], string, string]>([
  [
    "no value",
    attribute("String", { StringValue: "" }),
    "ParameterValueInvalid",
    "The message attribute 'attr1' must contain non-empty message attribute value for message attribute type 'String'.",
  ],
  [
    "bytes in a text",
    attribute("Number", { BinaryValue: Uint8Array.of(1) }),
    "ParameterValueInvalid",
    "The message attribute 'attr1' with type 'Number' must use field 'String'.",
  ],
  [
    "a text in bytes",
    attribute("Binary", { StringValue: "x" }),
    "ParameterValueInvalid",
    "The message attribute 'attr1' with type 'Binary' must use field 'Binary'.",
  ],
  [
    "an unknown type",
    attribute("InvalidType", { StringValue: "x" }),
    "ParameterValueInvalid",
    "The message attribute 'attr1' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String.",
  ],
  [
    "no type",
    attribute("", { StringValue: "x" }),
    "ValidationError",
    "1 validation error detected: Value null at 'messageAttributes.attr1.member.dataType' failed to satisfy constraint: Member must not be null",
  ],
  [
    "a number that is none",
    attribute("Number", { StringValue: "x" }),
    "ParameterValueInvalid",
    "Could not cast message attribute 'attr1' value to number.",
  ],
  [
    "a long name",
    named("a".repeat(257)),
    "ParameterValueInvalid",
    "Length of message attribute name must be less than 256 bytes.",
  ],
  [
    "a strange name",
    named("a^*?"),
    "ParameterValueInvalid",
    "Invalid non-alphanumeric character '#x5E' was found in the message attribute name. Can only include alphanumeric characters, hyphens, underscores, or dots.",
  ],
  [
    "a dot in front",
    named(".abc"),
    "ParameterValueInvalid",
    "Invalid message attribute name starting with character '.' was found.",
  ],
  [
    "a dot at the end",
    named("abc."),
    "ParameterValueInvalid",
    "Invalid message attribute name ending with character '.' was found.",
  ],
  [
    "two dots",
    named("a..bc"),
    "ParameterValueInvalid",
    "Message attribute name can not have successive '.' character.",
  ],
])("an attribute with %s is refused", async (...[, MessageAttributes, code, message]) => {
  const refused = system.sns.send(new PublishCommand({ TopicArn: TOPIC, Message: "x", MessageAttributes }));
  const error: unknown = await refused.catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ message });
  expect((error as { Error?: { Code?: string } }).Error?.Code ?? (error as Error).name).toMatch(code);
});

test("a topic shows its attributes, and counts who hears of it", async () => {
  await system.sns.send(
    new SubscribeCommand({ TopicArn: TOPIC, Protocol: "email", Endpoint: "a@example.com" }),
  );
  await system.sns.send(new UnsubscribeCommand({ SubscriptionArn: `${TOPIC}:2` }));
  const { Attributes } = await system.sns.send(new GetTopicAttributesCommand({ TopicArn: TOPIC }));
  expect(Attributes).toMatchObject({
    DisplayName: "",
    Owner: "123456789012",
    SubscriptionsConfirmed: "1",
    SubscriptionsDeleted: "1",
    SubscriptionsPending: "1",
    TopicArn: TOPIC,
  });
  expect(JSON.parse(Attributes?.Policy ?? "")).toMatchObject({
    Id: "__default_policy_ID",
    Statement: [{ Resource: TOPIC, Condition: { StringEquals: { "AWS:SourceOwner": "123456789012" } } }],
  });
});

test.each([
  [
    "TopicArn: An ARN",
    "nonsense",
    "Invalid parameter: TopicArn Reason: An ARN must have at least 6 elements, not 1",
  ],
  ["nobody's topic", `${TOPIC}-none`, "Topic does not exist"],
  [
    "another Region's topic",
    TOPIC.replace("west", "east").replace("-2", "-1"),
    "Invalid parameter: TopicArn",
  ],
])("attributes of %s are refused", async (...[, TopicArn, message]) => {
  await expect(system.sns.send(new GetTopicAttributesCommand({ TopicArn }))).rejects.toThrow(message);
  await expect(
    system.sns.send(new SubscribeCommand({ TopicArn, Protocol: "email", Endpoint: "a@example.com" })),
  ).rejects.toThrow(message);
  await expect(system.sns.send(new ListSubscriptionsByTopicCommand({ TopicArn }))).rejects.toThrow(message);
});

const subscribe = (Endpoint: string, Attributes?: Record<string, string>) =>
  system.sns.send(
    new SubscribeCommand({ TopicArn: TOPIC, Protocol: "email", Endpoint, ...(Attributes && { Attributes }) }),
  );
const subscriptionArns = async () =>
  (await system.sns.send(new ListSubscriptionsCommand({}))).Subscriptions?.map(
    ({ SubscriptionArn }) => SubscriptionArn,
  );
/** The token in the newest mail. */
const mailedToken = () => /--token ([0-9a-f]+)$/.exec(system.inbox.mails()[0]?.body ?? "")?.[1];

test("a mailbox that is subscribed gets a mail to confirm, and messages once it has", async () => {
  expect((await subscribe("new@example.com")).SubscriptionArn).toBe("pending confirmation");
  expect(system.inbox.mails()).toMatchObject([
    { to: "new@example.com", subject: "AWS Notification - Subscription Confirmation", topicArn: TOPIC },
  ]);
  expect(await subscriptionArns()).toEqual([`${TOPIC}:1`, `${TOPIC}:2`, "PendingConfirmation"]);
  await system.sns.send(new PublishCommand({ TopicArn: TOPIC, Message: "one" }));
  const Token = mailedTokenOf("new@example.com");
  const { SubscriptionArn } = await system.sns.send(
    new ConfirmSubscriptionCommand({ TopicArn: TOPIC, Token }),
  );
  expect(SubscriptionArn).toMatch(new RegExp(`^${TOPIC}:[0-9a-f-]{36}$`));
  expect(await subscriptionArns()).toEqual([`${TOPIC}:1`, `${TOPIC}:2`, SubscriptionArn]);
  await system.sns.send(new PublishCommand({ TopicArn: TOPIC, Message: "two" }));
  expect(system.inbox.mails().map(({ to, body }) => `${to} ${body.slice(0, 3)}`)).toEqual([
    "new@example.com two",
    "on-call@example.com two",
    "on-call@example.com one",
    "new@example.com You",
  ]);
});

const mailedTokenOf = (mailbox: string) =>
  /--token ([0-9a-f]+)$/.exec(system.inbox.mails().find(({ to }) => to === mailbox)?.body ?? "")?.[1];

test("who does not confirm within 48 hours is forgotten, and its token with it", async () => {
  await subscribe("new@example.com");
  const Token = mailedToken();
  await system.clock.advance(48 * 3_600_000 - 1);
  expect(await subscriptionArns()).toHaveLength(3);
  await system.clock.advance(1);
  expect(await subscriptionArns()).toHaveLength(2);
  await expect(system.sns.send(new ConfirmSubscriptionCommand({ TopicArn: TOPIC, Token }))).rejects.toThrow(
    "Invalid parameter: Token",
  );
  await subscribe("other@example.com");
  const gone = system.entries.filter(
    (entry) => entry.kind === "subscription" && entry.subscription === undefined,
  );
  expect(gone).toHaveLength(1);
});

test("subscribing again sends the mail again and begins the 48 hours anew", async () => {
  const first = await system.sns.send(
    new SubscribeCommand({
      TopicArn: TOPIC,
      Protocol: "email",
      Endpoint: "new@example.com",
      ReturnSubscriptionArn: true,
    }),
  );
  await system.clock.advance(40 * 3_600_000);
  await subscribe("new@example.com");
  expect(system.inbox.mails()).toHaveLength(2);
  await system.clock.advance(40 * 3_600_000);
  const confirmed = await system.sns.send(
    new ConfirmSubscriptionCommand({ TopicArn: TOPIC, Token: mailedToken() }),
  );
  expect(confirmed.SubscriptionArn).toBe(first.SubscriptionArn);
  expect((await subscribe("new@example.com")).SubscriptionArn).toBe(first.SubscriptionArn);
  expect(system.inbox.mails()).toHaveLength(2);
});

test("a function that is subscribed needs no confirmation and gets the message's attributes", async () => {
  const { SubscriptionArn } = await system.sns.send(
    new SubscribeCommand({ TopicArn: TOPIC, Protocol: "lambda", Endpoint: FUNCTION }),
  );
  const MessageAttributes = { level: { DataType: "Number", StringValue: "3" } };
  const Message = JSON.stringify({ default: "for all", lambda: "for functions" });
  await system.sns.send(
    new PublishCommand({ TopicArn: TOPIC, Message, MessageStructure: "json", MessageAttributes }),
  );
  expect(system.deliveries).toMatchObject([
    {
      functionArn: FUNCTION,
      event: {
        Records: [
          {
            EventSubscriptionArn: SubscriptionArn,
            Sns: { Message: "for functions", MessageAttributes: { level: { Type: "Number", Value: "3" } } },
          },
        ],
      },
    },
  ]);
});

test.each([
  [
    "test-protocol",
    "x",
    "Invalid parameter: Amazon SNS does not support this protocol string: test-protocol",
  ],
  ["email", "nobody", "Invalid parameter: Email address"],
  ["lambda", "breaker", "Invalid parameter: Lambda endpoint ARN"],
  ["lambda", `${FUNCTION}-none`, "no function runs here as"],
  ["sms", "+15550100", "the local runtime delivers nothing by sms"],
])("a subscription by %s of %s is refused", async (Protocol, Endpoint, message) => {
  const refused = system.sns.send(new SubscribeCommand({ TopicArn: TOPIC, Protocol, Endpoint }));
  await expect(refused).rejects.toMatchObject({ name: "InvalidParameterException" });
  await expect(refused).rejects.toThrow(message);
  expect(await subscriptionArns()).toHaveLength(2);
});

test.each([
  [
    { RawMessageDelivery: "wrongvalue" },
    "Invalid parameter: Attributes Reason: RawMessageDelivery: Invalid value [wrongvalue]. Must be true or false.",
  ],
  [
    { RawMessageDelivery: "true" },
    "Invalid parameter: Attributes Reason: Delivery protocol [email] does not support raw message delivery.",
  ],
  [
    { FilterPolicy: '{"key":[]}' },
    "Invalid parameter: Attributes Reason: FilterPolicy: Empty arrays are not allowed",
  ],
  [
    { FilterPolicy: '{"a":{"b":["x"]}}' },
    "Invalid parameter: Filter policy scope MessageAttributes does not support nested filter policy",
  ],
  [{ RedrivePolicy: "{}" }, "the local runtime keeps no RedrivePolicy"],
  [{ Bogus: "1" }, "Invalid parameter: Attributes Reason: AttributeName"],
])("a subscription with %j is refused", async (attributes, message) => {
  await expect(subscribe("new@example.com", attributes as Record<string, string>)).rejects.toThrow(message);
  expect(system.inbox.mails()).toEqual([]);
});

const SUBSCRIPTION = `${TOPIC}:1`;
const setAttribute = (AttributeName: string, AttributeValue: string, SubscriptionArn = SUBSCRIPTION) =>
  system.sns.send(new SetSubscriptionAttributesCommand({ SubscriptionArn, AttributeName, AttributeValue }));

test("a filter policy decides what is delivered, and is shown", async () => {
  await setAttribute("FilterPolicyScope", "MessageBody");
  await setAttribute("FilterPolicy", '{"severity":{"level":[{"numeric":[">=",3]}]}}');
  for (const level of [2, 3])
    await system.sns.send(
      new PublishCommand({ TopicArn: TOPIC, Message: JSON.stringify({ severity: { level } }) }),
    );
  expect(system.inbox.mails().map(({ body }) => body.split("\n")[0])).toEqual(['{"severity":{"level":3}}']);
  const shown = await system.sns.send(
    new GetSubscriptionAttributesCommand({ SubscriptionArn: SUBSCRIPTION }),
  );
  expect(shown.Attributes).toEqual({
    ConfirmationWasAuthenticated: "true",
    Endpoint: "on-call@example.com",
    FilterPolicy: '{"severity":{"level":[{"numeric":[">=",3]}]}}',
    FilterPolicyScope: "MessageBody",
    Owner: "123456789012",
    PendingConfirmation: "false",
    Protocol: "email",
    RawMessageDelivery: "false",
    SubscriptionArn: SUBSCRIPTION,
    SubscriptionPrincipal: "arn:aws:iam::123456789012:root",
    TopicArn: TOPIC,
  });
  await setAttribute("FilterPolicy", "");
  await system.sns.send(new PublishCommand({ TopicArn: TOPIC, Message: "all" }));
  expect(system.inbox.mails()).toHaveLength(2);
});

test.each([
  ["fake-attribute", "x", "Invalid parameter: AttributeName"],
  [
    "RawMessageDelivery",
    "test-ValUe",
    "Invalid parameter: RawMessageDelivery: Invalid value [test-ValUe]. Must be true or false.",
  ],
  ["FilterPolicy", "{invalid", "Invalid parameter: FilterPolicy: failed to parse JSON."],
  [
    "FilterPolicyScope",
    "RandomValue",
    "Invalid parameter: FilterPolicyScope: Invalid value [RandomValue]. Please use either MessageBody or MessageAttributes",
  ],
])("the attribute %s %s is refused", async (name, value, message) => {
  await expect(setAttribute(name, value)).rejects.toThrow(message);
});

test("a scope that does not fit the policy is refused", async () => {
  await setAttribute("FilterPolicyScope", "MessageBody");
  await setAttribute("FilterPolicy", '{"a":{"b":["x"]}}');
  await expect(setAttribute("FilterPolicyScope", "MessageAttributes")).rejects.toThrow(
    "Filter policy scope MessageAttributes does not support nested filter policy",
  );
});

test("subscribing with other attributes than the subscription has is refused", async () => {
  await expect(subscribe("on-call@example.com", { FilterPolicy: '{"a":["b"]}' })).rejects.toThrow(
    "Invalid parameter: Attributes Reason: Subscription already exists with different attributes",
  );
});

const NOBODY = `${TOPIC}:00000000-0000-0000-0000-000000000000`;

test("unsubscribing may be said twice, and stops the mails", async () => {
  await system.sns.send(new UnsubscribeCommand({ SubscriptionArn: SUBSCRIPTION }));
  await system.sns.send(new UnsubscribeCommand({ SubscriptionArn: NOBODY }));
  await system.sns.send(new PublishCommand({ TopicArn: TOPIC, Message: "x" }));
  expect(system.inbox.mails()).toEqual([]);
  await expect(setAttribute("FilterPolicy", "{}", NOBODY)).rejects.toThrow("Subscription does not exist");
});

// Recorded from AWS by LocalStack, tests/aws/services/sns/test_sns.snapshot.json, 6 October 2025.
test.each([
  ["randomstring", "Invalid parameter: SubscriptionArn Reason: An ARN must have at least 6 elements, not 1"],
  [
    "arn:aws:sns:us-east-1:random",
    "Invalid parameter: SubscriptionArn Reason: An ARN must have at least 6 elements, not 5",
  ],
  [`${TOPIC}:subid`, "Invalid parameter: SubscriptionId"],
  ["", "Invalid parameter: SubscriptionArn Reason: no value for required parameter"],
])("the subscription's ARN %j is refused", async (SubscriptionArn, message) => {
  await expect(system.sns.send(new UnsubscribeCommand({ SubscriptionArn }))).rejects.toThrow(message);
});

test.each([
  ["randomtoken", "Invalid token"],
  ["51b2ff3edb475b7d91550e0ab6edf0c1", "Invalid parameter: Token"],
])("the token %s confirms nothing", async (Token, message) => {
  await expect(system.sns.send(new ConfirmSubscriptionCommand({ TopicArn: TOPIC, Token }))).rejects.toThrow(
    message,
  );
});

test("messages of a batch are published each, and those that are refused keep no other back", async () => {
  const { Successful, Failed } = await system.sns.send(
    new PublishBatchCommand({
      TopicArn: TOPIC,
      PublishBatchRequestEntries: [
        { Id: "a", Message: "one", Subject: "First" },
        { Id: "b", Message: "" },
      ],
    }),
  );
  expect(Successful?.map(({ Id }) => Id)).toEqual(["a"]);
  expect(Failed).toEqual([
    { Id: "b", Code: "InvalidParameter", Message: "Invalid parameter: Empty message", SenderFault: true },
  ]);
  expect(system.inbox.mails().map(({ subject }) => subject)).toEqual(["First"]);
});

test("a batch of nothing is refused", async () => {
  const nothing = new PublishBatchCommand({ TopicArn: TOPIC, PublishBatchRequestEntries: [] });
  await expect(system.sns.send(nothing)).rejects.toThrow("doesn't contain any entries");
});
