import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import {
  CloudWatchClient,
  DeleteAlarmsCommand,
  DescribeAlarmsCommand,
  PutCompositeAlarmCommand,
  PutDashboardCommand,
  PutMetricAlarmCommand,
  PutMetricDataCommand,
  SetAlarmStateCommand,
} from "@aws-sdk/client-cloudwatch";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ManualClock } from "@wrist-agent/cloudwatch/clock";
import type { Runtime } from "../../local/runtime.ts";
import { isInstalled } from "../support/installed.ts";
import { localAws, startScriptedRuntime } from "../support/scripted-runtime.ts";
import { TINY_ASSEMBLY } from "../support/grown-assembly.ts";

const MINUTE = 60_000;

let directory: string;
let clock: ManualClock;
let running: { stop(): Promise<void> }[];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "aws-api-"));
  clock = new ManualClock(Date.UTC(2026, 10, 23, 9, 0, 30));
  running = [];
});
afterEach(async () => {
  for (const one of running.toReversed()) await one.stop();
  await rm(directory, { recursive: true });
});

async function start(data = "data", assemblyDirectory = TINY_ASSEMBLY): Promise<Runtime> {
  const runtime = await startScriptedRuntime({
    assemblyDirectory,
    dataDirectory: join(directory, data),
    clock,
  });
  running.push(runtime);
  return runtime;
}

function clientOf(runtime: Runtime, region = "eu-west-1"): CloudWatchClient {
  const client = new CloudWatchClient(localAws(runtime, region));
  running.push({
    stop: () => {
      client.destroy();
      return Promise.resolve();
    },
  });
  return client;
}

/** The files that `kill -9` leaves, without the hold on them. */
async function killed(data: string, copy: string): Promise<void> {
  await mkdir(join(directory, copy));
  for (const kept of ["development", "token"])
    await cp(join(directory, data, kept), join(directory, copy, kept), { recursive: true });
}

const putAlarm = (AlarmName: string, MetricName = "Sales") =>
  new PutMetricAlarmCommand({
    AlarmName,
    Namespace: "Shop",
    MetricName,
    Statistic: "Sum",
    Period: 60,
    EvaluationPeriods: 1,
    Threshold: 1,
    TreatMissingData: "notBreaching",
    ComparisonOperator: "GreaterThanOrEqualToThreshold",
  });

const namesOf = (runtime: Runtime) => runtime.alarms().map(({ alarmName }) => alarmName);

describe("the CloudWatch API of the running system", () => {
  test("shows the templates' alarms, and a state that is set sends its mail", async () => {
    const runtime = await start();
    const client = clientOf(runtime);
    const { MetricAlarms } = await client.send(new DescribeAlarmsCommand({}));
    expect(MetricAlarms?.map(({ AlarmName, StateValue }) => [AlarmName, StateValue])).toEqual([
      ["tiny-failing", "INSUFFICIENT_DATA"],
    ]);
    const setting = { AlarmName: "tiny-failing", StateValue: "ALARM", StateReason: "a drill" } as const;
    await client.send(new SetAlarmStateCommand(setting));
    expect(runtime.mails()[0]).toMatchObject({
      subject: 'ALARM: "tiny-failing" in EU (Ireland)',
      body: expect.stringContaining("a drill") as string,
    });
    await clock.advance(MINUTE);
    expect(runtime.alarms()[0]?.state).toBe("OK");
  });

  test("evaluates alarms on data that come by PutMetricData, at 10 seconds where they ask for it", async () => {
    const runtime = await start();
    const client = clientOf(runtime);
    const { input } = putAlarm("fast");
    await client.send(new PutMetricAlarmCommand({ ...input, Period: 10 }));
    await client.send(
      new PutMetricDataCommand({
        Namespace: "Shop",
        MetricData: [{ MetricName: "Sales", Value: 2, StorageResolution: 1 }],
      }),
    );
    expect(runtime.metricsSeen().Shop).toEqual(["Sales"]);
    await clock.advance(20_000);
    expect(runtime.alarms().find(({ alarmName }) => alarmName === "fast")?.state).toBe("ALARM");
  });

  test("answers for us-east-1 too, and says who is calling", async () => {
    const runtime = await start();
    const virginia = clientOf(runtime, "us-east-1");
    await virginia.send(putAlarm("charges"));
    expect((await virginia.send(new DescribeAlarmsCommand({}))).MetricAlarms).toHaveLength(1);
    const sts = new STSClient(localAws(runtime, "eu-west-1"));
    expect((await sts.send(new GetCallerIdentityCommand({}))).Account).toBe("123456789012");
    sts.destroy();
  });

  test.skipIf(!isInstalled("aws"))(
    "prints alarms through the AWS CLI (skipped where it is not installed)",
    async () => {
      const { addresses } = await start();
      const { stdout } = await promisify(execFile)(
        "aws",
        ["--endpoint-url", addresses.awsEndpoint, "cloudwatch", "describe-alarms", "--output", "json"],
        {
          env: {
            ...process.env,
            AWS_ACCESS_KEY_ID: "local",
            AWS_SECRET_ACCESS_KEY: "local",
            AWS_DEFAULT_REGION: "eu-west-1",
          },
        },
      );
      const { MetricAlarms } = JSON.parse(stdout) as { MetricAlarms: { AlarmName: string }[] };
      expect(MetricAlarms.map(({ AlarmName }) => AlarmName)).toEqual(["tiny-failing"]);
    },
  );
});

