import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadAssembly } from "cw-alarm-test/cloud-assembly";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { emulatedOf, notEmulatedNotice } from "../../../local/assembly/emulated.ts";
import { TINY_ASSEMBLY } from "../../support/grown-assembly.ts";

describe("a synthesised assembly", () => {
  test("runs its function with the alias, asset and log group of the template", async () => {
    const { functions, urls } = emulatedOf(await loadAssembly(TINY_ASSEMBLY));
    const functionArn = "arn:aws:lambda:eu-west-1:123456789012:function:tiny";
    expect(functions).toEqual([
      {
        functionArn,
        architecture: "x86_64",
        description: "",
        settings: {
          roleArn: expect.stringMatching(/^arn:aws:iam::123456789012:role\//) as string,
          ephemeralStorageMb: 512,
          tracingMode: "PassThrough",
          tags: {},
        },
        definition: {
          functionName: "tiny",
          qualifier: "$LATEST",
          version: "$LATEST",
          runtime: "nodejs24.x",
          handler: "index.handler",
          codeDirectory: join(TINY_ASSEMBLY, "asset.tiny"),
          memoryMb: 128,
          timeoutSeconds: 5,
          environment: { CLIENT_TOKEN_PARAM_NAME: "/tiny/token" },
          logGroupName: "/aws/lambda/tiny",
          logFormat: "JSON",
          region: "eu-west-1",
          accountId: "123456789012",
        },
        versions: { $LATEST: "$LATEST", 1: "1", live: "1" },
      },
    ]);
    expect(urls).toEqual([
      {
        functionArn,
        qualifier: "live",
        url: expect.stringMatching(/^https:.*lambda-url\.eu-west-1\.on\.aws\/$/) as string,
        cors: { AllowOrigins: ["*"], AllowMethods: ["POST"], MaxAge: 60 },
      },
    ]);
  });

  test("has its log groups, with how long they keep their lines", async () => {
    const { logGroups } = emulatedOf(await loadAssembly(TINY_ASSEMBLY));
    expect(logGroups).toEqual([
      { region: "eu-west-1", logGroupName: "/aws/lambda/tiny", retentionInDays: 30 },
    ]);
  });

  test("has its alarms, dashboards, topics and subscriptions", async () => {
    const { alarms, dashboards, topics, subscriptions } = emulatedOf(await loadAssembly(TINY_ASSEMBLY));
    expect(alarms).toMatchObject([
      {
        stackName: "TinyMonitoring",
        definition: { alarmName: "tiny-failing", dimensions: { service: "tiny" } },
      },
      { definition: { alarmName: "tiny-misspelt" } },
    ]);
    expect(dashboards.map(({ name }) => name)).toEqual(["tiny"]);
    expect(dashboards[0]?.body).toContain('"region":"eu-west-1"');
    const topicArn = "arn:aws:sns:eu-west-1:123456789012:tiny-alarms";
    expect(topics).toEqual([{ topicArn }]);
    expect(subscriptions).toMatchObject([
      { topicArn, protocol: "email", endpoint: "on-call@example.com" },
      { topicArn, protocol: "sms", endpoint: "+15550100" },
    ]);
  });

  test("names everything that does nothing here", async () => {
    const { notices } = emulatedOf(await loadAssembly(TINY_ASSEMBLY));
    expect(notices).toEqual([
      "nested assembly Elsewhere is not read: its stacks do nothing here",
      expect.stringMatching(/Resources\.Prometheus does nothing here: .* is a PromQL alarm/),
    ]);
  });

  test("has a queue as SQS knows it", async () => {
    const { queues } = emulatedOf(await loadAssembly(TINY_ASSEMBLY));
    expect(queues).toEqual([
      { queueArn: expect.stringMatching(/^arn:aws:sqs:[^:]+:\d+:.+$/) as string, attributes: {} },
    ]);
  });
});

describe("an assembly that is not whole", () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "assembly-"));
    await cp(TINY_ASSEMBLY, directory, { recursive: true });
  });
  afterEach(() => rm(directory, { recursive: true }));

  /** Rewrites the text of one file of the copy. */
  async function edit(file: string, change: (text: string) => string): Promise<void> {
    const path = join(directory, file);
    await writeFile(path, change(await readFile(path, "utf8")));
  }

  test.each<[string, string, RegExp]>([
    ["manifest.json", "{", /manifest\.json is not JSON/],
    ["manifest.json", "{}", /lists no artifacts/],
    ["manifest.json", '{"artifacts":{}}', /holds no stack/],
    ["Tiny.template.json", "{", /Tiny\.template\.json is not JSON/],
  ])("%s holding %s is refused by name", async (file, text, message) => {
    await edit(file, () => text);
    await expect(loadAssembly(directory)).rejects.toThrow(message);
  });

  test("a directory without manifest is refused by name", async () => {
    await rm(join(directory, "manifest.json"));
    await expect(loadAssembly(directory)).rejects.toThrow(/cannot read .*manifest\.json: synthesise/);
  });

  test.each<[string, (text: string) => string, RegExp]>([
    ["IAM authorisation", (text) => text.replace('"NONE"', '"AWS_IAM"'), /AuthType AWS_IAM/],
    [
      "a function of another stack",
      (text) => text.replace(/"Fn::Select": \[[^\]]*\]\s*\}\s*\]/, '"Fn::Sub": "other"'),
      /leads to other, which is not in Tiny/,
    ],
    [
      "a streamed answer",
      (text) => text.replace('"AuthType"', '"InvokeMode": "RESPONSE_STREAM", "AuthType"'),
      /InvokeMode RESPONSE_STREAM/,
    ],
  ])("a URL with %s has a notice", async (_name, change, message) => {
    await edit("Tiny.template.json", change);
    const { urls, notices } = emulatedOf(await loadAssembly(directory));
    expect(urls).toEqual([]);
    expect(notices.join("\n")).toMatch(message);
  });

  test("a queue has the attributes of its properties, and a FIFO queue a notice", async () => {
    const queue = (properties: object) => JSON.stringify({ Type: "AWS::SQS::Queue", Properties: properties });
    const busy = queue({ VisibilityTimeout: 60, RedrivePolicy: { maxReceiveCount: 3 } });
    const two = `"Busy": ${busy}, "Fifo": ${queue({ FifoQueue: true })}, "Queue": {`;
    await edit("Tiny.template.json", (text) => text.replace('"Queue": {', two));
    const { queues, notices } = emulatedOf(await loadAssembly(directory));
    expect(queues.map(({ attributes }) => attributes)).toEqual([
      { VisibilityTimeout: "60", RedrivePolicy: '{"maxReceiveCount":3}' },
      {},
    ]);
    expect(notices.join("\n")).toMatch(/Resources\.Fifo does nothing here: FIFO queues are not emulated/);
  });

  const PERMISSION = {
    Action: "lambda:InvokeFunction",
    FunctionName: "arn:aws:lambda:eu-west-1:123456789012:function:tiny:live",
  };

  test.each<[object, object]>([
    [
      { Principal: "*", FunctionUrlAuthType: "NONE" },
      { principal: "*", condition: { StringEquals: { "lambda:FunctionUrlAuthType": "NONE" } } },
    ],
    [
      { Principal: "*", InvokedViaFunctionUrl: true },
      { principal: "*", condition: { Bool: { "lambda:InvokedViaFunctionUrl": "true" } } },
    ],
    [
      { Principal: "s3.amazonaws.com", SourceArn: "arn:aws:s3:::b", SourceAccount: "123456789012" },
      {
        principal: { Service: "s3.amazonaws.com" },
        condition: {
          ArnLike: { "AWS:SourceArn": "arn:aws:s3:::b" },
          StringEquals: { "AWS:SourceAccount": "123456789012" },
        },
      },
    ],
    [{ Principal: "123456789012" }, { principal: { AWS: "arn:aws:iam::123456789012:root" } }],
    [{ Principal: "arn:aws:iam::1:user/u" }, { principal: { AWS: "arn:aws:iam::1:user/u" } }],
  ])("a permission with %j is a statement of the function's policy", async (properties, statement) => {
    const resource = JSON.stringify({
      Type: "AWS::Lambda::Permission",
      Properties: { ...PERMISSION, ...properties },
    });
    await edit("Tiny.template.json", (text) => text.replace('"Queue": {', `"May": ${resource}, "Queue": {`));
    const { permissions } = emulatedOf(await loadAssembly(directory));
    expect(permissions).toEqual([
      {
        functionName: "tiny",
        qualifier: "live",
        sid: "Tiny-May",
        action: "lambda:InvokeFunction",
        ...statement,
      },
    ]);
  });

  test("a mute rule names its alarms, whether the template has their names or their ARNs", async () => {
    const alarmArn = "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:tiny-misspelt";
    const resource = JSON.stringify({
      Type: "AWS::CloudWatch::AlarmMuteRule",
      Properties: {
        Name: "nights",
        Rule: { Schedule: { Expression: "cron(0 2 * * *)", Duration: "PT1H" } },
        MuteTargets: { AlarmNames: ["tiny-failing", alarmArn] },
      },
    });
    await edit("Tiny.template.json", (text) => text.replace('"Queue": {', `"Mute": ${resource}, "Queue": {`));
    const { muteRules, notices } = emulatedOf(await loadAssembly(directory));
    const schedule = { name: "nights", expression: "cron(0 2 * * *)", duration: "PT1H" };
    expect(muteRules).toEqual([
      { region: "eu-west-1", rule: { ...schedule, alarmNames: ["tiny-failing", "tiny-misspelt"] } },
    ]);
    expect(notices.join("\n")).not.toContain("Mute");
  });

  const withFilter = (properties: string) => (text: string) =>
    text.replace('"Protocol": "email"', `${properties}, "Protocol": "email"`);

  test("a subscription has its filter policy, and one that SNS would refuse has a notice", async () => {
    const policy = '"FilterPolicy": {"NewStateValue": ["ALARM"]}, "FilterPolicyScope": "MessageBody"';
    const file = "TinyMonitoring.template.json";
    const original = await readFile(join(directory, file), "utf8");
    await edit(file, withFilter(policy));
    const { subscriptions } = emulatedOf(await loadAssembly(directory));
    expect(subscriptions[0]).toMatchObject({
      filterPolicy: '{"NewStateValue":["ALARM"]}',
      filterPolicyScope: "MessageBody",
    });
    await edit(file, () => withFilter('"FilterPolicy": {"NewStateValue": "ALARM"}')(original));
    const refused = emulatedOf(await loadAssembly(directory));
    expect(refused.subscriptions.map(({ protocol }) => protocol)).toEqual(["sms"]);
    expect(refused.notices.join("\n")).toMatch(
      /does nothing here: .* would be refused by SNS: "NewStateValue" must be an object or an array/,
    );
  });

  test.each<[string, (text: string) => string, RegExp]>([
    ["code outside the assembly", (text) => text.replace("tiny.zip", "other.zip"), /has no code/],
    ["an old runtime", (text) => text.replace("nodejs24.x", "nodejs22.x"), /has runtime nodejs22\.x/],
  ])("a function with %s has a notice", async (_name, change, message) => {
    await edit("Tiny.template.json", change);
    const { functions, notices } = emulatedOf(await loadAssembly(directory));
    expect(functions).toEqual([]);
    expect(notices.join("\n")).toMatch(message);
  });
});

