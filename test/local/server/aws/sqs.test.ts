import { SetAlarmStateCommand, PutMetricAlarmCommand } from "@aws-sdk/client-cloudwatch";
import {
  CreateTopicCommand,
  PublishCommand,
  SetSubscriptionAttributesCommand,
  SubscribeCommand,
} from "@aws-sdk/client-sns";
import {
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListQueuesCommand,
  ListQueueTagsCommand,
  type Message,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  type ReceiveMessageCommandInput,
  SendMessageBatchCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  TagQueueCommand,
  UntagQueueCommand,
} from "@aws-sdk/client-sqs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { parseJournalEntry } from "../../../../local/journal/read-journal-entry.ts";
import { isStateEntry, JournalStates } from "../../../../local/journal/journal-states.ts";
import { MessageQueues } from "../../../../local/monitoring/message-queues.ts";
import { startCloudWatch, type CloudWatchSystem } from "../../../support/cloudwatch-system.ts";

const NOW = Date.UTC(2026, 10, 23, 12);
const ARN = "arn:aws:sqs:us-west-2:123456789012:heard";

let system: CloudWatchSystem;
let QueueUrl: string;

beforeEach(async () => {
  system = await startCloudWatch(NOW);
  QueueUrl = await made("heard");
});

afterEach(async () => {
  await system.stop();
  expect(system.bugs).toEqual([]);
});

async function made(QueueName: string, Attributes: Record<string, string> = {}): Promise<string> {
  const { QueueUrl: url = "" } = await system.sqs.send(new CreateQueueCommand({ QueueName, Attributes }));
  return url;
}

function send(MessageBody: string, url = QueueUrl) {
  return system.sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody }));
}

async function received(input: Partial<ReceiveMessageCommandInput> = {}): Promise<readonly Message[]> {
  const { Messages = [] } = await system.sqs.send(
    new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, ...input }),
  );
  return Messages;
}

async function counts(): Promise<readonly (string | undefined)[]> {
  const { Attributes = {} } = await system.sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["All"] }),
  );
  const { ApproximateNumberOfMessages, ApproximateNumberOfMessagesNotVisible } = Attributes;
  const { ApproximateNumberOfMessagesDelayed } = Attributes;
  return [
    ApproximateNumberOfMessages,
    ApproximateNumberOfMessagesNotVisible,
    ApproximateNumberOfMessagesDelayed,
  ];
}

/** Lets time go by until a call is answered. */
async function answered<T>(waiting: Promise<T>): Promise<T> {
  const answers: T[] = [];
  const done = waiting.then((answer) => answers.push(answer));
  while (answers.length === 0) {
    await system.clock.advance(100);
    await Promise.race([done, counts()]);
  }
  await done;
  return waiting;
}

const bodies = (messages: readonly Message[]) => messages.map(({ Body }) => Body);

describe("a queue", () => {
  test("has SQS's attributes, and keeps those that are set", async () => {
    await system.sqs.send(
      new SetQueueAttributesCommand({ QueueUrl, Attributes: { VisibilityTimeout: "5", DelaySeconds: "2" } }),
    );
    const { Attributes } = await system.sqs.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["All"] }),
    );
    expect(Attributes).toEqual({
      QueueArn: ARN,
      ApproximateNumberOfMessages: "0",
      ApproximateNumberOfMessagesNotVisible: "0",
      ApproximateNumberOfMessagesDelayed: "0",
      CreatedTimestamp: String(NOW / 1000),
      LastModifiedTimestamp: String(NOW / 1000),
      VisibilityTimeout: "5",
      DelaySeconds: "2",
      MaximumMessageSize: "1048576",
      MessageRetentionPeriod: "345600",
      ReceiveMessageWaitTimeSeconds: "0",
      SqsManagedSseEnabled: "true",
    });
  });

  test("is found by its name, in the Region of the call, and made once", async () => {
    expect(QueueUrl).toBe(`${system.url}123456789012/heard`);
    expect(await made("heard")).toBe(QueueUrl);
    const found = await system.sqs.send(new GetQueueUrlCommand({ QueueName: "heard" }));
    expect(found.QueueUrl).toBe(QueueUrl);
    await made("other");
    const { QueueUrls } = await system.sqs.send(new ListQueuesCommand({ QueueNamePrefix: "hea" }));
    expect(QueueUrls).toEqual([QueueUrl]);
  });

  test("has tags", async () => {
    await system.sqs.send(new TagQueueCommand({ QueueUrl, Tags: { team: "on-call", stage: "test" } }));
    await system.sqs.send(new UntagQueueCommand({ QueueUrl, TagKeys: ["stage"] }));
    const { Tags } = await system.sqs.send(new ListQueueTagsCommand({ QueueUrl }));
    expect(Tags).toEqual({ team: "on-call" });
  });

  test("that is deleted is gone with its messages, and its name rests for a minute", async () => {
    await send("lost");
    await system.sqs.send(new DeleteQueueCommand({ QueueUrl }));
    await expect(received()).rejects.toMatchObject({
      name: "QueueDoesNotExist",
      message: "The specified queue does not exist.",
    });
    await expect(made("heard")).rejects.toMatchObject({ name: "QueueDeletedRecently" });
    await system.clock.advance(60_000);
    expect(await made("heard")).toBe(QueueUrl);
    expect(await received()).toEqual([]);
  });
});

