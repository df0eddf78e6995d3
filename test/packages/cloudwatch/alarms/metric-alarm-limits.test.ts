import { describe, expect, test } from "vitest";
import type { MetricAlarmDefinition } from "@wrist-agent/cloudwatch/alarm";
import { checkMetricAlarm } from "@wrist-agent/cloudwatch/alarms/metric-alarm-limits";
import type { MetricDataQuery } from "@wrist-agent/cloudwatch/metric";
import { alarm } from "./scenario.ts";

type Change = { readonly [Name in keyof MetricAlarmDefinition]?: MetricAlarmDefinition[Name] | undefined };

/** The plain alarm with changes; `undefined` takes a member away. */
function changed(change: Change): MetricAlarmDefinition {
  const members = Object.entries({ ...alarm(), ...change }).filter(([, value]) => value !== undefined);
  return Object.fromEntries(members) as unknown as MetricAlarmDefinition;
}

const NO_METRIC: Change = {
  namespace: undefined,
  metricName: undefined,
  dimensions: undefined,
  statistic: undefined,
  periodSeconds: undefined,
};

function metric(id: string, more: Partial<MetricDataQuery> = {}): MetricDataQuery {
  const identity = { namespace: "Test", metricName: id, dimensions: {} };
  return { id, metricStat: { metric: identity, periodSeconds: 60, stat: "Sum" }, ...more };
}

/** An alarm on queries instead of one metric. */
function math(metrics: readonly MetricDataQuery[], change: Change = {}): Change {
  return { ...NO_METRIC, metrics, ...change };
}

const thirtyOne = Object.fromEntries(Array.from({ length: 31 }, (_, index) => [`d${index}`, "x"]));
const hidden = metric("m1", { returnData: false });
const band = { id: "ad1", expression: "ANOMALY_DETECTION_BAND(m1, 2)" };
const inBand: Change = {
  comparisonOperator: "GreaterThanUpperThreshold",
  thresholdMetricId: "ad1",
  threshold: undefined,
};
const wallClock = (timezone?: string) => ({ wallClock: timezone === undefined ? {} : { timezone } });

const MINIMUM = (member: string) =>
  `1 validation error detected: Value at '${member}' failed to satisfy constraint: Member must have value greater than or equal to 1`;
const PERIOD = "Period must be 10, 20, 30 or a multiple of 60";
const ONE_STATISTIC =
  "PutMetricAlarm request can not be made with both Statistic and ExtendedStatistic parameters. Only one of them should be present";
const RETURNED =
  "Exactly one element of the metrics list should return data; for anomaly detection alarms the metric and its band";
const WARM_UP = "WarmUpPeriodDurationInMinutes must be between 1 and 2880";
const TIMEZONE =
  "Timezone must be an IANA name, Z, or an offset like +05:30 or UTC+05:30 that is a multiple of 5 minutes";

