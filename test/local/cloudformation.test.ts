import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CloudFormationClient,
  DeleteStackCommand,
  DescribeStackResourcesCommand,
  DescribeStacksCommand,
  GetTemplateCommand,
  ListExportsCommand,
  ListStackResourcesCommand,
  ListStacksCommand,
} from "@aws-sdk/client-cloudformation";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ManualClock } from "@wrist-agent/cloudwatch/clock";
import type { Runtime } from "../../local/runtime.ts";
import { localAws, startScriptedRuntime } from "../support/scripted-runtime.ts";
import { TINY_ASSEMBLY } from "../support/grown-assembly.ts";

const START_MS = Date.UTC(2026, 10, 23, 9);
const MINUTE = 60_000;

let directory: string;
let assembly: string;
let clock: ManualClock;
let runtime: Runtime | undefined;
let clients: CloudFormationClient[];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "cloudformation-"));
  assembly = join(directory, "cdk.out");
  await cp(TINY_ASSEMBLY, assembly, { recursive: true });
  clock = new ManualClock(START_MS);
  clients = [];
});
afterEach(async () => {
  clients.forEach((client) => client.destroy());
  await runtime?.stop();
  await rm(directory, { recursive: true });
});

async function start(): Promise<CloudFormationClient> {
  await runtime?.stop();
  runtime = await startScriptedRuntime({
    assemblyDirectory: assembly,
    dataDirectory: join(directory, "data"),
    clock,
  });
  return clientIn("eu-west-1");
}

function clientIn(region: string): CloudFormationClient {
  if (runtime === undefined) throw new Error("nothing was started");
  const client = new CloudFormationClient(localAws(runtime, region));
  clients.push(client);
  return client;
}

async function editTemplate(change: (template: Record<string, unknown>) => void): Promise<void> {
  const file = join(assembly, "Tiny.template.json");
  const template = JSON.parse(await readFile(file, "utf8")) as Record<string, unknown>;
  change(template);
  await writeFile(file, JSON.stringify(template));
}

async function described(client: CloudFormationClient, StackName = "Tiny") {
  const { Stacks } = await client.send(new DescribeStacksCommand({ StackName }));
  return Stacks?.[0];
}

describe("CloudFormation of the running system", () => {
  test("describes a stack with its outputs, of which the Function URL is the one that is served", async () => {
    await editTemplate((template) => {
      template.Description = "A tiny agent";
      template.Outputs = {
        Url: {
          Value: { "Fn::GetAtt": ["Url", "FunctionUrl"] },
          Description: "For the Shortcut",
          Export: { Name: "TinyUrl" },
        },
        Never: { Value: "x", Condition: "No" },
        Own: { Value: { Ref: "AWS::StackId" } },
      };
      template.Conditions = { No: { "Fn::Equals": ["a", "b"] } };
    });
    const client = await start();
    const stack = await described(client);
    expect(stack).toMatchObject({
      StackName: "Tiny",
      StackStatus: "CREATE_COMPLETE",
      Description: "A tiny agent",
      CreationTime: new Date(START_MS),
      Outputs: [
        {
          OutputKey: "Url",
          OutputValue: runtime?.addresses.functionUrl,
          Description: "For the Shortcut",
          ExportName: "TinyUrl",
        },
        { OutputKey: "Own", OutputValue: stack?.StackId },
      ],
    });
    expect(stack?.LastUpdatedTime).toBeUndefined();
    expect(await described(client, stack?.StackId)).toMatchObject({ StackName: "Tiny" });
    const { Exports } = await client.send(new ListExportsCommand({}));
    expect(Exports?.map(({ Name, Value }) => [Name, Value])).toEqual([
      ["TinyUrl", runtime?.addresses.functionUrl],
    ]);
  });

  test("lists the stacks of the Region of the call alone", async () => {
    const client = await start();
    const { Stacks } = await client.send(new DescribeStacksCommand({}));
    expect(Stacks?.map(({ StackName }) => StackName)).toEqual(["Tiny", "TinyMonitoring"]);
    const { StackSummaries } = await client.send(
      new ListStacksCommand({ StackStatusFilter: ["UPDATE_COMPLETE"] }),
    );
    expect(StackSummaries).toEqual([]);
    expect((await clientIn("us-east-1").send(new DescribeStacksCommand({}))).Stacks).toEqual([]);
  });

  test("lists every resource with the name that it has elsewhere, and gives the template as it is", async () => {
    const client = await start();
    const { StackResourceSummaries = [] } = await client.send(
      new ListStackResourcesCommand({ StackName: "TinyMonitoring" }),
    );
    const alarms = StackResourceSummaries.filter(
      ({ ResourceType }) => ResourceType === "AWS::CloudWatch::Alarm",
    );
    expect(alarms.map(({ PhysicalResourceId }) => PhysicalResourceId)).toEqual([
      "tiny-failing",
      "tiny-promql",
      "tiny-misspelt",
    ]);
    const { StackResources } = await client.send(
      new DescribeStackResourcesCommand({ PhysicalResourceId: "tiny-failing" }),
    );
    expect(StackResources).toHaveLength(StackResourceSummaries.length);
    const { TemplateBody } = await client.send(new GetTemplateCommand({ StackName: "Tiny" }));
    expect(TemplateBody).toBe(await readFile(join(assembly, "Tiny.template.json"), "utf8"));
  });

  test("a start with another template is an update of that stack alone, and one with the same is none", async () => {
    await start();
    await clock.advance(5 * MINUTE);
    expect((await described(await start()))?.LastUpdatedTime).toBeUndefined();
    await editTemplate((template) => (template.Description = "other"));
    await clock.advance(5 * MINUTE);
    const client = await start();
    expect(await described(client)).toMatchObject({
      StackStatus: "UPDATE_COMPLETE",
      CreationTime: new Date(START_MS),
      LastUpdatedTime: new Date(START_MS + 10 * MINUTE),
    });
    expect((await described(client, "TinyMonitoring"))?.StackStatus).toBe("CREATE_COMPLETE");
  });

  test.each([
    ["DescribeStacks", new DescribeStacksCommand({ StackName: "Nobodys" })],
    ["ListStackResources", new ListStackResourcesCommand({ StackName: "Nobodys" })],
    ["GetTemplate", new GetTemplateCommand({ StackName: "Nobodys" })],
  ])("%s refuses a stack that is not there in CloudFormation's words", async (_operation, command) => {
    const client = await start();
    await expect(client.send(command as DescribeStacksCommand)).rejects.toMatchObject({
      name: "ValidationError",
      message: "Stack with id Nobodys does not exist",
    });
  });

  test("what would change a stack is refused by name", async () => {
    const client = await start();
    await expect(client.send(new DeleteStackCommand({ StackName: "Tiny" }))).rejects.toThrow(
      /does not emulate DeleteStack/,
    );
  });

  test("times that cannot be read start over", async () => {
    await start();
    await runtime?.stop();
    await writeFile(join(directory, "data", "development", "stacks.json"), '{"x":');
    await clock.advance(MINUTE);
    expect((await described(await start()))?.CreationTime).toEqual(new Date(START_MS + MINUTE));
  });
});