describe("a message", () => {
  test("is received with its attributes and digests, and deleted by its receipt", async () => {
    const sent = await system.sqs.send(
      new SendMessageCommand({
        QueueUrl,
        MessageBody: "msg",
        MessageAttributes: { Foo: { DataType: "String", StringValue: "Bar" } },
      }),
    );
    expect(sent.MD5OfMessageAttributes).toBe("ae7155c6026991b6d54b11589678bf9c");
    const [message] = await received({
      MessageAttributeNames: ["All"],
      MessageSystemAttributeNames: ["All"],
    });
    expect(message).toMatchObject({
      MessageId: sent.MessageId,
      Body: "msg",
      MD5OfBody: "6e2baaf3b97dbeef01c0043275f9a0e7",
      MD5OfMessageAttributes: "ae7155c6026991b6d54b11589678bf9c",
      MessageAttributes: { Foo: { DataType: "String", StringValue: "Bar" } },
      Attributes: { ApproximateReceiveCount: "1", SentTimestamp: String(NOW) },
    });
    await system.sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: message?.ReceiptHandle }));
    expect(await counts()).toEqual(["0", "0", "0"]);
  });

  test("that nobody deletes is received again when its visibility timeout is over", async () => {
    await send("again");
    expect(bodies(await received({ VisibilityTimeout: 10 }))).toEqual(["again"]);
    expect(await counts()).toEqual(["0", "1", "0"]);
    await system.clock.advance(9_900);
    expect(await received()).toEqual([]);
    await system.clock.advance(100);
    const [message] = await received({
      MessageSystemAttributeNames: ["ApproximateReceiveCount"],
      VisibilityTimeout: 10,
    });
    expect(message?.Attributes).toEqual({ ApproximateReceiveCount: "2" });
    const { ReceiptHandle } = message ?? {};
    await system.sqs.send(
      new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 0 }),
    );
    expect(bodies(await received())).toEqual(["again"]);
  });

  test("with a delay waits for its time", async () => {
    await system.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "late", DelaySeconds: 5 }));
    expect(await counts()).toEqual(["0", "0", "1"]);
    expect(await received()).toEqual([]);
    await system.clock.advance(5_000);
    expect(bodies(await received())).toEqual(["late"]);
  });

  test("comes to whoever waits for it", async () => {
    const waiting = received({ WaitTimeSeconds: 20 });
    await send("at last");
    // The call that waits may come behind this one.
    expect(bodies(await answered(waiting))).toEqual(["at last"]);
  });

  test("is not waited for longer than asked", async () => {
    const waiting = received({ WaitTimeSeconds: 1 });
    expect(await answered(waiting)).toEqual([]);
  });

  test("that is received too often goes to the dead-letter queue", async () => {
    const dead = await made("dead");
    const RedrivePolicy = JSON.stringify({
      deadLetterTargetArn: ARN.replace("heard", "dead"),
      maxReceiveCount: 2,
    });
    await system.sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { RedrivePolicy } }));
    await send("poison");
    for (const count of [1, 1, 0]) expect(await received({ VisibilityTimeout: 0 })).toHaveLength(count);
    expect(bodies(await received({ QueueUrl: dead }))).toEqual(["poison"]);
  });

  test("is forgotten when it is too old", async () => {
    await system.sqs.send(
      new SetQueueAttributesCommand({ QueueUrl, Attributes: { MessageRetentionPeriod: "60" } }),
    );
    await send("old");
    await system.clock.advance(60_000);
    expect(await counts()).toEqual(["0", "0", "0"]);
  });

  test("is one of a batch, of which those that are refused keep no other back", async () => {
    const { Successful = [], Failed = [] } = await system.sqs.send(
      new SendMessageBatchCommand({
        QueueUrl,
        Entries: [
          { Id: "a", MessageBody: "one" },
          { Id: "b", MessageBody: "two", DelaySeconds: 901 },
        ],
      }),
    );
    expect(Successful.map(({ Id }) => Id)).toEqual(["a"]);
    expect(Failed).toEqual([
      {
        Id: "b",
        SenderFault: true,
        Code: "InvalidParameterValue",
        Message:
          "Value 901 for parameter DelaySeconds is invalid. Reason: Must be >= 0 and <= 900, if provided.",
      },
    ]);
    const [one] = await received();
    const deleted = await system.sqs.send(
      new DeleteMessageBatchCommand({
        QueueUrl,
        Entries: [
          { Id: "x", ReceiptHandle: one?.ReceiptHandle },
          { Id: "y", ReceiptHandle: "none" },
        ],
      }),
    );
    expect(deleted.Successful).toEqual([{ Id: "x" }]);
    expect(deleted.Failed?.map(({ Id, Code }) => [Id, Code])).toEqual([["y", "ReceiptHandleIsInvalid"]]);
    expect(await counts()).toEqual(["0", "0", "0"]);
  });

  test("is purged with all others, once a minute", async () => {
    await send("one");
    await send("two");
    await system.sqs.send(new PurgeQueueCommand({ QueueUrl }));
    expect(await counts()).toEqual(["0", "0", "0"]);
    await expect(system.sqs.send(new PurgeQueueCommand({ QueueUrl }))).rejects.toMatchObject({
      name: "PurgeQueueInProgress",
      message: "Only one PurgeQueue operation on heard is allowed every 60 seconds.",
    });
  });
});

