import {
  type CloudWatchClient,
  DeleteAlarmsCommand,
  DescribeAlarmHistoryCommand,
  DescribeAlarmsCommand,
  type DescribeAlarmsCommandInput,
  DescribeAlarmsForMetricCommand,
  DisableAlarmActionsCommand,
  EnableAlarmActionsCommand,
  PutCompositeAlarmCommand,
  PutMetricAlarmCommand,
  type PutMetricAlarmCommandInput,
  SetAlarmStateCommand,
} from "@aws-sdk/client-cloudwatch";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { startCloudWatch, TOPIC, type CloudWatchSystem } from "../../../support/cloudwatch-system.ts";

const NOW = Date.UTC(2026, 10, 23, 12);
const ERRORS: Omit<PutMetricAlarmCommandInput, "AlarmName"> = {
  AlarmActions: [TOPIC],
  Namespace: "AWS/Lambda",
  MetricName: "Errors",
  Dimensions: [{ Name: "FunctionName", Value: "wrist-agent" }],
  Statistic: "Sum",
  Period: 300,
  EvaluationPeriods: 1,
  Threshold: 1,
  ComparisonOperator: "GreaterThanOrEqualToThreshold",
};

const withoutMetric = {
  Namespace: undefined,
  MetricName: undefined,
  Dimensions: undefined,
  Statistic: undefined,
  Period: undefined,
};

let system: CloudWatchSystem;
let client: CloudWatchClient;

beforeEach(async () => {
  system = await startCloudWatch(NOW);
  client = system.client;
  for (const AlarmName of ["errors", "errors-full", "slow"]) await put({ AlarmName });
  await system.clock.advance(1000);
});

afterEach(async () => {
  await system.stop();
  expect(system.bugs).toEqual([]);
});

const put = (input: Partial<PutMetricAlarmCommandInput>) =>
  client.send(new PutMetricAlarmCommand({ ...ERRORS, AlarmName: "x", ...input }));