describe("what the API made, after kill -9", () => {
  test("is still there, beside what the templates say", async () => {
    const before = await start();
    const client = clientOf(before);
    await client.send(putAlarm("mine"));
    await client.send(putAlarm("dropped"));
    await client.send(new DeleteAlarmsCommand({ AlarmNames: ["dropped", "tiny-failing"] }));
    const body = JSON.stringify({ widgets: [] });
    for (const DashboardName of ["mine", "tiny"])
      await client.send(new PutDashboardCommand({ DashboardName, DashboardBody: body }));
    const MetricData = [{ MetricName: "Sales", Value: 5 }];
    await client.send(new PutMetricDataCommand({ Namespace: "Shop", MetricData }));
    await clock.advance(MINUTE);
    expect(namesOf(before)).toEqual(["mine"]);
    expect(before.overview().dashboards).toEqual(["tiny", "mine"]);
    expect((await before.dashboard({ name: "tiny", rangeSeconds: 600 }))?.widgets).toEqual([]);
    await killed("data", "copy");
    const after = await start("copy");
    expect(namesOf(after)).toEqual(["mine", "tiny-failing"]);
    expect(after.alarms()[0]).toEqual(before.alarms()[0]);
    expect(after.alarms()[0]).toMatchObject({ state: "ALARM", stackName: "made through the AWS API" });
    expect(after.overview().dashboards).toEqual(["tiny", "mine"]);
    expect((await after.dashboard({ name: "mine", rangeSeconds: 600 }))?.widgets).toEqual([]);
    expect((await after.dashboard({ name: "tiny", rangeSeconds: 600 }))?.widgets).toHaveLength(2);
    expect(after.metricsSeen().Shop).toEqual(["Sales"]);
  });

  test("an alarm that has left the templates is deleted, unless a composite needs it; others stay", async () => {
    const first = await start();
    const client = clientOf(first);
    await client.send(putAlarm("mine"));
    await first.stop();
    const without = join(directory, "assembly");
    await cp(TINY_ASSEMBLY, without, { recursive: true });
    const file = join(without, "TinyMonitoring.template.json");
    const template = JSON.parse(await readFile(file, "utf8")) as { Resources: Record<string, unknown> };
    delete template.Resources.Failing;
    await writeFile(file, JSON.stringify(template));
    const second = await start("data", without);
    expect(namesOf(second)).toEqual(["mine"]);
    await second.stop();
    const third = await start();
    const AlarmRule = "ALARM(tiny-failing)";
    await clientOf(third).send(new PutCompositeAlarmCommand({ AlarmName: "any", AlarmRule }));
    await third.stop();
    const fourth = await start("data", without);
    expect(namesOf(fourth)).toEqual(["mine", "tiny-failing", "any"]);
    expect(fourth.alarms().map(({ causes }) => causes)).toEqual([undefined, undefined, ["tiny-failing"]]);
    expect(fourth.notices.join("\n")).toMatch(/alarm tiny-failing has left the templates and stays here/);
  });

  test("restarting does not repeat the history of alarms", async () => {
    const lengths: number[] = [];
    for (let n = 0; n < 3; n += 1) {
      const runtime = await start();
      if (n === 0) await clock.advance(2 * MINUTE);
      lengths.push(runtime.alarms()[0]?.history.length ?? 0);
      await runtime.stop();
    }
    expect(lengths).toEqual([3, 3, 3]);
  });
});
