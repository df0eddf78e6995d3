import { ListSubscriptionsByTopicCommand, ListTopicsCommand, PublishCommand } from "@aws-sdk/client-sns";
import { afterEach, beforeEach, expect, test } from "vitest";
import { startCloudWatch, TOPIC, type CloudWatchSystem } from "../../../support/cloudwatch-system.ts";

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
