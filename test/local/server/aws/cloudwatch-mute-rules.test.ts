import {
  DeleteAlarmMuteRuleCommand,
  GetAlarmMuteRuleCommand,
  ListAlarmMuteRulesCommand,
  type ListAlarmMuteRulesCommandInput,
  ListTagsForResourceCommand,
  PutAlarmMuteRuleCommand,
  type PutAlarmMuteRuleCommandInput,
  PutMetricAlarmCommand,
  SetAlarmStateCommand,
  UntagResourceCommand,
} from "@aws-sdk/client-cloudwatch";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { startCloudWatch, TOPIC, type CloudWatchSystem } from "../../../support/cloudwatch-system.ts";

const NOW = Date.UTC(2026, 10, 23, 12);
const MINUTE = 60_000;
const ARN = "arn:aws:cloudwatch:us-west-2:123456789012:alarm-mute-rule:release";

let system: CloudWatchSystem;

beforeEach(async () => {
  system = await startCloudWatch(NOW);
});

afterEach(async () => {
  await system.stop();
  expect(system.bugs).toEqual([]);
});

const put = (input: Partial<PutAlarmMuteRuleCommandInput> = {}, client = system.client) =>
  client.send(
    new PutAlarmMuteRuleCommand({
      Name: "release",
      Rule: { Schedule: { Expression: "at(2026-11-23T12:10)", Duration: "PT20M" } },
      MuteTargets: { AlarmNames: ["errors"] },
      ...input,
    }),
  );
const get = (AlarmMuteRuleName = "release") =>
  system.client.send(new GetAlarmMuteRuleCommand({ AlarmMuteRuleName }));
const list = async (input: ListAlarmMuteRulesCommandInput = {}) => {
  const { AlarmMuteRuleSummaries = [], NextToken } = await system.client.send(
    new ListAlarmMuteRulesCommand(input),
  );
  const names = AlarmMuteRuleSummaries.map(({ AlarmMuteRuleArn }) => AlarmMuteRuleArn?.split(":").at(-1));
  return NextToken === undefined ? names : [...names, NextToken];
};

