import {
  CloudWatchClient,
  DeleteAlarmsCommand,
  DescribeAlarmHistoryCommand,
  DescribeAlarmsCommand,
  DisableAlarmActionsCommand,
  EnableAlarmActionsCommand,
  ListDashboardsCommand,
  SetAlarmStateCommand,
} from "@aws-sdk/client-cloudwatch";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Alarms } from "../../../local/cloudwatch/alarm/alarms.ts";
import { MetricStore } from "../../../local/cloudwatch/metrics/metric-store.ts";
import { readSeriesFrom } from "../../../local/cloudwatch/read-series.ts";
import { startAwsEndpoint } from "../../../local/server/aws/aws-endpoint.ts";
import { cloudwatchService } from "../../../local/server/aws/cloudwatch-service.ts";
import type { RunningServer } from "../../../local/server/function-url-server.ts";

const NOW = Date.UTC(2026, 10, 23, 12);
const TOPIC = "arn:aws:sns:us-west-2:123456789012:alarms";

let server: RunningServer;
let client: CloudWatchClient;

beforeEach(async () => {
  const readSeries = readSeriesFrom(new MetricStore());
  const alarms = new Alarms({ accountId: "123456789012", region: "us-west-2", readSeries });
  for (const alarmName of ["errors", "errors-full", "slow"])
    alarms.put(
      {
        alarmName,
        alarmActions: [TOPIC],
        namespace: "AWS/Lambda",
        metricName: "Errors",
        dimensions: { FunctionName: "wrist-agent" },
        statistic: "Sum",
        periodSeconds: 300,
        evaluationPeriods: 1,
        threshold: 1,
        comparisonOperator: "GreaterThanOrEqualToThreshold",
      },
      NOW,
    );
  const service = cloudwatchService({
    describe: () => alarms.describe(),
    history: (name) => alarms.history(name),
    setState: (name, setting) => void alarms.setState(name, setting, NOW + 1000),
    enableActions: (names) => alarms.enableActions(names, NOW + 2000),
    disableActions: (names) => alarms.disableActions(names, NOW + 2000),
    delete: (names) => alarms.delete(names, NOW + 3000),
  });
  const bug = (error: unknown): void => {
    throw error;
  };
  server = await startAwsEndpoint({ services: [service], bug }, { port: 0, option: "--aws-port" });
  client = new CloudWatchClient({
    endpoint: server.url,
    region: "us-west-2",
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
    maxAttempts: 1,
  });
});

afterEach(async () => {
  client.destroy();
  await server.stop();
});

async function names(input: object): Promise<(string | undefined)[]> {
  const { MetricAlarms } = await client.send(new DescribeAlarmsCommand(input));
  return (MetricAlarms ?? []).map(({ AlarmName }) => AlarmName);
}