describe("a queue that hears of a topic", () => {
  let TopicArn: string;
  let SubscriptionArn: string;

  beforeEach(async () => {
    TopicArn = (await system.sns.send(new CreateTopicCommand({ Name: "page" }))).TopicArn ?? "";
    const subscribed = await system.sns.send(
      new SubscribeCommand({ TopicArn, Protocol: "sqs", Endpoint: ARN, ReturnSubscriptionArn: true }),
    );
    SubscriptionArn = subscribed.SubscriptionArn ?? "";
  });

  test("gets what an alarm publishes, in SNS's envelope", async () => {
    await system.client.send(
      new PutMetricAlarmCommand({
        AlarmName: "Busy",
        Namespace: "Shop",
        MetricName: "Orders",
        Statistic: "Sum",
        Period: 60,
        EvaluationPeriods: 1,
        Threshold: 5,
        ComparisonOperator: "GreaterThanThreshold",
        AlarmActions: [TopicArn],
      }),
    );
    await system.client.send(
      new SetAlarmStateCommand({ AlarmName: "Busy", StateValue: "ALARM", StateReason: "drill" }),
    );
    const [message, ...others] = await received();
    expect(others).toEqual([]);
    const envelope = JSON.parse(message?.Body ?? "") as Record<string, string>;
    expect(envelope).toMatchObject({
      Type: "Notification",
      TopicArn,
      Subject: 'ALARM: "Busy" in US West (Oregon)',
      Timestamp: "2026-11-23T12:00:00.000Z",
    });
    expect(JSON.parse(envelope.Message ?? "")).toMatchObject({
      AlarmName: "Busy",
      NewStateValue: "ALARM",
      NewStateReason: "drill",
      OldStateValue: "INSUFFICIENT_DATA",
    });
  });

  test("gets the message alone where that is wanted, with its attributes", async () => {
    const raw = { AttributeName: "RawMessageDelivery", AttributeValue: "true" };
    await system.sns.send(new SetSubscriptionAttributesCommand({ SubscriptionArn, ...raw }));
    await system.sns.send(
      new PublishCommand({
        TopicArn,
        Message: JSON.stringify({ default: "for all", sqs: "for queues" }),
        MessageStructure: "json",
        MessageAttributes: { kind: { DataType: "String", StringValue: "drill" } },
      }),
    );
    const [message] = await received({ MessageAttributeNames: ["All"] });
    expect(message).toMatchObject({
      Body: "for queues",
      MessageAttributes: { kind: { DataType: "String", StringValue: "drill" } },
    });
  });

  test("gets what its filter policy lets through", async () => {
    const policy = { AttributeName: "FilterPolicy", AttributeValue: '{"kind":["drill"]}' };
    await system.sns.send(new SetSubscriptionAttributesCommand({ SubscriptionArn, ...policy }));
    await system.sns.send(new PublishCommand({ TopicArn, Message: "other" }));
    const MessageAttributes = { kind: { DataType: "String", StringValue: "drill" } };
    await system.sns.send(new PublishCommand({ TopicArn, Message: "drill", MessageAttributes }));
    const messages = await received();
    expect(messages.map(({ Body = "" }) => (JSON.parse(Body) as { Message: string }).Message)).toEqual([
      "drill",
    ]);
  });
});

