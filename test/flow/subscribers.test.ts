import { rm } from "node:fs/promises";
import {
  ConfirmSubscriptionCommand,
  ListSubscriptionsCommand,
  SNSClient,
  UnsubscribeCommand,
} from "@aws-sdk/client-sns";
import {
  DeleteParameterCommand,
  GetParameterCommand,
  PutParameterCommand,
  SSMClient,
} from "@aws-sdk/client-ssm";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { AskOperator } from "../../bin/cli/terminal.ts";
import { subscribersCommand } from "../../bin/commands/subscribers.ts";
import { builtProduction } from "../support/built-assembly.ts";
import { type AwsFault, denied, THROTTLED } from "../support/faulty-aws.ts";
import { operated, type Operated, OperatedStage } from "../support/operated-stage.ts";
import { localAws } from "../support/scripted-runtime.ts";
import { signInTo, StageBehindAws } from "../support/stage-behind-aws.ts";

const ON_CALL = "on-call@example.com";
const ANN = "ann@example.com";
const TOPICS = ["owner", "page", "ticket"].map((name) => `wrist-agent-production-${name}`);
/** Her subscription in SNS's XML. */
const MEMBER_OF_ANN = /<member>(?:(?!<\/member>).)*<Endpoint>ann@example\.com<\/Endpoint>.*?<\/member>/gs;
const SETTINGS = ["application", "monitoring"].map((name) => `/wrist-agent/production/settings/${name}`);

let directory: string;
let stage: OperatedStage;
let behind: StageBehindAws;
let sns: SNSClient;
let ssm: SSMClient;

beforeAll(async () => {
  // Without the probe, which would ask every minute of two days.
  directory = await builtProduction({ probeMinutes: "0" });
});

afterAll(() => rm(directory, { recursive: true }));

/** Every test of a group changes who is subscribed, and has a stage of its own. */
function withStage(): void {
  beforeEach(async () => {
    stage = await OperatedStage.start(directory, Date.parse("2026-11-23T20:00:00Z"));
    behind = await StageBehindAws.before(stage);
    sns = new SNSClient(localAws(stage.system));
    ssm = new SSMClient(localAws(stage.system));
  });

  afterEach(async () => {
    sns.destroy();
    ssm.destroy();
    await behind.stop();
    await stage.stop();
  });
}

function subscribers(...words: readonly string[]): Promise<Operated> {
  return operated((terminal) => subscribersCommand(terminal, undefined), [...words, "--data", behind.data]);
}

/** What the table says of an address, by topic. */
function statesOf({ out }: Operated, address: string): Readonly<Record<string, string>> {
  const rows = out.filter((text) => text.includes(` ${address} `) && text.startsWith("wrist-agent-"));
  return Object.fromEntries(
    rows.map((text) => {
      const [topic = "", , ...rest] = text.split(/ {2,}/);
      return [topic, rest.slice(0, 2).join(", ")];
    }),
  );
}

const everywhere = (words: string): Readonly<Record<string, string>> =>
  Object.fromEntries([...TOPICS, "wrist-agent-billing"].map((topic) => [topic, words]));

async function settings(): Promise<readonly unknown[]> {
  return Promise.all(
    SETTINGS.map(async (Name) => {
      const { Parameter } = await ssm.send(new GetParameterCommand({ Name }));
      return (JSON.parse(Parameter?.Value ?? "{}") as { readonly alarmEmail?: unknown }).alarmEmail;
    }),
  );
}

/** Confirms as whoever follows the newest mail of each topic does, in the Region of the topic. */
async function confirmAll(address: string): Promise<void> {
  const tokens = stage.system
    .mails()
    .filter(({ to }) => to === address)
    .flatMap(({ topicArn, body }) => {
      const [, Token] = /--token ([0-9a-f]+)/.exec(body) ?? [];
      return Token === undefined ? [] : [{ TopicArn: topicArn, Token }];
    });
  // Newest first: the one before is worth nothing any more.
  const newest = new Map(tokens.toReversed().map((input) => [input.TopicArn, input]));
  for (const input of newest.values()) {
    const region = input.TopicArn.split(":")[3] ?? "";
    const client = new SNSClient(localAws(stage.system, region));
    await client.send(new ConfirmSubscriptionCommand(input));
    client.destroy();
  }
}

