import {
  CloudFormationClient,
  CreateChangeSetCommand,
  DeleteStackCommand,
  DescribeStackEventsCommand,
  DescribeStacksCommand,
  ExecuteChangeSetCommand,
} from "@aws-sdk/client-cloudformation";
import { CloudWatchLogsClient, DescribeLogGroupsCommand } from "@aws-sdk/client-cloudwatch-logs";
import {
  CreateTopicCommand,
  ListSubscriptionsByTopicCommand,
  SNSClient,
  SubscribeCommand,
} from "@aws-sdk/client-sns";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hasMoto, type Moto, startMoto } from "./moto.ts";

type Resources = Readonly<Record<string, object>>;

const CONFIG = { region: "us-west-2", credentials: { accessKeyId: "testing", secretAccessKey: "testing" } };

let moto: Moto;
let cloudFormation: CloudFormationClient;
let changes = 0;

function logGroup(name: string, DeletionPolicy: "Retain" | "RetainExceptOnCreate" = "RetainExceptOnCreate") {
  return { Type: "AWS::Logs::LogGroup", DeletionPolicy, Properties: { LogGroupName: name } };
}

function topic(name: string, ...DependsOn: readonly string[]) {
  return { Type: "AWS::SNS::Topic", DependsOn, Properties: { TopicName: name } };
}

interface Change {
  readonly stack: string;
  readonly type: "CREATE" | "UPDATE";
  readonly imports?: "existing";
}

/** Makes a stack or changes it, and gives its status with the newest failure. */
async function deploy({ stack, type, imports }: Change, resources: Resources): Promise<string> {
  changes += 1;
  const ChangeSetName = `change-${changes}`;
  const TemplateBody = JSON.stringify({ Resources: resources });
  const set = { StackName: stack, ChangeSetName, ChangeSetType: type, TemplateBody };
  await cloudFormation.send(
    new CreateChangeSetCommand({ ...set, ...(imports && { ImportExistingResources: true }) }),
  );
  const before = await failures(stack);
  await cloudFormation.send(new ExecuteChangeSetCommand({ StackName: stack, ChangeSetName }));
  const { Stacks: [found] = [] } = await cloudFormation.send(new DescribeStacksCommand({ StackName: stack }));
  const after = (await failures(stack)).filter((reason) => !before.includes(reason));
  return [found?.StackStatus, ...after].join(": ");
}

async function failures(StackName: string): Promise<readonly string[]> {
  const { StackEvents = [] } = await cloudFormation.send(new DescribeStackEventsCommand({ StackName }));
  return StackEvents.filter(({ ResourceStatus = "" }) => ResourceStatus.endsWith("_FAILED")).map(
    ({ ResourceStatusReason = "" }) => ResourceStatusReason,
  );
}

async function logGroups(): Promise<readonly string[]> {
  const client = new CloudWatchLogsClient({ ...CONFIG, endpoint: moto.endpoint });
  const { logGroups: found = [] } = await client.send(new DescribeLogGroupsCommand({}));
  return found.map(({ logGroupName = "" }) => logGroupName).sort();
}

describe.skipIf(!hasMoto())("what account_life.py adds to moto", () => {
  beforeAll(async () => {
    moto = await startMoto([]);
    cloudFormation = new CloudFormationClient({ ...CONFIG, endpoint: moto.endpoint });
  });
  afterAll(() => moto.stop());

  test("a creation that fails leaves nothing but what is kept whatever happens, which is in the next one's way", async () => {
    const resources = { A: logGroup("a"), Kept: logGroup("kept", "Retain"), Bad: topic("t", "A", "Kept") };
    await moto.order({ fail: [{ resource: "Bad", reason: "ordered" }] });
    const created = { stack: "one", type: "CREATE" } as const;
    expect(await deploy(created, resources)).toBe("ROLLBACK_COMPLETE: ordered");
    expect(await logGroups()).toEqual(["kept"]);
    await cloudFormation.send(new DeleteStackCommand({ StackName: "one" }));
    expect(await deploy(created, resources)).toMatch(
      /^ROLLBACK_COMPLETE: Resource of type 'AWS::Logs::LogGroup' with identifier .*kept.* already exists\.$/,
    );
    await cloudFormation.send(new DeleteStackCommand({ StackName: "one" }));
    expect(await deploy({ ...created, imports: "existing" }, resources)).toBe("CREATE_COMPLETE");
  });

  test("an update that fails is taken back; a part that goes leaves its log group, and takes it over again", async () => {
    const [stack, imports] = ["two", "existing"] as const;
    const base = { Own: logGroup("own") };
    const more = { ...base, Part: logGroup("part"), New: topic("new", "Part") };
    expect(await deploy({ stack, type: "CREATE" }, base)).toBe("CREATE_COMPLETE");
    await moto.order({ fail: [{ resource: "New", reason: "the hook refused it" }] });
    expect(await deploy({ stack, type: "UPDATE", imports }, more)).toBe(
      "UPDATE_ROLLBACK_COMPLETE: the hook refused it",
    );
    expect(await logGroups()).not.toContain("part");
    expect(await deploy({ stack, type: "UPDATE", imports }, more)).toBe("UPDATE_COMPLETE");
    expect(await deploy({ stack, type: "UPDATE", imports }, base)).toBe("UPDATE_COMPLETE");
    expect(await logGroups()).toContain("part");
    expect(await deploy({ stack, type: "UPDATE" }, more)).toMatch(
      /^UPDATE_ROLLBACK_COMPLETE: .*already exists/,
    );
    expect(await deploy({ stack, type: "UPDATE", imports }, more)).toBe("UPDATE_COMPLETE");
    await cloudFormation.send(new DeleteStackCommand({ StackName: stack }));
    expect(await logGroups()).toEqual(expect.arrayContaining(["own", "part"]));
  });

  test("a subscription is pending until it is confirmed, gone after 48 hours, and gone when its link is followed", async () => {
    const sns = new SNSClient({ ...CONFIG, endpoint: moto.endpoint });
    const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: "mails" }));
    const subscribe = (Endpoint: string) =>
      sns.send(new SubscribeCommand({ TopicArn, Protocol: "email", Endpoint }));
    const states = async () => {
      const { Subscriptions = [] } = await sns.send(new ListSubscriptionsByTopicCommand({ TopicArn }));
      return Subscriptions.map(
        ({ Endpoint = "", SubscriptionArn = "" }) =>
          `${Endpoint} ${SubscriptionArn.startsWith("arn:") ? "confirmed" : SubscriptionArn}`,
      ).sort();
    };
    await subscribe("a@example.com");
    await subscribe("b@example.com");
    await moto.order({ confirm: "a@example.com" });
    expect(await states()).toEqual(["a@example.com confirmed", "b@example.com PendingConfirmation"]);
    await moto.order({ hours: 48 });
    expect(await states()).toHaveLength(2);
    await moto.order({ hours: 1 });
    expect(await states()).toEqual(["a@example.com confirmed"]);
    await moto.order({ unsubscribe: "a@example.com" });
    expect(await states()).toEqual([]);
  });

  test("a Region that is lost answers nothing but errors, the others go on", async () => {
    await moto.order({ darkRegions: ["us-west-2"] });
    await expect(logGroups()).rejects.toMatchObject({ $metadata: { httpStatusCode: 503 } });
    const elsewhere = new SNSClient({ ...CONFIG, region: "eu-west-1", endpoint: moto.endpoint });
    await expect(elsewhere.send(new CreateTopicCommand({ Name: "there" }))).resolves.toBeDefined();
    await moto.order({ darkRegions: [] });
    await expect(logGroups()).resolves.toBeDefined();
  });
});
