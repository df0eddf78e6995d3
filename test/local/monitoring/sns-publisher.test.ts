import { describe, expect, test } from "vitest";

import type { Transition } from "@wrist-agent/cloudwatch/alarm";
import { alarmActionTarget, undeliveredTargets } from "../../../local/monitoring/alarm-actions.ts";
import { Inbox } from "../../../local/monitoring/sns-mail.ts";
import { subscriptionConfirmations, runAlarmActions } from "../../../local/monitoring/sns-publisher.ts";

const NOW = Date.UTC(2026, 10, 23, 9);
const TOPIC = "arn:aws:sns:eu-west-1:123456789012:page";

function subscription(endpoint: string, protocol = "email", topicArn = TOPIC) {
  return { subscriptionArn: `${topicArn}:${endpoint}`, topicArn, protocol, endpoint };
}

const BREAKER = "arn:aws:lambda:eu-west-1:123456789012:function:breaker";
const GONE = "arn:aws:lambda:eu-west-1:1:function:f";

const SUBSCRIBERS = {
  topics: [{ topicArn: TOPIC, displayName: "Wrist Agent production PAGE" }],
  subscriptions: [
    subscription("a@example.com"),
    subscription("b@example.com"),
    subscription("+15550100", "sms"),
    subscription("c@example.com", "email", `${TOPIC}-other`),
    subscription(BREAKER, "lambda"),
  ],
  runs: (arn: string) => arn === BREAKER,
  queueAt: () => undefined,
};

function transition(actions: readonly string[]): Transition {
  const status = {
    alarmName: "Broken",
    stateReason: "1 is over 0",
    stateUpdatedMs: NOW,
    stateTransitionedMs: NOW,
    configurationUpdatedMs: NOW,
  };
  return {
    alarm: { alarmName: "Broken", evaluationPeriods: 1, comparisonOperator: "GreaterThanThreshold" },
    previous: { ...status, state: "OK" },
    current: { ...status, state: "ALARM" },
    actions,
  };
}

const eventOf = () => ({ source: "aws.cloudwatch" });
const words = () => ({ subject: "S", defaultMessage: "{}", emailText: "Text of the mail.\n" });

describe("a transition's actions", () => {
  test("become one mail per e-mail subscription of the topic, with SNS's footer", () => {
    const office = { subscribers: SUBSCRIBERS, textOf: words, eventOf };
    const [outcome, ...others] = runAlarmActions(transition([TOPIC]), office, NOW);
    expect(others).toEqual([]);
    expect(outcome).toMatchObject({ actionArn: TOPIC, message: "{}" });
    expect(outcome).not.toHaveProperty("error");
    expect(outcome?.mails.map(({ to }) => to)).toEqual(["a@example.com", "b@example.com"]);
    expect(outcome?.mails[0]).toMatchObject({
      timeMs: NOW,
      from: "Wrist Agent production PAGE <no-reply@sns.amazonaws.com>",
      subject: "S",
      topicArn: TOPIC,
      alarmName: "Broken",
    });
    expect(outcome?.mails[0]?.body).toMatch(/^Text of the mail\.\n\n--\nIf you wish to stop/);
    expect(outcome?.mails[0]?.body).toContain("Endpoint=a%40example.com");
  });

  test("are mailed even when their text cannot be built, and the mail says so", () => {
    const textOf = () => {
      throw new Error("no such Region");
    };
    const [outcome] = runAlarmActions(
      transition([TOPIC]),
      { subscribers: SUBSCRIBERS, textOf, eventOf },
      NOW,
    );
    expect(outcome?.mails).toHaveLength(2);
    expect(outcome?.mails[0]).toMatchObject({ subject: 'ALARM: "Broken"' });
    expect(outcome?.mails[0]?.body).toContain("could not be built: no such Region");
    expect(outcome?.mails[0]?.body).toContain('Alarm "Broken" went from OK to ALARM.');
    expect(outcome?.mails[0]?.body).toContain("Reason: 1 is over 0");
  });

  test("that lead nowhere are failures with their reason", () => {
    const office = { subscribers: SUBSCRIBERS, textOf: words, eventOf };
    const [outcome] = runAlarmActions(transition([GONE]), office, NOW);
    expect(outcome).toMatchObject({ mails: [], deliveries: [] });
    expect(outcome?.error).toBe(`no function runs here as ${GONE}`);
  });

  test("invoke a function with CloudWatch's event, and write that down as the message", () => {
    const office = { subscribers: SUBSCRIBERS, textOf: words, eventOf };
    const [outcome] = runAlarmActions(transition([BREAKER]), office, NOW);
    expect(outcome).toEqual({
      actionArn: BREAKER,
      message: '{"source":"aws.cloudwatch"}',
      mails: [],
      deliveries: [{ functionArn: BREAKER, event: { source: "aws.cloudwatch" } }],
      queued: [],
    });
  });

  test("reach a function that is subscribed to the topic, as SNS's record", () => {
    const office = { subscribers: SUBSCRIBERS, textOf: words, eventOf };
    const [outcome] = runAlarmActions(transition([TOPIC]), office, NOW);
    const [delivery] = outcome?.deliveries ?? [];
    expect(delivery?.functionArn).toBe(BREAKER);
    expect(delivery?.event).toMatchObject({
      Records: [
        {
          EventSource: "aws:sns",
          EventSubscriptionArn: `${TOPIC}:${BREAKER}`,
          Sns: { TopicArn: TOPIC, Subject: "S", Message: "{}", Timestamp: "2026-11-23T09:00:00.000Z" },
        },
      ],
    });
  });
});