describe("subscribers", () => {
  withStage();

  test("lists who gets which mails, and what the settings say of them", async () => {
    const listed = await subscribers();
    expect(listed.code).toBe(0);
    expect(statesOf(listed, ON_CALL)).toEqual(everywhere("confirmed, yes"));
    const { out } = await subscribers("list", "--json");
    expect(JSON.parse(out.join("\n"))).toMatchObject({ stage: "production", settings: [ON_CALL], drift: [] });
  });

  test("add asks for a confirmation on every topic and has later deploys know the address", async () => {
    const added = await subscribers("add", ANN);
    expect(added.code).toBe(0);
    expect(added.out[0]).toBe(
      `${ANN} is asked to confirm 4 mails, "AWS Notification - Subscription Confirmation", within two days`,
    );
    expect(added.out[1]).toBe(
      `later deploys subscribe ${ON_CALL} and ${ANN}; the budget's mails follow with the next deploy`,
    );
    expect(statesOf(added, ANN)).toEqual(everywhere("not confirmed, yes"));
    expect(await settings()).toEqual([`${ON_CALL},${ANN}`, `${ON_CALL},${ANN}`]);
    expect(stage.system.mails().filter(({ to }) => to === ANN)).toHaveLength(4);
    await confirmAll(ANN);
    expect(statesOf(await subscribers(), ANN)).toEqual(everywhere("confirmed, yes"));
    const again = await subscribers("add", ANN);
    expect(again.out[0]).toBe(`${ANN} is subscribed to every topic already`);
  });

  test("resend makes again what nobody confirmed within two days", async () => {
    await subscribers("add", ANN);
    // What SNS answers after two days.
    behind.fault((operation) =>
      operation === "ListSubscriptionsByTopic"
        ? { kind: "rewritten", by: (text) => text.replaceAll(MEMBER_OF_ANN, "") }
        : undefined,
    );
    const expired = await subscribers();
    expect(statesOf(expired, ANN)).toEqual(everywhere("gone, yes"));
    expect(expired.out.at(-1)).toBe(
      `${ANN} is in the settings and does not get the mails of wrist-agent-production-owner, wrist-agent-production-page, wrist-agent-production-ticket and wrist-agent-billing: subscribers resend`,
    );
    behind.fault();
    const resent = await subscribers("resend");
    expect(resent.out[0]).toBe(`${ANN}: 4 mails ask for a confirmation, within two days`);
    expect(statesOf(resent, ANN)).toEqual(everywhere("not confirmed, yes"));
    await confirmAll(ANN);
    expect((await subscribers("resend")).out[0]).toBe("everybody has confirmed: nothing was sent");
  });

  test("resend makes again what a link of a mail has unsubscribed, for one address alone", async () => {
    await subscribers("add", ANN);
    await confirmAll(ANN);
    const { Subscriptions = [] } = await sns.send(new ListSubscriptionsCommand({}));
    const arn = Subscriptions.find(
      ({ Endpoint, TopicArn = "" }) => Endpoint === ON_CALL && TopicArn.endsWith("-page"),
    );
    await sns.send(new UnsubscribeCommand({ SubscriptionArn: arn?.SubscriptionArn }));
    expect((await subscribers("resend", ANN)).out[0]).toBe("everybody has confirmed: nothing was sent");
    const resent = await subscribers("resend", ON_CALL);
    expect(resent.out[0]).toBe(`${ON_CALL}: 1 mails ask for a confirmation, within two days`);
    expect(statesOf(resent, ON_CALL)).toMatchObject({ "wrist-agent-production-page": "not confirmed, yes" });
  });

  test("remove unsubscribes everywhere and has later deploys forget the address", async () => {
    await subscribers("add", ANN);
    await confirmAll(ANN);
    const removed = await subscribers("remove", ON_CALL);
    expect(removed.out.slice(0, 2)).toEqual([
      `${ON_CALL} is unsubscribed from 4 topics`,
      `later deploys subscribe ${ANN}; the budget's mails follow with the next deploy`,
    ]);
    expect(statesOf(removed, ON_CALL)).toEqual({});
    expect(await settings()).toEqual([ANN, ANN]);
  });

  test("remove says that SNS forgets by itself what was never confirmed", async () => {
    await subscribers("add", ANN);
    const { out } = await subscribers("remove", ANN);
    expect(out[1]).toBe(
      "on 4 topics it has not confirmed: SNS forgets that by itself two days after it was asked",
    );
    expect(out.at(-1)).toContain(`${ANN} gets mails of 4 of 4 topics and is in no setting`);
  });

  test("remove refuses the last one that has confirmed, and whoever gets no mail", async () => {
    const last = await subscribers("remove", ON_CALL);
    expect([last.code, last.err[0]]).toEqual([
      1,
      expect.stringContaining("the stage's alarms would reach nobody"),
    ]);
    const nobody = await subscribers("remove", ANN);
    expect([nobody.code, nobody.err[0]]).toEqual([
      1,
      expect.stringContaining(`${ANN} gets no mail of this stage`),
    ]);
    expect((await subscribers("resend", ANN)).err[0]).toContain(`${ANN} was never subscribed`);
  });

  test("says so where somebody is subscribed whom no setting knows, and where settings are in no parameter", async () => {
    for (const Name of SETTINGS) await ssm.send(new DeleteParameterCommand({ Name }));
    const { out } = await subscribers("add", ANN);
    expect(out[1]).toBe(
      `the stage's settings are in no parameter yet, so the next deploy does not know it: give it once with npm run deploy -- --stage production -c alarmEmail=${ON_CALL},${ANN}`,
    );
    expect(out.at(-1)).toBe(
      `${ANN} gets mails of 4 of 4 topics and is in no setting: subscribers add ${ANN}, or subscribers remove ${ANN}`,
    );
  });

  test("a deploy that was given another address meanwhile is seen", async () => {
    for (const Name of SETTINGS)
      await ssm.send(new PutParameterCommand({ Name, Value: `{"alarmEmail":"${ANN}"}`, Overwrite: true }));
    const listed = await subscribers();
    expect(statesOf(listed, ANN)).toEqual(everywhere("gone, yes"));
    expect(statesOf(listed, ON_CALL)).toEqual(everywhere("confirmed, no"));
  });
});

