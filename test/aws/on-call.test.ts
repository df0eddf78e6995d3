import {
  CloudWatchClient,
  DeleteAlarmsCommand,
  PutMetricAlarmCommand,
  PutMetricDataCommand,
  SetAlarmStateCommand,
} from "@aws-sdk/client-cloudwatch";
import {
  CloudWatchLogsClient,
  CreateLogStreamCommand,
  PutLogEventsCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { StatusReport } from "../../bin/commands/status/status-report.ts";
import { ACCOUNT, type Ended, hasMoto, type Moto, startMoto } from "./moto.ts";

const CONTEXT = ["-c", "githubRepository=owner/name", "-c", "alarmEmail=on-call@example.com"];
const CLI = ["--conditions=source", "--import", "tsx", "bin/cli.ts"];
const STAGE = "wrist-agent-development";
const REQUEST = "916a57d9-b723-49aa-b19d-2dce3e089535";

let moto: Moto;

describe.skipIf(!hasMoto())("commands of whoever is on call, on a second implementation of AWS", () => {
  beforeAll(async () => {
    moto = await startMoto();
    const { code, all } = await moto.run(
      ...CLI,
      "deploy",
      "--stage",
      "development",
      "--yes",
      "--no-verify",
      ...CONTEXT,
    );
    expect(code, all).toBe(0);
    await fill();
  }, 1_800_000);
  afterAll(() => moto.stop());

  /**
   * moto runs no function and evaluates no alarm: a request, its metric, one alarm in ALARM and one that
   * somebody deleted.
   */
  async function fill(): Promise<void> {
    const credentials = { accessKeyId: "testing", secretAccessKey: "testing" };
    const config = { endpoint: moto.endpoint, region: "us-west-2", credentials };
    const [logs, cloudWatch] = [new CloudWatchLogsClient(config), new CloudWatchClient(config)];
    const place = { logGroupName: `/aws/lambda/${STAGE}`, logStreamName: "one" };
    await logs.send(new CreateLogStreamCommand(place));
    const line = { _aws: {}, outcome: "timeout", mode: "note", httpStatus: 504, requestId: REQUEST };
    const logEvents = [{ timestamp: Date.now() - 60_000, message: JSON.stringify(line) }];
    await logs.send(new PutLogEventsCommand({ ...place, logEvents }));
    const Dimensions = [{ Name: "service", Value: STAGE }];
    const metric = { Namespace: "WristAgent", MetricName: "Failure" };
    await cloudWatch.send(
      new PutMetricDataCommand({
        Namespace: metric.Namespace,
        MetricData: [
          { MetricName: metric.MetricName, Dimensions, Value: 1, Timestamp: new Date(Date.now() - 60_000) },
        ],
      }),
    );
    const AlarmName = `${STAGE}-probe-failing`;
    const AlarmActions = [`arn:aws:sns:us-west-2:${ACCOUNT}:${STAGE}-page`];
    await cloudWatch.send(
      new PutMetricAlarmCommand({
        ...metric,
        AlarmName,
        Dimensions,
        AlarmActions,
        Statistic: "Sum",
        Period: 60,
        EvaluationPeriods: 1,
        Threshold: 1,
        ComparisonOperator: "GreaterThanOrEqualToThreshold",
      }),
    );
    const setting = { AlarmName, StateValue: "ALARM", StateReason: "a drill" } as const;
    await cloudWatch.send(new SetAlarmStateCommand(setting));
    await cloudWatch.send(new DeleteAlarmsCommand({ AlarmNames: [`${STAGE}-failing-now`] }));
    logs.destroy();
    cloudWatch.destroy();
  }

  const onCall = (...args: readonly string[]): Promise<Ended> =>
    moto.run(...CLI, ...args, "--aws", "--stage", "development", "--region", "us-west-2");

  test("status finds the stacks, the alarm that is raised, those that are gone, traffic and version", async () => {
    const { code, out, all } = await onCall("status", "--json");
    expect(code, all).toBe(1);
    const report = JSON.parse(out) as StatusReport;
    expect(report.alarms.find(({ state }) => state === "ALARM")).toMatchObject({
      alarmName: `${STAGE}-probe-failing`,
      severity: "page",
      reason: "a drill",
    });
    expect(report.missingAlarms).toEqual([`${STAGE}-failing-now`]);
    expect(report.traffic).toMatchObject({ requests: 1, failures: 1 });
    expect(report.version).toMatchObject({ version: "1", stackStatus: "CREATE_COMPLETE" });
    expect(report.token?.changedMs).toBeGreaterThan(0);
    expect(new Set(report.subscriptions?.map(({ address }) => address))).toEqual(
      new Set(["on-call@example.com"]),
    );
  });

  test("alarms, tail, logs and metrics read what is there", async () => {
    const [alarms, tail, logs, metrics] = await Promise.all([
      onCall("alarms"),
      onCall("tail", "--no-follow"),
      onCall("logs", REQUEST),
      onCall("metrics", "probe-failing", "--since", "1h", "--json"),
    ]);
    expect(alarms.out).toMatch(
      /^ALARM {2}wrist-agent-development-probe-failing {2,}page {2,}since .* Sum of Failure >= 1 /,
    );
    expect(tail.out).toMatch(new RegExp(` timeout +504 +note .*${REQUEST}\n$`));
    expect(logs.out).toMatch(new RegExp(`^Request ${REQUEST}, .*: timeout, note, 504\n`));
    expect(JSON.parse(metrics.out)).toMatchObject({ threshold: 1, points: [{ value: 1 }] });
    expect([alarms, tail, logs, metrics].map(({ code }) => code)).toEqual([0, 0, 0, 0]);
  });
});