describe("mute rules over the API", () => {
  test.each(["json", "query", "cbor"] as const)("are put and read in %s", async (protocol) => {
    const client = system.clientIn("us-west-2", protocol);
    const ExpireDate = new Date(NOW + 86_400_000);
    await put({ Description: "the release of today", StartDate: new Date(NOW), ExpireDate }, client);
    const { $metadata: _metadata, ...rule } = await client.send(
      new GetAlarmMuteRuleCommand({ AlarmMuteRuleName: "release" }),
    );
    expect(rule).toEqual({
      Name: "release",
      AlarmMuteRuleArn: ARN,
      Description: "the release of today",
      Rule: { Schedule: { Expression: "at(2026-11-23T12:10)", Duration: "PT20M", Timezone: "UTC" } },
      MuteTargets: { AlarmNames: ["errors"] },
      StartDate: new Date(NOW),
      ExpireDate,
      Status: "SCHEDULED",
      LastUpdatedTimestamp: new Date(NOW),
      MuteType: "ONE_TIME",
    });
    const { AlarmMuteRuleSummaries } = await client.send(new ListAlarmMuteRulesCommand({}));
    expect(AlarmMuteRuleSummaries).toEqual([
      {
        AlarmMuteRuleArn: ARN,
        ExpireDate,
        Status: "SCHEDULED",
        MuteType: "ONE_TIME",
        LastUpdatedTimestamp: new Date(NOW),
      },
    ]);
  });

  test("hold back the mails of their alarms, which go out when the window is over", async () => {
    const alarm = { Namespace: "Test", MetricName: "Errors", Statistic: "Sum", Period: 60 } as const;
    await system.client.send(
      new PutMetricAlarmCommand({
        ...alarm,
        AlarmName: "errors",
        AlarmActions: [TOPIC],
        EvaluationPeriods: 1,
        Threshold: 1,
        ComparisonOperator: "GreaterThanOrEqualToThreshold",
        TreatMissingData: "ignore",
      }),
    );
    await put();
    await system.clock.advance(15 * MINUTE);
    expect((await get()).Status).toBe("ACTIVE");
    const drill = { AlarmName: "errors", StateValue: "ALARM", StateReason: "drill" } as const;
    await system.client.send(new SetAlarmStateCommand(drill));
    expect(system.inbox.mails()).toEqual([]);
    await system.clock.advance(14 * MINUTE);
    system.evaluate();
    expect(system.inbox.mails()).toEqual([]);
    await system.clock.advance(MINUTE);
    system.evaluate();
    expect(system.inbox.mails().map(({ subject }) => subject)).toEqual([
      'ALARM: "errors" in US West (Oregon)',
    ]);
    expect((await get()).Status).toBe("EXPIRED");
  });

  test("are listed by alarm and by status, page by page", async () => {
    const nightly = { Schedule: { Expression: "cron(0 2 * * *)", Duration: "PT1H" } };
    await put({ Name: "nights", Rule: nightly });
    await put({ Name: "gone", Rule: nightly, ExpireDate: new Date(NOW) });
    await put({
      Name: "now",
      Rule: { Schedule: { ...nightly.Schedule, Expression: "cron(0 12 * * *)" } },
      MuteTargets: { AlarmNames: ["arn:aws:cloudwatch:us-west-2:123456789012:alarm:slow", "errors"] },
    });
    expect(await list()).toEqual(["gone", "nights", "now"]);
    expect(await list({ AlarmName: "slow" })).toEqual(["now"]);
    expect(await list({ Statuses: ["ACTIVE", "EXPIRED"] })).toEqual(["gone", "now"]);
    const [first, token = ""] = await list({ MaxRecords: 1 });
    expect(first).toBe("gone");
    expect(await list({ MaxRecords: 100, NextToken: token })).toEqual(["nights", "now"]);
    await expect(list({ MaxRecords: 101 })).rejects.toThrow(/less than or equal to 100/);
    await expect(list({ Statuses: ["LATE" as "ACTIVE"] })).rejects.toThrow(/enum value set: \[SCHEDULED/);
  });

  test("stay in their Region, are replaced by name and deleted as often as asked", async () => {
    await put({ Tags: [{ Key: "team", Value: "ops" }] });
    await put({ Name: "other" }, system.clientIn("us-east-1"));
    await put({ Rule: { Schedule: { Expression: "cron(0 2 * * *)", Duration: "PT1H" } } });
    expect(await list()).toEqual(["release"]);
    expect(await get()).toMatchObject({ MuteType: "RECURRING", Status: "SCHEDULED" });
    const tags = () => system.client.send(new ListTagsForResourceCommand({ ResourceARN: ARN }));
    expect((await tags()).Tags).toEqual([{ Key: "team", Value: "ops" }]);
    await system.client.send(new UntagResourceCommand({ ResourceARN: ARN, TagKeys: ["team"] }));
    expect((await tags()).Tags).toEqual([]);
    for (const _time of [1, 2])
      await system.client.send(new DeleteAlarmMuteRuleCommand({ AlarmMuteRuleName: "release" }));
    expect(await list()).toEqual([]);
    await expect(get()).rejects.toMatchObject({
      name: "ResourceNotFoundException",
      $metadata: { httpStatusCode: 404 },
    });
    expect(system.entries.flatMap((entry) => (entry.kind === "mute-rule" ? [entry.name] : []))).toEqual([
      "release",
      "other",
      "release",
      "release",
    ]);
  });

  test.each([
    [{ Rule: { Schedule: { Expression: "rate(1 day)", Duration: "PT1H" } } }, /must be cron\(/],
    [{ Rule: { Schedule: { Expression: "cron(0 2 * * *)", Duration: "P20D" } } }, /from PT1M to P15D/],
    [{ Rule: undefined }, /The parameter Rule is required/],
  ])("%j is refused, and nothing is written down", async (input, message) => {
    await expect(put(input as Partial<PutAlarmMuteRuleCommandInput>)).rejects.toThrow(message);
    expect(await list()).toEqual([]);
    expect(system.entries).toEqual([]);
  });
});