test("what is written down brings queues and messages back, and nothing of what was deleted", async () => {
  await made("other");
  await send("kept");
  await send("gone");
  const [, gone] = await received({ VisibilityTimeout: 0 });
  await system.sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: gone?.ReceiptHandle }));
  const states = new JournalStates();
  for (const entry of system.entries) {
    const read = parseJournalEntry(JSON.stringify(entry));
    expect(read).toEqual(entry);
    if (read !== undefined && isStateEntry(read)) states.add(read);
  }
  const restored = new MessageQueues([]);
  for (const entry of states.entries(NOW))
    if (entry.kind === "queue" || entry.kind === "queue-message") restored.apply(entry);
  expect(restored.list().map(({ queueArn }) => queueArn)).toEqual([ARN, ARN.replace("heard", "other")]);
  expect(restored.held(ARN).map(({ message }) => message.body)).toEqual(["kept"]);
});

test("AWS/SQS measures what goes in and out, and the depth by the minute", async () => {
  await received();
  await send("Hello");
  await system.clock.advance(60_000);
  await received({ VisibilityTimeout: 0 });
  const data = system.entries.flatMap((entry) => (entry.kind === "metrics" ? entry.data : []));
  const values = data.map(({ metricName, values, unit }) => [metricName, values, unit]);
  expect(values).toEqual(
    expect.arrayContaining([
      ["NumberOfEmptyReceives", [1], "Count"],
      ["NumberOfMessagesSent", [1], "Count"],
      ["SentMessageSize", [5], "Bytes"],
      ["NumberOfMessagesReceived", [1], "Count"],
      ["ApproximateNumberOfMessagesVisible", [1], "Count"],
      ["ApproximateAgeOfOldestMessage", [60], "Seconds"],
    ]),
  );
  expect(data.every(({ dimensions }) => dimensions.QueueName === "heard")).toBe(true);
});

describe("an older client's form", () => {
  async function form(fields: Record<string, string>): Promise<string> {
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    const body = new URLSearchParams({ Version: "2012-11-05", ...fields });
    return (await fetch(QueueUrl, { method: "POST", headers, body })).text();
  }

  test("sends, receives and asks in the query protocol", async () => {
    await form({
      Action: "SendMessage",
      QueueUrl,
      MessageBody: "a <b>",
      "MessageAttribute.1.Name": "Foo",
      "MessageAttribute.1.Value.DataType": "String",
      "MessageAttribute.1.Value.StringValue": "Bar",
    });
    const message = await form({
      Action: "ReceiveMessage",
      QueueUrl,
      "AttributeName.1": "SentTimestamp",
      "MessageAttributeName.1": "All",
      MaxNumberOfMessages: "1",
    });
    expect(message).toContain("<Body>a &lt;b&gt;</Body>");
    expect(message).toContain(`<Attribute><Name>SentTimestamp</Name><Value>${NOW}</Value></Attribute>`);
    expect(message).toContain(
      "<MessageAttribute><Name>Foo</Name><Value><StringValue>Bar</StringValue><DataType>String</DataType></Value></MessageAttribute>",
    );
    const attributes = await form({ Action: "GetQueueAttributes", QueueUrl, "AttributeName.1": "QueueArn" });
    expect(attributes).toContain(`<Attribute><Name>QueueArn</Name><Value>${ARN}</Value></Attribute>`);
    const tagged = { Action: "TagQueue", QueueUrl, "Tag.1.Key": "team", "Tag.1.Value": "on-call" };
    await form(tagged);
    expect(await form({ Action: "ListQueueTags", QueueUrl })).toContain(
      "<Tag><Key>team</Key><Value>on-call</Value></Tag>",
    );
  });

  test("is refused in its words", async () => {
    expect(await form({ Action: "GetQueueUrl", QueueName: "none" })).toContain(
      "<Code>AWS.SimpleQueueService.NonExistentQueue</Code><Message>The specified queue does not exist for this wsdl version.</Message>",
    );
  });
});