describe("CloudWatch's alarms over the API", () => {
  test("are described in full", async () => {
    const { MetricAlarms, CompositeAlarms } = await client.send(
      new DescribeAlarmsCommand({ AlarmNames: ["errors"] }),
    );
    expect(CompositeAlarms).toEqual([]);
    expect(MetricAlarms).toHaveLength(1);
    expect(MetricAlarms?.[0]).toMatchObject({
      AlarmName: "errors",
      AlarmArn: "arn:aws:cloudwatch:us-west-2:123456789012:alarm:errors",
      ActionsEnabled: true,
      AlarmActions: [TOPIC],
      OKActions: [],
      StateValue: "INSUFFICIENT_DATA",
      StateUpdatedTimestamp: new Date(NOW),
      Namespace: "AWS/Lambda",
      MetricName: "Errors",
      Dimensions: [{ Name: "FunctionName", Value: "wrist-agent" }],
      Period: 300,
      Threshold: 1,
    });
  });

  test("are found by name, prefix, state and type", async () => {
    expect(await names({})).toEqual(["errors", "errors-full", "slow"]);
    expect(await names({ AlarmNames: ["slow", "none"] })).toEqual(["slow"]);
    expect(await names({ AlarmNamePrefix: "errors" })).toEqual(["errors", "errors-full"]);
    expect(await names({ StateValue: "ALARM" })).toEqual([]);
    expect(await names({ AlarmTypes: ["CompositeAlarm"] })).toEqual([]);
  });

  test("come in pages", async () => {
    const first = await client.send(new DescribeAlarmsCommand({ MaxRecords: 2 }));
    expect(first.MetricAlarms).toHaveLength(2);
    expect(await names({ MaxRecords: 2, NextToken: first.NextToken })).toEqual(["slow"]);
    await expect(client.send(new DescribeAlarmsCommand({ NextToken: "rubbish" }))).rejects.toMatchObject({
      name: expect.stringMatching(/^InvalidNextToken/) as string,
    });
  });

  test("take a state that is set, and remember it in their history", async () => {
    await client.send(
      new SetAlarmStateCommand({ AlarmName: "errors", StateValue: "ALARM", StateReason: "trying it out" }),
    );
    expect(await names({ StateValue: "ALARM" })).toEqual(["errors"]);
    const { AlarmHistoryItems } = await client.send(
      new DescribeAlarmHistoryCommand({ AlarmName: "errors", HistoryItemType: "StateUpdate" }),
    );
    expect(AlarmHistoryItems?.[0]).toMatchObject({
      AlarmName: "errors",
      HistoryItemType: "StateUpdate",
      HistorySummary: "Alarm updated from INSUFFICIENT_DATA to ALARM",
      Timestamp: new Date(NOW + 1000),
    });
  });

  test("have a history that can be read from either end and between dates", async () => {
    const all = { AlarmName: "errors" };
    await client.send(new SetAlarmStateCommand({ ...all, StateValue: "OK", StateReason: "x" }));
    const read = async (input: object): Promise<unknown[]> => {
      const { AlarmHistoryItems } = await client.send(new DescribeAlarmHistoryCommand({ ...all, ...input }));
      return (AlarmHistoryItems ?? []).map(({ HistoryItemType }) => HistoryItemType);
    };
    expect(await read({})).toEqual(["StateUpdate", "ConfigurationUpdate"]);
    expect(await read({ ScanBy: "TimestampAscending" })).toEqual(["ConfigurationUpdate", "StateUpdate"]);
    expect(await read({ StartDate: new Date(NOW + 500) })).toEqual(["StateUpdate"]);
    expect(await read({ EndDate: new Date(NOW + 500) })).toEqual(["ConfigurationUpdate"]);
  });

  test("have actions that can be turned off and on, and can be deleted", async () => {
    const enabled = async (): Promise<unknown> =>
      (await client.send(new DescribeAlarmsCommand({ AlarmNames: ["slow"] }))).MetricAlarms?.[0]
        ?.ActionsEnabled;
    await client.send(new DisableAlarmActionsCommand({ AlarmNames: ["slow"] }));
    expect(await enabled()).toBe(false);
    await client.send(new EnableAlarmActionsCommand({ AlarmNames: ["slow"] }));
    expect(await enabled()).toBe(true);
    await client.send(new DeleteAlarmsCommand({ AlarmNames: ["slow"] }));
    expect(await names({})).toEqual(["errors", "errors-full"]);
  });

  test("refuse a state that does not exist, in CloudWatch's words", async () => {
    const command = new SetAlarmStateCommand({
      AlarmName: "errors",
      StateValue: "INVALID" as "OK",
      StateReason: "x",
    });
    await expect(client.send(command)).rejects.toMatchObject({
      name: "ValidationException",
      message:
        "1 validation error detected: Value 'INVALID' at 'stateValue' failed to satisfy constraint: Member must satisfy enum value set: [INSUFFICIENT_DATA, ALARM, OK]",
    });
  });

  test("refuse a name that nobody has, and a parameter that is missing", async () => {
    const set = (input: object) => client.send(new SetAlarmStateCommand(input as never));
    await expect(set({ AlarmName: "none", StateValue: "OK", StateReason: "x" })).rejects.toMatchObject({
      name: expect.stringMatching(/^ResourceNotFound/) as string,
      $metadata: { httpStatusCode: 404 },
    });
    await expect(set({ AlarmName: "errors", StateValue: "OK" })).rejects.toMatchObject({
      name: expect.stringMatching(/^MissingParameter|^MissingRequiredParameter/) as string,
    });
    await expect(
      client.send(new DisableAlarmActionsCommand({ AlarmNames: undefined })),
    ).rejects.toMatchObject({
      message: "The parameter AlarmNames is required.",
    });
  });

  test("stand beside operations that are unknown", async () => {
    await expect(client.send(new ListDashboardsCommand({}))).rejects.toMatchObject({
      name: "UnknownOperationException",
    });
  });
});
