import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CloudWatchClient, SetAlarmStateCommand } from "@aws-sdk/client-cloudwatch";
import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ManualClock } from "@wrist-agent/cloudwatch/clock";
import type { Runtime } from "../../local/runtime.ts";
import { functionResource, grownAssembly } from "../support/grown-assembly.ts";
import { localAws, startScriptedRuntime } from "../support/scripted-runtime.ts";

const TOPIC = "arn:aws:sns:eu-west-1:123456789012:tiny-alarms";

/** Tells the Function URL what it heard, and fails after that where it is told to. */
const EAR = `export async function handler(event) {
  const [record] = event.Records ?? [];
  const heard = record === undefined ? "alarm/" + event.alarmData.state.value : "sns/" + record.Sns.Subject;
  await fetch(new URL(encodeURI(heard), process.env.AGENT_URL), { method: "POST" });
  if (heard.endsWith("fail")) throw new Error("as asked");
}`;

const EAR_ARN = "arn:aws:lambda:${AWS::Region}:${AWS::AccountId}:function:ear";

let directory: string;
let runtime: Runtime;
let clock: ManualClock;
let clients: { destroy(): void }[];
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "alarm-functions-"));
  clock = new ManualClock(Date.UTC(2026, 10, 23, 9, 0, 30));
  clients = [];
  const assemblyDirectory = await grownAssembly(join(directory, "cdk.out"), {
    resources: {
      Ear: functionResource("ear", {
        Environment: { Variables: { AGENT_URL: { "Fn::GetAtt": ["Url", "FunctionUrl"] } } },
      }),
      Once: {
        Type: "AWS::Lambda::EventInvokeConfig",
        Properties: { FunctionName: { Ref: "Ear" }, Qualifier: "$LATEST", MaximumRetryAttempts: 1 },
      },
    },
    monitoring: {
      Spend: {
        Type: "AWS::CloudWatch::Alarm",
        Properties: {
          AlarmName: "tiny-spend",
          Namespace: "Tiny",
          MetricName: "Cost",
          Statistic: "Sum",
          Period: 60,
          EvaluationPeriods: 1,
          Threshold: 1,
          ComparisonOperator: "GreaterThanThreshold",
          TreatMissingData: "ignore",
          AlarmActions: [{ Ref: "Topic" }, { "Fn::Sub": EAR_ARN }],
        },
      },
      EarSubscription: {
        Type: "AWS::SNS::Subscription",
        Properties: { TopicArn: { Ref: "Topic" }, Protocol: "lambda", Endpoint: { "Fn::Sub": EAR_ARN } },
      },
    },
    assets: { ear: EAR },
  });
  runtime = await startScriptedRuntime({
    assemblyDirectory,
    dataDirectory: join(directory, "data"),
    clock,
  });
});
afterEach(async () => {
  for (const client of clients) client.destroy();
  await runtime.stop();
  await rm(directory, { recursive: true });
});

const heard = () =>
  runtime
    .requests()
    .map(({ path }) => decodeURI(path))
    .toSorted();

function kept<Client extends { destroy(): void }>(client: Client): Client {
  clients.push(client);
  return client;
}

describe("a function of the templates hears", () => {
  test("of an alarm whose action it is, and of the topic that it is subscribed to", async () => {
    const cloudwatch = kept(new CloudWatchClient(localAws(runtime, "eu-west-1")));
    await cloudwatch.send(
      new SetAlarmStateCommand({ AlarmName: "tiny-spend", StateValue: "ALARM", StateReason: "a drill" }),
    );
    await runtime.settled();
    expect(heard()).toEqual(["/alarm/ALARM", '/sns/ALARM: "tiny-spend" in EU (Ireland)']);
    const history = runtime.alarms().find(({ alarmName }) => alarmName === "tiny-spend")?.history;
    expect(history?.map(({ summary }) => summary)).toContain(
      "Successfully executed action arn:aws:lambda:eu-west-1:123456789012:function:ear",
    );
    expect(runtime.notices.join("\n")).not.toMatch(/function:ear|protocol lambda/);
  });

  test("of a message again a minute later when it failed, as often as the template says", async () => {
    const sns = kept(new SNSClient(localAws(runtime, "eu-west-1")));
    await sns.send(new PublishCommand({ TopicArn: TOPIC, Subject: "fail", Message: "{}" }));
    await runtime.settled();
    expect(heard().filter((path) => path === "/sns/fail")).toHaveLength(1);
    await clock.advance(10 * 60_000);
    expect(heard().filter((path) => path === "/sns/fail")).toHaveLength(2);
    const journal = await readFile(join(directory, "data", "development", "journal.jsonl"), "utf8");
    expect(journal.match(/"functionName":"ear".*?"status":"error"/g)).toHaveLength(2);
  });
});
