import {
  DeleteAnomalyDetectorCommand,
  DeleteInsightRulesCommand,
  DescribeAlarmsCommand,
  DescribeAnomalyDetectorsCommand,
  DescribeInsightRulesCommand,
  EnableInsightRulesCommand,
  GetInsightRuleReportCommand,
  GetMetricDataCommand,
  ListTagsForResourceCommand,
  PutAnomalyDetectorCommand,
  type PutAnomalyDetectorCommandInput,
  PutInsightRuleCommand,
  type PutInsightRuleCommandInput,
  PutMetricAlarmCommand,
  PutMetricDataCommand,
} from "@aws-sdk/client-cloudwatch";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { parseJournalEntry } from "../../../../local/journal/read-journal-entry.ts";
import { isStateEntry, JournalStates } from "../../../../local/journal/journal-states.ts";
import { RegionInsights } from "../../../../local/monitoring/region-insights.ts";
import { startCloudWatch, type CloudWatchSystem } from "../../../support/cloudwatch-system.ts";

const NOW = Date.UTC(2026, 10, 23, 12);
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const METRIC = { Namespace: "Shop", MetricName: "Orders", Stat: "Average" };

/** What is put about a metric, in the form that older clients send. */
const flat = (change: object): PutAnomalyDetectorCommandInput => ({ ...METRIC, ...change });

let system: CloudWatchSystem;

beforeEach(async () => {
  system = await startCloudWatch(NOW);
});

afterEach(async () => {
  await system.stop();
  expect(system.bugs).toEqual([]);
});

/** What the journal would bring back. */
function restored(): RegionInsights {
  const states = new JournalStates();
  for (const entry of system.entries) {
    const read = parseJournalEntry(JSON.stringify(entry));
    expect(read).toEqual(entry);
    if (read !== undefined && isStateEntry(read)) states.add(read);
  }
  const insights = new RegionInsights();
  for (const entry of states.entries(NOW))
    if (entry.kind === "anomaly-detector" || entry.kind === "insight-rule") insights.apply(entry);
  return insights;
}

