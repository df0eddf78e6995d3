import { describe, expect, test } from "vitest";
import { PropertyReader } from "cw-alarm-test/property-reader";
import type { MemberReader } from "@wrist-agent/cloudwatch/read-definition";
import { readCompositeAlarm, readMetricAlarm } from "@wrist-agent/cloudwatch/read-definition";
import { InputReader } from "../../../local/server/aws/cloudwatch-input.ts";

type Members = Readonly<Record<string, unknown>>;

const DOORS: readonly (readonly [string, (members: Members) => MemberReader])[] = [
  ["a template", (members) => new PropertyReader(members, "App:Resources.Alarm")],
  ["the API", (members) => new InputReader(members)],
];

const METRIC: Members = {
  AlarmDescription: "d",
  ActionsEnabled: false,
  OKActions: ["ok"],
  AlarmActions: ["alarm"],
  InsufficientDataActions: ["silent"],
  Namespace: "N",
  MetricName: "M",
  Dimensions: [{ Name: "x", Value: "y" }],
  Statistic: "Sum",
  Period: 60,
  Unit: "Count",
  EvaluationPeriods: 3,
  DatapointsToAlarm: 2,
  Threshold: 0,
  TreatMissingData: "ignore",
  ComparisonOperator: "GreaterThanThreshold",
  EvaluateLowSampleCountPercentile: "ignore",
  EvaluationWindow: { WallClockWindow: { Timezone: "Europe/Paris" } },
  WarmUpConfiguration: { WarmUpPeriodDurationInMinutes: 3, OnlyStartEvaluatingAfterWarmUpPeriodEnds: true },
};

const BAND: Members = {
  EvaluationPeriods: 1,
  ComparisonOperator: "GreaterThanUpperThreshold",
  ThresholdMetricId: "band",
  Metrics: [
    { Id: "band", Expression: "ANOMALY_DETECTION_BAND(m)", Label: "usual", Period: 60 },
    {
      Id: "m",
      ReturnData: false,
      MetricStat: { Metric: { Namespace: "N", MetricName: "M" }, Period: 60, Stat: "p90", Unit: "Count" },
    },
  ],
};

const COMPOSITE: Members = {
  AlarmRule: "ALARM(a)",
  ActionsSuppressor: "s",
  ActionsSuppressorWaitPeriod: 60,
  ActionsSuppressorExtensionPeriod: 120,
  AlarmActions: ["alarm"],
};

describe.each(DOORS)("through %s", (_door, open) => {
  test("every member of an alarm on one metric is read", () => {
    expect(readMetricAlarm(open(METRIC), "a")).toEqual({
      alarmName: "a",
      alarmDescription: "d",
      actionsEnabled: false,
      okActions: ["ok"],
      alarmActions: ["alarm"],
      insufficientDataActions: ["silent"],
      namespace: "N",
      metricName: "M",
      dimensions: { x: "y" },
      statistic: "Sum",
      periodSeconds: 60,
      unit: "Count",
      evaluationPeriods: 3,
      datapointsToAlarm: 2,
      threshold: 0,
      comparisonOperator: "GreaterThanThreshold",
      treatMissingData: "ignore",
      evaluateLowSampleCountPercentile: "ignore",
      evaluationWindow: { wallClock: { timezone: "Europe/Paris" } },
      warmUp: { minutes: 3, onlyAfterEnd: true },
    });
  });

  test("an alarm on expressions has queries and no dimensions of its own", () => {
    expect(readMetricAlarm(open(BAND), "a")).toEqual({
      alarmName: "a",
      evaluationPeriods: 1,
      thresholdMetricId: "band",
      comparisonOperator: "GreaterThanUpperThreshold",
      metrics: [
        { id: "band", expression: "ANOMALY_DETECTION_BAND(m)", label: "usual", periodSeconds: 60 },
        {
          id: "m",
          returnData: false,
          metricStat: {
            metric: { namespace: "N", metricName: "M", dimensions: {} },
            periodSeconds: 60,
            stat: "p90",
            unit: "Count",
          },
        },
      ],
    });
  });

  test("a composite alarm has its rule and its suppressor", () => {
    expect(readCompositeAlarm(open(COMPOSITE), "c")).toEqual({
      alarmName: "c",
      alarmRule: "ALARM(a)",
      alarmActions: ["alarm"],
      actionsSuppressor: "s",
      actionsSuppressorWaitPeriodSeconds: 60,
      actionsSuppressorExtensionPeriodSeconds: 120,
    });
  });

  test("a clock window without a zone and a warm-up without its option stay so", () => {
    const members = { EvaluationWindow: { WallClockWindow: {} }, WarmUpConfiguration: MINUTES };
    expect(readMetricAlarm(open({ ...METRIC, ...members }), "a")).toMatchObject({
      evaluationWindow: { wallClock: {} },
      warmUp: { minutes: 5 },
    });
  });
});

const MINUTES = { WarmUpPeriodDurationInMinutes: 5 };
const stat = (change: Members): Members => ({
  ...BAND,
  Metrics: [{ Id: "m", MetricStat: { Metric: { Namespace: "N" }, Period: 60, Stat: "Sum", ...change } }],
});

/** What each door says of the same mistake. */
describe("a mistake", () => {
  test.each<readonly [string, Members, readonly [ofTemplate: string, ofApi: string]]>([
    [
      "an unknown statistic",
      { ...METRIC, Statistic: "Sun" },
      [
        'App:Resources.Alarm.Statistic is "Sun": give SampleCount, Average, Sum, Minimum, Maximum',
        "1 validation error detected: Value 'Sun' at 'statistic' failed to satisfy constraint: Member must satisfy enum value set: [SampleCount, Average, Sum, Minimum, Maximum]",
      ],
    ],
    [
      "no number of periods",
      { ...METRIC, EvaluationPeriods: undefined },
      [
        "App:Resources.Alarm lacks EvaluationPeriods: give it",
        "The parameter EvaluationPeriods is required.",
      ],
    ],
    [
      "a metric without a name",
      stat({}),
      [
        "App:Resources.Alarm.Metrics.0.MetricStat.Metric lacks MetricName: give it",
        "The parameter Metrics.member.1.MetricStat.Metric.MetricName is required.",
      ],
    ],
    [
      "a warm-up without its length",
      { ...METRIC, WarmUpConfiguration: {} },
      [
        "App:Resources.Alarm.WarmUpConfiguration lacks WarmUpPeriodDurationInMinutes: give it",
        "The parameter WarmUpConfiguration.WarmUpPeriodDurationInMinutes is required.",
      ],
    ],
    [
      "a window that is none",
      { ...METRIC, EvaluationWindow: "hourly" },
      [
        'App:Resources.Alarm.EvaluationWindow is "hourly": give an object',
        "EvaluationWindow must be an object",
      ],
    ],
  ])("%s is refused by each door in its own words", (_what, members, [ofTemplate, ofApi]) => {
    const [template, api] = DOORS.map(
      ([, open]) =>
        () =>
          readMetricAlarm(open(members), "a"),
    );
    expect(template).toThrow(ofTemplate);
    expect(api).toThrow(ofApi);
  });
});