test("an alarm beyond 120 KB of request is refused in AWS's words", async () => {
  await expect(put({ AlarmDescription: "x".repeat(122_880) })).rejects.toMatchObject({
    message: expect.stringMatching(/^Request size \d+ exceeded 122880 bytes$/) as string,
    $metadata: { httpStatusCode: 413 },
  });
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

  test("send the mail of an action when their state is set to another value, and none for the same", async () => {
    const set = () =>
      client.send(
        new SetAlarmStateCommand({ AlarmName: "errors", StateValue: "ALARM", StateReason: "a drill" }),
      );
    await set();
    await set();
    expect(system.inbox.mails().map(({ subject, to }) => [subject, to])).toEqual([
      ['ALARM: "errors" in US West (Oregon)', "on-call@example.com"],
    ]);
    const { AlarmHistoryItems } = await client.send(
      new DescribeAlarmHistoryCommand({ AlarmName: "errors", HistoryItemType: "Action" }),
    );
    expect(AlarmHistoryItems?.map(({ HistorySummary }) => HistorySummary)).toEqual([
      `Successfully executed action ${TOPIC}`,
    ]);
  });

  test("have their mails written down in one piece with their state, so that no kill loses or repeats one", async () => {
    await client.send(
      new SetAlarmStateCommand({ AlarmName: "errors", StateValue: "ALARM", StateReason: "a drill" }),
    );
    expect(system.writes.at(-1)).toEqual(["mail", "alarms"]);
  });

  test("are refused with 500 while the disk is full", async () => {
    system.disk.isFull = true;
    await expect(put({ AlarmName: "unkept" })).rejects.toMatchObject({
      message: "the local runtime could not write this down: its terminal says why",
      $metadata: { httpStatusCode: 500 },
    });
    system.disk.isFull = false;
    await put({ AlarmName: "unkept", Threshold: 2 });
    expect(system.entries.at(-1)).toMatchObject({ alarms: [{ definition: { threshold: 2 } }] });
  });

  test("are found by the metric that they read, and by their actions", async () => {
    await put({ AlarmName: "other", MetricName: "Throttles", AlarmActions: [] });
    await put({ AlarmName: "minute", Period: 60 });
    const of = async (input: object): Promise<unknown> => {
      const { Namespace, MetricName, Dimensions } = ERRORS;
      const metric = { Namespace, MetricName, Dimensions, ...input };
      const { MetricAlarms } = await client.send(new DescribeAlarmsForMetricCommand(metric));
      return MetricAlarms?.map(({ AlarmName }) => AlarmName);
    };
    expect(await of({})).toEqual(["errors", "errors-full", "slow", "minute"]);
    expect(await of({ Period: 60 })).toEqual(["minute"]);
    expect(await of({ Dimensions: [] })).toEqual([]);
    expect(await names({ ActionPrefix: TOPIC })).not.toContain("other");
  });

  test("keep their state when they are put again", async () => {
    await client.send(
      new SetAlarmStateCommand({ AlarmName: "errors", StateValue: "OK", StateReason: "by hand" }),
    );
    await put({ AlarmName: "errors", Threshold: 5 });
    const { MetricAlarms } = await client.send(new DescribeAlarmsCommand({ AlarmNames: ["errors"] }));
    expect(MetricAlarms?.[0]).toMatchObject({ StateValue: "OK", Threshold: 5 });
  });

  test("may be on expressions, and come back as they were put", async () => {
    const Metrics = [
      {
        Id: "m1",
        ReturnData: false,
        MetricStat: {
          Metric: { Namespace: "AWS/Lambda", MetricName: "Errors", Dimensions: [] },
          Period: 60,
          Stat: "Sum",
        },
      },
      { Id: "e1", Expression: "m1 * 2", Label: "twice" },
    ];
    await client.send(
      new PutMetricAlarmCommand({
        AlarmName: "twice",
        Metrics,
        EvaluationPeriods: 3,
        DatapointsToAlarm: 2,
        Threshold: 1,
        ComparisonOperator: "GreaterThanThreshold",
        TreatMissingData: "notBreaching",
      }),
    );
    const { MetricAlarms } = await client.send(new DescribeAlarmsCommand({ AlarmNames: ["twice"] }));
    expect(MetricAlarms?.[0]).toMatchObject({
      Metrics,
      DatapointsToAlarm: 2,
      TreatMissingData: "notBreaching",
    });
  });

  test("may be composites, which show when they are asked for", async () => {
    await client.send(
      new PutCompositeAlarmCommand({ AlarmName: "any", AlarmRule: 'ALARM("errors") OR ALARM(slow)' }),
    );
    expect(await names({ AlarmNames: ["any"] })).toEqual([]);
    await client.send(
      new SetAlarmStateCommand({ AlarmName: "slow", StateValue: "ALARM", StateReason: "a drill" }),
    );
    const { CompositeAlarms } = await client.send(
      new DescribeAlarmsCommand({ AlarmTypes: ["CompositeAlarm"] }),
    );
    expect(CompositeAlarms).toMatchObject([{ AlarmName: "any", StateValue: "ALARM" }]);
    await expect(client.send(new DeleteAlarmsCommand({ AlarmNames: ["slow"] }))).rejects.toThrow(
      /depending on it/,
    );
  });

  test.each<[DescribeAlarmsCommandInput, string, RegExp]>([
    [
      { MaxRecords: 101 },
      "ValidationException",
      /^1 validation error detected: Value '101' at 'maxRecords' .* less than or equal to 100$/,
    ],
    [{ MaxRecords: 0 }, "ValidationException", /greater than or equal to 1$/],
    [
      { AlarmNames: Array.from({ length: 101 }, (_, n) => `a${n}`) },
      "ValidationException",
      /at 'alarmNames' .* less than or equal to 100$/,
    ],
    [
      { AlarmNames: ["a"], AlarmNamePrefix: "a" },
      "InvalidParameterCombinationException",
      /mutually exclusive/,
    ],
  ])("are not listed by %o", async (input, name, message) => {
    const refused = system.client.send(new DescribeAlarmsCommand(input));
    await expect(refused).rejects.toMatchObject({ name });
    await expect(refused).rejects.toThrow(message);
  });

  test("have no history of more than 100 records", async () => {
    await expect(system.client.send(new DescribeAlarmHistoryCommand({ MaxRecords: 101 }))).rejects.toThrow(
      /at 'maxRecords'/,
    );
  });

  test("live in the Region that a call is signed for", async () => {
    const virginia = system.clientIn("us-east-1");
    expect((await virginia.send(new DescribeAlarmsCommand({}))).MetricAlarms).toEqual([]);
    await virginia.send(new PutMetricAlarmCommand({ ...ERRORS, AlarmName: "charges", AlarmActions: [] }));
    const { MetricAlarms } = await virginia.send(new DescribeAlarmsCommand({}));
    expect(MetricAlarms?.[0]?.AlarmArn).toBe("arn:aws:cloudwatch:us-east-1:123456789012:alarm:charges");
    expect(await names({})).not.toContain("charges");
    await expect(system.clientIn("eu-west-1").send(new DescribeAlarmsCommand({}))).rejects.toThrow(
      "Region eu-west-1 is none that runs here: use us-west-2 or another of its partition",
    );
  });

  test.each<[string, Partial<PutMetricAlarmCommandInput>, RegExp]>([
    ["an odd period", { Period: 45 }, /Period must be 10, 20, 30 or a multiple of 60/],
    ["more than a day", { EvaluationPeriods: 300 }, /more than a day/],
    ["more points than periods", { DatapointsToAlarm: 2 }, /less than or equal to EvaluationPeriods/],
    ["an action that is no ARN", { AlarmActions: ["mail"] }, /Invalid arn syntax: mail/],
    ["an operator that does not exist", { ComparisonOperator: "Over" as never }, /at 'comparisonOperator'/],
    ["no number of periods", { EvaluationPeriods: undefined }, /The parameter EvaluationPeriods is required/],
    ["a threshold in words", { Threshold: "one" as never }, /Threshold must be a number/],
    [
      "a tag without a key",
      { Tags: [{ Key: "", Value: "b" }] },
      /at 'tags\.1\.member\.key' failed to satisfy/,
    ],
    ["a long tag", { Tags: [{ Key: "a", Value: "b".repeat(257) }] }, /length less than or equal to 256/],
    ["a tag of AWS", { Tags: [{ Key: "aws:a", Value: "b" }] }, /aws: prefixed tag key names are not allowed/],
    [
      "the same tag twice",
      {
        Tags: [
          { Key: "a", Value: "b" },
          { Key: "a", Value: "c" },
        ],
      },
      /Duplicate tag keys found: a/,
    ],
    [
      "51 tags",
      { Tags: Array.from({ length: 51 }, (_, n) => ({ Key: `k${n}`, Value: "" })) },
      /50 tags at most, not 51/,
    ],
    ["PromQL", { EvaluationCriteria: {} as never }, /not supported by the local runtime: PromQL/],
    [
      "a search",
      { ...withoutMetric, Metrics: [{ Id: "e", Expression: "SEARCH('a', 'Sum', 60)" }] },
      /SEARCH is not supported/,
    ],
  ])("are refused with %s", async (...[, input, message]) => {
    await expect(put(input)).rejects.toThrow(message);
  });
});