const PLACE = "App:Resources.X";

test.each([
  "AWS::Lambda::Function",
  "AWS::Scheduler::Schedule",
  "Custom::WristAgentToken",
  "AWS::CloudFormation::CustomResource",
  "AWS::SSM::Parameter",
  "AWS::KMS::Key",
  "AWS::CodeDeploy::Application",
  "AWS::EC2::VPC",
  "AWS::EC2::VPCEndpoint",
  "AWS::Bedrock::ApplicationInferenceProfile",
])("%s does here all that it should", (type) => {
  expect(notEmulatedNotice(type, PLACE)).toBeUndefined();
});

test.each([
  ["AWS::CodeDeploy::DeploymentGroup", "a new version serves every request at once, so "],
  [
    "AWS::ApplicationAutoScaling::ScalableTarget",
    "environments are made as requests come, none is kept ready, so ",
  ],
  ["AWS::Budgets::Budget", "nothing is billed here and no budget is ever used up, so "],
  ["AWS::Logs::MetricFilter", "metrics come from EMF lines only, so "],
  ["AWS::DynamoDB::Table", ""],
])("%s is named", (type, why) => {
  expect(notEmulatedNotice(type, PLACE)).toBe(`${type} is not emulated: ${why}${PLACE} does nothing here`);
});