describe("a target that nobody hears", () => {
  test.each([
    [GONE, /^no function runs here as/],
    ["arn:aws:autoscaling:eu-west-1:1:scalingPolicy:p", /^Auto Scaling policies are not emulated/],
    ["arn:aws:automate:eu-west-1:ec2:reboot", /^EC2 actions are not emulated/],
    ["arn:aws:ssm:eu-west-1:1:opsitem:3", /^Systems Manager OpsItems are not emulated/],
    ["arn:aws:sns:eu-west-1:1:gone", /^no loaded stack has the topic/],
    ["nonsense", /^no loaded stack has the topic nonsense/],
  ])("%s is refused by name", (arn, reason) => {
    const target = alarmActionTarget(arn, SUBSCRIBERS);
    expect(target.kind === "refused" && target.reason).toMatch(reason);
  });

  test("is named once, however many alarms lead to it", () => {
    const gone = "arn:aws:sns:eu-west-1:1:gone";
    const subscriptions = [...SUBSCRIBERS.subscriptions, subscription(GONE, "lambda")];
    const alarm = { ...transition([]).alarm, alarmActions: [gone, TOPIC], okActions: [gone] };
    expect(undeliveredTargets([alarm, alarm], { ...SUBSCRIBERS, subscriptions })).toEqual([
      `no loaded stack has the topic ${gone}`,
      `subscriptions with protocol sms are not emulated: nothing of ${TOPIC} is delivered to it`,
      `no function runs here as ${GONE}: nothing of ${TOPIC} is delivered to it`,
    ]);
  });
});

test("each e-mail subscription is confirmed once, by a mail that says nobody has to", () => {
  const done = SUBSCRIBERS.subscriptions[0]?.subscriptionArn;
  const mails = subscriptionConfirmations(SUBSCRIBERS, (arn) => arn === done, NOW);
  expect(mails.map(({ mail }) => mail.to)).toEqual(["b@example.com", "c@example.com"]);
  expect(mails[0]?.mail.subject).toBe("AWS Notification - Subscription Confirmation");
  expect(mails[0]?.mail.body).toContain("has confirmed the subscription by itself");
});

test.each([
  [undefined, "AWS Notifications <no-reply@sns.amazonaws.com>"],
  ["checkout:prod ticket", '"checkout:prod ticket" <no-reply@sns.amazonaws.com>'],
])("a topic whose display name is %j sends as %s", (displayName, from) => {
  const topics = [{ topicArn: TOPIC, ...(displayName !== undefined && { displayName }) }];
  const [first] = subscriptionConfirmations({ ...SUBSCRIBERS, topics }, () => false, NOW);
  expect(first?.mail.from).toBe(from);
});

test("the inbox shows the newest first and keeps the latest thousand", () => {
  const inbox = new Inbox();
  const [first] = subscriptionConfirmations(
    { topics: [], subscriptions: [subscription("a@example.com")] },
    () => false,
    NOW,
  );
  if (first === undefined) throw new Error("one subscription, one mail");
  for (let i = 0; i < 1003; i++) inbox.deliver({ ...first.mail, id: String(i) });
  expect(inbox.mails()).toHaveLength(1000);
  expect(inbox.mails()[0]?.id).toBe("1002");
});
