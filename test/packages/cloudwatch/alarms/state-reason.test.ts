import { describe, expect, test } from "vitest";
import type { ComparisonOperator, MetricAlarmDefinition } from "@wrist-agent/cloudwatch/alarm";
import { Alarms } from "@wrist-agent/cloudwatch/alarms/alarms";
import type { ReadSeries } from "@wrist-agent/cloudwatch/metric";
import { javaDouble } from "@wrist-agent/cloudwatch/aws-text";
import { alarm, Scenario } from "./scenario.ts";

const cases: readonly (readonly [string, Partial<MetricAlarmDefinition>, string, number, string])[] = [
  [
    "with DatapointsToAlarm",
    { evaluationPeriods: 3, datapointsToAlarm: 2 },
    "0 5 5",
    3,
    "Threshold Crossed: 2 out of the last 3 datapoints [5.0 (14/09/26 00:02:00), 5.0 (14/09/26 00:01:00)] were greater than or equal to the threshold (1.0) (minimum 2 datapoints for OK -> ALARM transition).",
  ],
  [
    "on recovery",
    { datapointsToAlarm: 1 },
    "0",
    1,
    "Threshold Crossed: 1 out of the last 1 datapoints [0.0 (14/09/26 00:00:00)] was not greater than or equal to the threshold (1.0) (minimum 1 datapoint for ALARM -> OK transition).",
  ],
  [
    "without DatapointsToAlarm",
    { comparisonOperator: "GreaterThanThreshold", threshold: 21 },
    "21.5",
    1,
    "Threshold Crossed: 1 datapoint [21.5 (14/09/26 00:00:00)] was greater than the threshold (21.0).",
  ],
  [
    "with missing points filled in",
    { evaluationPeriods: 3, treatMissingData: "breaching" },
    "0.5",
    1,
    "Threshold Crossed: 1 datapoint [0.5 (14/09/26 00:00:00)] was not greater than or equal to the threshold (1.0) and 2 missing datapoints were treated as [Breaching].",
  ],
  [
    "with nothing but missing points",
    { evaluationPeriods: 3, treatMissingData: "breaching" },
    "_",
    1,
    "Threshold Crossed: no datapoints were received for 3 periods and 3 missing datapoints were treated as [Breaching].",
  ],
  [
    "with one missing point",
    { treatMissingData: "notBreaching" },
    "_",
    1,
    "Threshold Crossed: no datapoints were received for 1 period and 1 missing datapoint was treated as [NonBreaching].",
  ],
  [
    "when missing points outweigh a good one",
    { evaluationPeriods: 3, datapointsToAlarm: 2, treatMissingData: "breaching" },
    "0",
    1,
    "Threshold Crossed: 1 datapoint was received for 3 periods and 2 missing datapoints were treated as [Breaching].",
  ],
  [
    "with five points or more",
    { evaluationPeriods: 6, threshold: 80 },
    "81 82 83 84 85 86",
    6,
    "Threshold Crossed: 6 datapoints were greater than or equal to the threshold (80.0). The most recent datapoints which crossed the threshold: [86.0 (14/09/26 00:05:00), 85.0 (14/09/26 00:04:00), 84.0 (14/09/26 00:03:00), 83.0 (14/09/26 00:02:00), 82.0 (14/09/26 00:01:00)].",
  ],
];