describe("anomaly detectors", () => {
  const put = (input: PutAnomalyDetectorCommandInput) =>
    system.client.send(new PutAnomalyDetectorCommand(input));

  async function states(): Promise<readonly (string | undefined)[]> {
    const { AnomalyDetectors = [] } = await system.client.send(new DescribeAnomalyDetectorsCommand({}));
    return AnomalyDetectors.map(({ StateValue }) => StateValue);
  }

  test("are pending, then trained as far as there are points", async () => {
    await put(METRIC);
    expect(await states()).toEqual(["PENDING_TRAINING"]);
    await system.clock.advance(MINUTE);
    expect(await states()).toEqual(["TRAINED_INSUFFICIENT_DATA"]);
    const MetricData = [1, 2, 3].map((hours) => ({
      MetricName: "Orders",
      Value: hours,
      Timestamp: new Date(NOW - hours * HOUR),
    }));
    await system.client.send(new PutMetricDataCommand({ Namespace: "Shop", MetricData }));
    expect(await states()).toEqual(["TRAINED"]);
  });

  test("decide about the band of GetMetricData and of an alarm", async () => {
    const MetricData = Array.from({ length: 72 }, (_, hours) => ({
      MetricName: "Orders",
      Value: new Date(NOW - (hours + 1) * HOUR).getUTCHours() === 12 ? 100 : 10,
      Timestamp: new Date(NOW - (hours + 1) * HOUR),
    }));
    await system.client.send(new PutMetricDataCommand({ Namespace: "Shop", MetricData }));
    const Metrics = [
      {
        Id: "m",
        MetricStat: { Metric: { Namespace: "Shop", MetricName: "Orders" }, Period: 3600, Stat: "Average" },
        ReturnData: true,
      },
      { Id: "band", Expression: "ANOMALY_DETECTION_BAND(m, 2)", ReturnData: true },
    ];
    const upper = async () => {
      const { MetricDataResults = [] } = await system.client.send(
        new GetMetricDataCommand({
          MetricDataQueries: Metrics,
          StartTime: new Date(NOW),
          EndTime: new Date(NOW + HOUR),
        }),
      );
      return MetricDataResults.at(-1)?.Values;
    };
    await system.client.send(
      new PutMetricAlarmCommand({
        AlarmName: "Odd",
        Metrics,
        ThresholdMetricId: "band",
        ComparisonOperator: "LessThanLowerOrGreaterThanUpperThreshold",
        EvaluationPeriods: 1,
        TreatMissingData: "ignore",
      }),
    );
    const [before] = (await upper()) ?? [];
    expect(before).toBeCloseTo(49.72, 2);
    await put(METRIC);
    expect(await upper()).toEqual([100]);
    await system.clock.advance(HOUR);
    const now = { MetricName: "Orders", Value: 80, Timestamp: new Date(NOW) };
    await system.client.send(new PutMetricDataCommand({ Namespace: "Shop", MetricData: [now] }));
    system.evaluate();
    const { MetricAlarms = [] } = await system.client.send(new DescribeAlarmsCommand({}));
    expect(MetricAlarms[0]?.StateValue).toBe("ALARM");
    expect(MetricAlarms[0]?.StateReason).toContain("80.0");
    expect(MetricAlarms[0]?.StateReason).toContain("100.0");
  });

  test("are known by metric or expression, filtered and paged", async () => {
    for (const name of ["a", "b", "c"]) await put(flat({ MetricName: name }));
    await put(flat({ MetricName: "a", Configuration: { MetricTimezone: "Europe/Berlin" } }));
    const excluded = { StartTime: new Date(NOW - HOUR), EndTime: new Date(NOW) };
    await put({
      SingleMetricAnomalyDetector: { ...METRIC, Namespace: "Other", Dimensions: [{ Name: "d", Value: "1" }] },
      Configuration: { ExcludedTimeRanges: [excluded] },
    });
    const queries = [
      {
        Id: "m",
        MetricStat: { Metric: { Namespace: "Shop", MetricName: "a" }, Period: 60, Stat: "Sum" },
        ReturnData: false,
      },
      { Id: "e", Expression: "m * 2" },
    ];
    await put({ MetricMathAnomalyDetector: { MetricDataQueries: queries } });
    const names = async (input: object) => {
      const found = await system.client.send(new DescribeAnomalyDetectorsCommand(input));
      return found.AnomalyDetectors?.map((each) => each.SingleMetricAnomalyDetector?.MetricName);
    };
    expect(await names({})).toEqual(["a", "b", "c", "Orders"]);
    expect(await names({ Namespace: "Shop", MetricName: "b" })).toEqual(["b"]);
    expect(await names({ Dimensions: [{ Name: "d", Value: "1" }] })).toEqual(["Orders"]);
    expect(await names({ AnomalyDetectorTypes: ["METRIC_MATH"] })).toEqual([undefined]);
    const page = await system.client.send(new DescribeAnomalyDetectorsCommand({ MaxResults: 3 }));
    expect(page.AnomalyDetectors).toHaveLength(3);
    const { NextToken } = page;
    expect(await names({ MaxResults: 3, NextToken })).toEqual(["Orders"]);
    const [other] = (await system.client.send(new DescribeAnomalyDetectorsCommand({ Namespace: "Other" })))
      .AnomalyDetectors as [{ Configuration?: object }];
    expect(other.Configuration).toEqual({ ExcludedTimeRanges: [excluded] });
    expect(restored().detectors()).toHaveLength(5);
    await system.client.send(
      new DeleteAnomalyDetectorCommand({ MetricMathAnomalyDetector: { MetricDataQueries: queries } }),
    );
    expect(await names({ AnomalyDetectorTypes: ["METRIC_MATH"] })).toEqual([]);
    expect(restored().detectors()).toHaveLength(4);
  });

  test.each<[PutAnomalyDetectorCommandInput, string, RegExp]>([
    [{}, "MissingRequiredParameterException", /Stat is required/],
    [flat({ Stat: "Typical" }), "InvalidParameterValueException", /Typical/],
    [
      { ...METRIC, SingleMetricAnomalyDetector: METRIC },
      "InvalidParameterCombinationException",
      /mutually exclusive/,
    ],
    [{ ...METRIC, Configuration: { MetricTimezone: "Moon" } }, "InvalidParameterValueException", /Moon/],
    [
      {
        ...METRIC,
        Configuration: { ExcludedTimeRanges: [{ StartTime: new Date(1), EndTime: new Date(0) }] },
      },
      "InvalidParameterValueException",
      /StartTime must be less/,
    ],
    [
      { ...METRIC, MetricCharacteristics: { PeriodicSpikes: true } },
      "InvalidParameterValueException",
      /PeriodicSpikes is not supported/,
    ],
    [
      { MetricMathAnomalyDetector: { MetricDataQueries: [] } },
      "InvalidParameterValueException",
      /one expression/,
    ],
  ])("%j is refused", async (input, name, message) => {
    await expect(put(input)).rejects.toMatchObject({
      name,
      message: expect.stringMatching(message) as string,
    });
  });

  test("that are not there cannot be deleted", async () => {
    await expect(system.client.send(new DeleteAnomalyDetectorCommand(METRIC))).rejects.toMatchObject({
      name: "ResourceNotFoundException",
    });
  });
});