const refused: readonly (readonly [string, Change, string, string?])[] = [
  ["no metric", NO_METRIC, "PutMetricAlarm request should have a MetricName parameter"],
  [
    "a metric beside a list",
    { metrics: [metric("m1")] },
    "MetricName should not be set if list of Metrics is set.",
  ],
  ["two statistics", { extendedStatistic: "p90" }, ONE_STATISTIC],
  ["no statistic", { statistic: undefined }, "PutMetricAlarm request should have a Statistic parameter"],
  ["no namespace", { namespace: undefined }, "PutMetricAlarm request should have a Namespace parameter"],
  [
    "a percentile above 100",
    { statistic: undefined, extendedStatistic: "p101" },
    "The value p101 for parameter ExtendedStatistic is not supported.",
    "InvalidParameterValue",
  ],
  [
    "an unknown statistic in a list",
    math([{ ...metric("m1"), metricStat: { ...metric("m1").metricStat, stat: "Bogus" } as never }]),
    "The value Bogus for parameter Metrics.member.1.MetricStat.Stat is not supported.",
    "InvalidParameterValue",
  ],
  [
    "low samples of a statistic that is no percentile",
    { evaluateLowSampleCountPercentile: "ignore" },
    "Option evaluateLowSampleCountPercentile can not be applied with statistic Sum. This option is enabled only for percentile statistics.",
  ],
  ["an empty list", math([]), "Metrics list must not be empty"],
  ["no period", { periodSeconds: undefined }, "PutMetricAlarm request should have a Period parameter"],
  ["a period of 15 s", { periodSeconds: 15 }, PERIOD],
  ["a period of 0 s", { periodSeconds: 0 }, PERIOD],
  ["a period of 90 s", { periodSeconds: 90 }, PERIOD],
  [
    "a listed period of 90 s",
    math([{ ...metric("m1"), metricStat: { ...metric("m1").metricStat, periodSeconds: 90 } as never }]),
    PERIOD,
  ],
  ["N = 0", { evaluationPeriods: 0 }, MINIMUM("evaluationPeriods")],
  ["N = 1.5", { evaluationPeriods: 1.5 }, MINIMUM("evaluationPeriods")],
  ["M = 0", { datapointsToAlarm: 0 }, MINIMUM("datapointsToAlarm")],
  [
    "M > N",
    { evaluationPeriods: 2, datapointsToAlarm: 3 },
    "DatapointsToAlarm must be less than or equal to EvaluationPeriods",
  ],
  [
    "more than a day of minutes",
    { evaluationPeriods: 1441 },
    "Metrics cannot be checked across more than a day (EvaluationPeriods * Period must be <= 86400) for alarms using period < 3600",
  ],
  [
    "more than a week of hours",
    { periodSeconds: 3600, evaluationPeriods: 169 },
    "Metrics cannot be checked across more than a week (EvaluationPeriods * Period must be <= 604800) for alarms using period >= 3600",
  ],
  [
    "SEARCH",
    math([{ id: "e1", expression: "SUM(SEARCH('Errors', 'Sum'))" }]),
    "SEARCH is not supported on Metric Alarms.",
  ],
  [
    "Metrics Insights",
    math([{ id: "q1", expression: "SELECT SUM(Errors) FROM Test" }]),
    "Metrics Insights queries (SELECT ...) are not supported by the local runtime: alarm on the metrics by name instead",
  ],
  [
    "a band operator without a band",
    math([metric("m1"), band], { ...inBand, thresholdMetricId: undefined }),
    "ThresholdMetricId must be specified for the anomaly detection comparison operators",
  ],
  [
    "a band without a band operator",
    math([metric("m1"), band], { thresholdMetricId: "ad1", threshold: undefined }),
    "ThresholdMetricId is only valid with the anomaly detection comparison operators",
    "InvalidParameterCombination",
  ],
  [
    "a threshold beside a band",
    math([metric("m1"), band], { ...inBand, threshold: 5 }),
    "Threshold and ThresholdMetricId cannot both be set",
  ],
  ["math without any period", math([{ id: "e1", expression: "TIME_SERIES(1)" }]), "Period must not be null"],
  [
    "a namespace that begins with a colon",
    { namespace: ":shop" },
    "1 validation error detected: Value ':shop' at 'namespace' failed to satisfy constraint: Member must satisfy regular expression pattern: [^:].*",
  ],
  [
    "over thirty dimensions",
    math([
      metric("m1", {
        metricStat: {
          metric: { namespace: "Test", metricName: "m1", dimensions: thirtyOne },
          periodSeconds: 60,
          stat: "Sum",
        },
      }),
    ]),
    "1 validation error detected: Value at 'metrics.1.member.metricStat.metric.dimensions' failed to satisfy constraint: Member must have length less than or equal to 30",
  ],
  ["no threshold", { threshold: undefined }, "PutMetricAlarm request should have valid Threshold parameter"],
  ["nothing returned", math([hidden]), RETURNED],
  ["two series returned", math([metric("m1"), metric("m2")]), RETURNED],
  ["a band without its metric", math([hidden, band], inBand), RETURNED],
  [
    "a band that is not there",
    math([metric("m1"), band], { ...inBand, thresholdMetricId: "ad2" }),
    "ThresholdMetricId must be the Id of an element of the metrics list that returns data",
  ],
  [
    "eleven metrics",
    math([
      ...Array.from({ length: 11 }, (_, index) => metric(`m${index}`, { returnData: false })),
      { id: "e1", expression: "SUM(METRICS())" },
    ]),
    "The metrics list must not hold more than 10 metrics",
    "LimitExceeded",
  ],
  ["a zone that does not exist", { evaluationWindow: wallClock("Mars/Olympus") }, TIMEZONE],
  ["an offset of 7 minutes", { evaluationWindow: wallClock("+05:07") }, TIMEZONE],
  [
    "a wall clock period of 2 minutes",
    { periodSeconds: 120, evaluationWindow: wallClock() },
    "Period must be 60, 300, 3600, 86400 or 604800 for alarms using a wall clock window",
  ],
  ["a warm-up of no time", { warmUp: { minutes: 0 } }, WARM_UP],
  ["a warm-up of more than two days", { warmUp: { minutes: 2881 } }, WARM_UP],
];

const refusals = refused.map(([what, change, message, code = "ValidationError"]) => ({
  what,
  change,
  refusal: { code, message },
}));

describe("PutMetricAlarm refuses", () => {
  test.each(refusals)("$what", ({ change, refusal }) => {
    expect(() => checkMetricAlarm(changed(change))).toThrow(expect.objectContaining(refusal));
  });
});

describe("PutMetricAlarm takes", () => {
  test.each<readonly [string, Change]>([
    ["10, 20 and 30 seconds", { periodSeconds: 30 }],
    ["exactly a day of minutes", { evaluationPeriods: 1440 }],
    ["exactly a week of hours", { periodSeconds: 3600, evaluationPeriods: 168 }],
    ["M = N", { evaluationPeriods: 3, datapointsToAlarm: 3 }],
    ["a threshold of 0", { threshold: 0 }],
    [
      "ten metrics",
      math([...Array.from({ length: 9 }, (_, i) => metric(`h${i}`, { returnData: false })), metric("m1")]),
    ],
    ["a band and its metric", math([metric("m1"), band], inBand)],
    ["a week on the wall clock", { periodSeconds: 604_800, evaluationWindow: wallClock("Europe/Berlin") }],
    ["a warm-up of two days", { warmUp: { minutes: 2880 } }],
  ])("%s", (_what, change) => {
    expect(() => checkMetricAlarm(changed(change))).not.toThrow();
  });
});
