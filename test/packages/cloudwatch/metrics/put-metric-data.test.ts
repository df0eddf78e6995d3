import { describe, expect, it } from "vitest";
import {
  PutMetricDataError,
  readPutMetricData,
  type WireDatum,
} from "@wrist-agent/cloudwatch/metrics/put-metric-data";

const nowMs = Date.UTC(2026, 10, 1, 12);
const good: WireDatum = { MetricName: "Latency", Value: 5 };
const set = { SampleCount: 2, Sum: 3, Minimum: 1, Maximum: 2 };

function read(...data: readonly WireDatum[]) {
  return readPutMetricData({ Namespace: "App", MetricData: data }, nowMs);
}

function refusal(request: Parameters<typeof readPutMetricData>[0]): unknown {
  try {
    return readPutMetricData(request, nowMs);
  } catch (error) {
    return error;
  }
}

describe("a PutMetricData request", () => {
  it("becomes data, with the defaults of CloudWatch", () => {
    expect(read(good)).toEqual([
      {
        namespace: "App",
        metricName: "Latency",
        dimensions: {},
        unit: "None",
        timestampMs: nowMs,
        storageResolution: 60,
        values: [5],
      },
    ]);
  });

  it.each<readonly [WireDatum, object]>([
    [{ ...good, Timestamp: nowMs / 1000 - 60 }, { timestampMs: nowMs - 60_000 }],
    [{ ...good, Timestamp: "2026-11-01T11:59:00Z" }, { timestampMs: nowMs - 60_000 }],
    [
      { ...good, Unit: "Count/Second", StorageResolution: 1 },
      { unit: "Count/Second", storageResolution: 1 },
    ],
    [{ ...good, Dimensions: [{ Name: "service", Value: "chat" }] }, { dimensions: { service: "chat" } }],
    [
      { MetricName: "m", Values: [1, 2], Counts: [3, 4] },
      { values: [1, 2], counts: [3, 4] },
    ],
    [{ MetricName: "m", Values: [1, 2] }, { values: [1, 2] }],
    [
      { MetricName: "m", StatisticValues: set },
      { values: { sampleCount: 2, sum: 3, minimum: 1, maximum: 2 } },
    ],
  ])("takes %j", (datum, expected) => {
    expect(read(datum)[0]).toMatchObject(expected);
  });

  it("says in AWS's words that Value and Values exclude each other", () => {
    expect(refusal({ Namespace: "App", MetricData: [{ ...good, Values: [1] }] })).toMatchObject({
      code: "InvalidParameterCombination",
      message:
        "The parameters MetricData.member.1.Value and MetricData.member.1.Values are mutually exclusive and you have specified both.",
    });
  });

  it.each<readonly [string, Parameters<typeof readPutMetricData>[0], readonly [string, string]]>([
    ["no namespace", { MetricData: [good] }, ["MissingParameter", "The parameter Namespace is required."]],
    ["no data", { Namespace: "App" }, ["MissingParameter", "The parameter MetricData is required."]],
    [
      "a bad namespace",
      { Namespace: ":App", MetricData: [good] },
      ["InvalidParameterValue", "The value :App for parameter Namespace"],
    ],
    [
      "1001 data",
      { Namespace: "App", MetricData: Array<WireDatum>(1001).fill(good) },
      ["InvalidParameterValue", "The collection MetricData must not have a size greater than 1000."],
    ],
  ])("with %s is refused", (_, request, [code, message]) => {
    const error = refusal(request);
    expect(error).toBeInstanceOf(PutMetricDataError);
    expect(error).toMatchObject({ code, message: expect.stringContaining(message) as string });
  });

  it.each<readonly [string, WireDatum, readonly [string, string]]>([
    ["no name", { Value: 1 }, ["MissingParameter", "MetricData.member.2.MetricName is required"]],
    ["no value", { MetricName: "m" }, ["MissingParameter", "MetricData.member.2.Value is required"]],
    [
      "a name of 256 characters",
      { ...good, MetricName: "a".repeat(256) },
      ["InvalidParameterValue", "1 to 255"],
    ],
    ["a bad unit", { ...good, Unit: "Parsecs" }, ["InvalidParameterValue", "MetricData.member.2.Unit"]],
    [
      "31 dimensions",
      { ...good, Dimensions: Array<object>(31).fill({ Name: "a", Value: "b" }) },
      ["InvalidParameterValue", "greater than 30"],
    ],
    [
      "a dimension without a value",
      { ...good, Dimensions: [{ Name: "a" }] },
      ["MissingParameter", "Dimensions.member.1.Value is required"],
    ],
    [
      "a dimension without a name",
      { ...good, Dimensions: [{ Value: "a" }] },
      ["MissingParameter", "Dimensions.member.1.Name is required"],
    ],
    [
      "a dimension beginning with a colon",
      { ...good, Dimensions: [{ Name: ":a", Value: "b" }] },
      ["InvalidParameterValue", "colon"],
    ],
    [
      "an empty dimension value",
      { ...good, Dimensions: [{ Name: "a", Value: "" }] },
      ["InvalidParameterValue", "1 to 1024"],
    ],
    [
      "an old timestamp",
      { ...good, Timestamp: nowMs / 1000 - 15 * 86_400 },
      ["InvalidParameterValue", "two weeks in the past"],
    ],
    [
      "a future timestamp",
      { ...good, Timestamp: nowMs / 1000 + 3 * 3600 },
      ["InvalidParameterValue", "two hours in the future"],
    ],
    ["a timestamp that is none", { ...good, Timestamp: "noon" }, ["InvalidParameterValue", "must be a time"]],
    ["a resolution of 10", { ...good, StorageResolution: 10 }, ["InvalidParameterValue", "must be 1 or 60"]],
    ["NaN", { ...good, Value: NaN }, ["InvalidParameterValue", "must be a number"]],
    ["infinity", { ...good, Value: Infinity }, ["InvalidParameterValue", "between -2^360 and 2^360"]],
    [
      "151 values",
      { MetricName: "m", Values: Array<number>(151).fill(1) },
      ["InvalidParameterValue", "greater than 150"],
    ],
    [
      "counts for other values",
      { MetricName: "m", Values: [1], Counts: [1, 2] },
      ["InvalidParameterValue", "must be of the same size"],
    ],
    [
      "half a statistic set",
      { MetricName: "m", StatisticValues: { Sum: 1 } },
      ["MissingParameter", "StatisticValues.SampleCount is required"],
    ],
    [
      "a statistic set upside down",
      { MetricName: "m", StatisticValues: { ...set, Minimum: 9 } },
      ["InvalidParameterValue", "not be greater than Maximum"],
    ],
    [
      "Value and StatisticValues",
      { MetricName: "m", Value: 1, StatisticValues: set },
      ["InvalidParameterCombination", "mutually exclusive"],
    ],
  ])("with %s in one datum is refused as a whole", (_, datum, [code, message]) => {
    expect(refusal({ Namespace: "App", MetricData: [good, datum] })).toMatchObject({
      code,
      message: expect.stringContaining(message) as string,
    });
  });
});