describe("Contributor Insights rules", () => {
  const DEFINITION = {
    Schema: { Name: "CloudWatchLogRule", Version: 1 },
    LogGroupNames: ["/api/*"],
    LogFormat: "JSON",
    Contribution: { Keys: ["$.ip"], ValueOf: "$.bytes" },
    AggregateOn: "Sum",
  };
  const put = (input: Partial<PutInsightRuleCommandInput> = {}) =>
    system.client.send(
      new PutInsightRuleCommand({ RuleName: "top", RuleDefinition: JSON.stringify(DEFINITION), ...input }),
    );

  function log(ip: string, bytes: number, atMs = NOW): void {
    const message = JSON.stringify({ ip, bytes });
    const event = { logGroupName: "/api/access", logStreamName: "s", timestampMs: atMs, message };
    system.record({ kind: "log", atMs: NOW, event });
  }

  test("report who contributed most, over the whole time and by the period", async () => {
    await put();
    log("a", 1);
    log("b", 5);
    log("a", 2, NOW - 5 * MINUTE);
    const report = (OrderBy: string) =>
      system.client.send(
        new GetInsightRuleReportCommand({
          RuleName: "top",
          StartTime: new Date(NOW - 5 * MINUTE),
          EndTime: new Date(NOW + 5 * MINUTE),
          Period: 300,
          MaxContributorCount: 1,
          Metrics: ["UniqueContributors", "MaxContributorValue", "Average"],
          OrderBy,
        }),
      );
    const found = await report("Sum");
    expect(found).toMatchObject({
      KeyLabels: ["$.ip"],
      AggregationStatistic: "Sum",
      AggregateValue: 8,
      ApproximateUniqueCount: 2,
      Contributors: [
        {
          Keys: ["b"],
          ApproximateAggregateValue: 5,
          Datapoints: [{ Timestamp: new Date(NOW), ApproximateValue: 5 }],
        },
      ],
      MetricDatapoints: [
        { Timestamp: new Date(NOW - 5 * MINUTE), UniqueContributors: 1, MaxContributorValue: 2, Average: 2 },
        { Timestamp: new Date(NOW), UniqueContributors: 2, MaxContributorValue: 5, Average: 3 },
      ],
    });
    log("a", 3, NOW - 5 * MINUTE);
    expect((await report("Sum")).Contributors?.[0]?.Keys).toEqual(["a"]);
    expect((await report("Maximum")).Contributors?.[0]?.ApproximateAggregateValue).toBeGreaterThan(4);
  });

  test("make metrics that GetMetricData and alarms read", async () => {
    await put();
    log("a", 7);
    const Metrics = [
      { Id: "top", Expression: 'INSIGHT_RULE_METRIC("top", "MaxContributorValue")', Period: 60 },
    ];
    const { MetricDataResults = [] } = await system.client.send(
      new GetMetricDataCommand({
        MetricDataQueries: Metrics,
        StartTime: new Date(NOW),
        EndTime: new Date(NOW + 2 * MINUTE),
      }),
    );
    expect(MetricDataResults[0]?.Values).toEqual([0, 7]);
    await system.client.send(
      new PutMetricAlarmCommand({
        AlarmName: "Greedy",
        Metrics,
        Threshold: 5,
        ComparisonOperator: "GreaterThanThreshold",
        EvaluationPeriods: 1,
      }),
    );
    await system.clock.advance(MINUTE);
    system.evaluate();
    const { MetricAlarms = [] } = await system.client.send(new DescribeAlarmsCommand({}));
    expect(MetricAlarms[0]?.StateValue).toBe("ALARM");
  });

  test("keep tags, survive a restart, and are gone when deleted", async () => {
    await put({ Tags: [{ Key: "team", Value: "on-call" }] });
    const ResourceARN = "arn:aws:cloudwatch:us-west-2:123456789012:insight-rule/top";
    const { Tags } = await system.client.send(new ListTagsForResourceCommand({ ResourceARN }));
    expect(Tags).toEqual([{ Key: "team", Value: "on-call" }]);
    expect(
      restored()
        .rules.list()
        .map(({ name }) => name),
    ).toEqual(["top"]);
    const { Failures } = await system.client.send(
      new DeleteInsightRulesCommand({ RuleNames: ["top", "none"] }),
    );
    expect(Failures?.map(({ FailureResource }) => FailureResource)).toEqual(["none"]);
    expect(restored().rules.list()).toEqual([]);
    const gone = await system.client.send(new ListTagsForResourceCommand({ ResourceARN }));
    expect(gone.Tags).toEqual([]);
  });

  test("count only while they are enabled", async () => {
    await put({ RuleState: "DISABLED" });
    log("a", 1);
    await system.client.send(new EnableInsightRulesCommand({ RuleNames: ["top"] }));
    log("b", 1);
    const { Contributors } = await system.client.send(
      new GetInsightRuleReportCommand({
        RuleName: "top",
        StartTime: new Date(NOW),
        EndTime: new Date(NOW + MINUTE),
        Period: 60,
      }),
    );
    expect(Contributors?.map(({ Keys }) => Keys)).toEqual([["b"]]);
    const { InsightRules } = await system.client.send(new DescribeInsightRulesCommand({}));
    expect(InsightRules?.map(({ State }) => State)).toEqual(["ENABLED"]);
  });

  test.each<[Partial<PutInsightRuleCommandInput>, RegExp]>([
    [{ RuleDefinition: "{}" }, /^Invalid rule definition: Schema must be/],
    [{ RuleDefinition: "x".repeat(8193) }, /more than 8192/],
    [{ RuleState: "ON" }, /ENABLED or DISABLED/],
    [{ RuleName: "" }, /RuleName/],
    [{ ApplyOnTransformedLogs: true }, /ApplyOnTransformedLogs is not supported/],
  ])("%j is refused", async (input, message) => {
    await expect(put(input)).rejects.toMatchObject({
      name: "InvalidParameterValueException",
      message: expect.stringMatching(message) as string,
    });
  });

  test.each<[object, RegExp]>([
    [{ RuleName: "none" }, /Rule none does not exist/],
    [{ Period: 90 }, /multiple of 60/],
    [{ MaxContributorCount: 101 }, /1 to 100/],
    [{ Metrics: ["Median"] }, /Median is none of/],
    [{ EndTime: new Date(NOW - HOUR) }, /StartTime must be less/],
  ])("a report with %j is refused", async (input, message) => {
    await put();
    const asked = { RuleName: "top", StartTime: new Date(NOW), EndTime: new Date(NOW + HOUR), Period: 60 };
    await expect(system.client.send(new GetInsightRuleReportCommand({ ...asked, ...input }))).rejects.toThrow(
      message,
    );
  });
});