describe("state reasons", () => {
  test.each(cases)("%s", (...row) => {
    const [, changes, values, minutes, reason] = row;
    const scenario = new Scenario().put(alarm(changes)).feed(values);
    scenario.run(minutes);
    expect(scenario.status().stateReason).toBe(reason);
  });

  test("without data say how many points are unknown", () => {
    const scenario = new Scenario().put(alarm({ evaluationPeriods: 3 })).feed("0 0 0 _x9");
    scenario.run(12);
    expect(scenario.status().stateReason).toBe("Insufficient Data: 3 datapoints were unknown.");
  });

  const bandAlarm = (
    values: ReturnType<ReadSeries>[number]["values"],
    comparisonOperator: ComparisonOperator,
  ) => {
    const series = (id: string, line: typeof values): ReturnType<ReadSeries>[number] => ({
      id,
      label: id,
      startMs: 0,
      periodSeconds: 60,
      values: line,
    });
    const alarms = new Alarms({
      accountId: "1",
      region: "us-east-1",
      evaluationRange: (_period, n) => n,
      readSeries: () => [
        series("m1", [0]),
        series("band", values.slice(0, 1)),
        series("band", values.slice(1)),
      ],
    });
    const metric = { namespace: "N", metricName: "M", dimensions: {} };
    const definition: MetricAlarmDefinition = {
      alarmName: "band",
      evaluationPeriods: 1,
      datapointsToAlarm: 1,
      comparisonOperator,
      thresholdMetricId: "band",
      metrics: [
        { id: "m1", metricStat: { metric, periodSeconds: 60, stat: "Average" } },
        { id: "band", expression: "ANOMALY_DETECTION_BAND(m1, 2)" },
      ],
    };
    alarms.put(definition, 0);
    alarms.evaluate(60_000);
    return alarms.find("band")?.status;
  };

  test("of a band name both edges", () => {
    const status = bandAlarm([0.3, 0.02], "LessThanLowerOrGreaterThanUpperThreshold");
    expect(status?.stateReason).toBe(
      "Thresholds Crossed: 1 out of the last 1 datapoints [0.0 (01/01/70 00:00:00)] was less than the lower thresholds [0.02] or greater than the upper thresholds [0.3] (minimum 1 datapoint for OK -> ALARM transition).",
    );
    expect(JSON.parse(status?.stateReasonData ?? "")).toMatchObject({
      recentLowerThresholds: [0.02],
      recentUpperThresholds: [0.3],
    });
  });

  test.each([
    ["LessThanLowerThreshold", { recentLowerThresholds: [0.02] }, "recentUpperThresholds"],
    ["GreaterThanUpperThreshold", { recentUpperThresholds: [0.3] }, "recentLowerThresholds"],
  ] as const)("of %s have that side of the band alone", (comparisonOperator, side, other) => {
    const data: unknown = JSON.parse(bandAlarm([0.3, 0.02], comparisonOperator)?.stateReasonData ?? "");
    expect(data).toMatchObject(side);
    expect(data).not.toHaveProperty(other);
  });

  test.each([
    "LessThanLowerThreshold",
    "GreaterThanUpperThreshold",
    "LessThanLowerOrGreaterThanUpperThreshold",
  ] as const)("of %s on a band that is empty say nothing is known", (comparisonOperator) => {
    expect(bandAlarm([undefined, undefined], comparisonOperator)?.state).toBe("INSUFFICIENT_DATA");
  });
});

describe("state reason data", () => {
  test("hold the points from the oldest used to the newest, gaps as null, and those that decided", () => {
    const scenario = new Scenario().put(alarm({ evaluationPeriods: 3, datapointsToAlarm: 2, unit: "Count" }));
    const base = { namespace: "Test", metricName: "Errors", dimensions: {}, unit: "Count" };
    for (const [minute, value] of [
      [0, 0],
      [2, 5],
      [4, 7],
    ] as const)
      scenario.store.put({ ...base, timestampMs: scenario.nowMs + minute * 60_000, values: [value] });
    scenario.run(5);
    expect(scenario.status().stateReasonData).toBe(
      '{"version":"1.0","queryDate":"2026-09-14T00:05:00.000+0000","startDate":"2026-09-14T00:00:00.000+0000",' +
        '"unit":"Count","statistic":"Sum","period":60,"recentDatapoints":[0.0,null,5.0,null,7.0],"threshold":1.0,' +
        '"evaluatedDatapoints":[{"timestamp":"2026-09-14T00:04:00.000+0000","sampleCount":1.0,"value":7.0},' +
        '{"timestamp":"2026-09-14T00:02:00.000+0000","sampleCount":1.0,"value":5.0}]}',
    );
  });

  test("have a timestamp alone for each slot without data, and no start date", () => {
    const scenario = new Scenario().put(alarm({ treatMissingData: "notBreaching" }));
    scenario.run(1);
    expect(scenario.status().stateReasonData).toBe(
      '{"version":"1.0","queryDate":"2026-09-14T00:01:00.000+0000","statistic":"Sum","period":60,' +
        '"recentDatapoints":[],"threshold":1.0,"evaluatedDatapoints":[{"timestamp":"2026-09-14T00:00:00.000+0000"}]}',
    );
  });
});

describe("percentiles with few samples", () => {
  test.each([
    [99, "ignore", "INSUFFICIENT_DATA"],
    [101, "ignore", "ALARM"],
    [99, "evaluate", "ALARM"],
  ] as const)("%i samples of p90 with %s give %s", (samples, evaluateLowSampleCountPercentile, state) => {
    const { statistic, ...rest } = alarm({ threshold: 5, evaluateLowSampleCountPercentile });
    expect(statistic).toBe("Sum");
    const scenario = new Scenario().put({ ...rest, extendedStatistic: "p90" });
    const identity = { namespace: "Test", metricName: "Errors", dimensions: {} };
    scenario.store.put({ ...identity, timestampMs: scenario.nowMs, values: [10], counts: [samples] });
    scenario.run(1);
    expect(scenario.status().state).toBe(state);
  });
});

describe("numbers as Java writes them", () => {
  test.each([
    [0, "0.0"],
    [100, "100.0"],
    [0.001, "0.001"],
    [0.0005, "5.0E-4"],
    [9_999_999, "9999999.0"],
    [12_345_678, "1.2345678E7"],
    [-3, "-3.0"],
  ])("%d is %s", (value, text) => {
    expect(javaDouble(value)).toBe(text);
  });
});