describe("subscribers where AWS refuses", () => {
  withStage();

  test.each<[string, AwsFault, string]>([
    [
      "Subscribe",
      denied("sns:Subscribe", "*"),
      "these credentials lack sns:Subscribe on arn:aws:sns:us-west-2:123456789012:",
    ],
    ["Subscribe", THROTTLED, "AWS takes no more questions for a moment"],
    ["Subscribe", { kind: "cut" }, "the connection broke before the answer was complete"],
    [
      "PutParameter",
      denied("ssm:PutParameter", "*"),
      "the subscriptions are changed, the settings are not: run it again",
    ],
  ])("%s: %j says how far it came, and again it is finished", async (operation, fault, words) => {
    let calls = 0;
    behind.fault((asked) => {
      if (asked === "Subscribe") calls += 1;
      return asked === operation && (operation !== "Subscribe" || calls > 1) ? fault : undefined;
    });
    const { code, err } = await subscribers("add", ANN);
    expect(code).toBe(1);
    expect(err.join("\n")).toContain(words);
    if (operation === "Subscribe")
      expect(err.join("\n")).toMatch(
        /subscribed to wrist-agent-\S+ before, and the settings are as they were: run it again/,
      );
    behind.fault();
    const again = await subscribers("add", ANN);
    expect(again.code).toBe(0);
    expect(statesOf(again, ANN)).toEqual(everywhere("not confirmed, yes"));
    expect(await settings()).toEqual([`${ON_CALL},${ANN}`, `${ON_CALL},${ANN}`]);
  });

  test("a deployed stage is changed after a question alone", async () => {
    const questions: string[] = [];
    const ask: AskOperator = (question) => {
      questions.push(question);
      return Promise.resolve("n");
    };
    signInTo(behind.aws.url);
    const { code, err } = await operated(
      (terminal) => subscribersCommand(terminal, ask),
      ["add", ANN, "--aws", "--stage", "production", "--data", behind.data],
    );
    expect(questions).toEqual([
      `production in AWS: subscribe ${ANN} to 4 topics, and have later deploys know it? (y/n) `,
    ]);
    expect([code, err[0]]).toEqual([1, "error: nothing was changed"]);
    expect(behind.aws.asked).not.toContain("Subscribe");
  });
});

test.each(["nobody", "a@b", "a@example.com,b@example.com"])("%s is no address", async (text) => {
  const { code, err } = await operated(
    (terminal) => subscribersCommand(terminal, undefined),
    ["add", text, "--data", directory],
  );
  expect([code, err.join()]).toEqual([2, expect.stringContaining("give one mail address")]);
});
