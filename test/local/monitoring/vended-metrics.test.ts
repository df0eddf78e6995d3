import type { Datum } from "@wrist-agent/cloudwatch/metric";
import { describe, expect, test } from "vitest";
import type { InvocationRecord, UrlRecord } from "../../../local/function/function-records.ts";
import {
  invocationMetricData,
  logMetricData,
  urlMetricData,
} from "../../../local/monitoring/vended-metrics.ts";

const START = Date.UTC(2026, 10, 23, 9);

const INVOCATION: InvocationRecord = {
  functionName: "agent",
  qualifier: "live",
  executedVersion: "3",
  requestId: "r",
  startMs: START,
  status: "success",
  durationMs: 120,
  billedDurationMs: 121,
  maxMemoryUsedMb: 80,
  concurrentExecutions: 2,
};

const URL_REQUEST: UrlRecord = {
  functionName: "agent",
  qualifier: "live",
  executedVersion: "3",
  startMs: START,
  latencyMs: 130,
  status: 200,
  method: "POST",
  path: "/",
};

/** The value of each metric, from the data of the least specific set of dimensions. */
function values(data: readonly Datum[]): Readonly<Record<string, unknown>> {
  const coarse = data.filter(({ dimensions }) => Object.keys(dimensions).length === 1);
  return Object.fromEntries(
    coarse.map((datum) => [datum.metricName, Array.isArray(datum.values) ? datum.values[0] : undefined]),
  );
}

describe("AWS/Lambda metrics of an invocation", () => {
  const ran = { Invocations: 1, Throttles: 0, Duration: 120, ConcurrentExecutions: 2 };
  test.each([
    ["success", { ...ran, Errors: 0 }],
    ["error", { ...ran, Errors: 1 }],
    ["timeout", { ...ran, Errors: 1 }],
    ["throttled", { Throttles: 1 }],
  ] as const)("that ended in %s", (status, expected) => {
    expect(values(invocationMetricData({ ...INVOCATION, status }))).toEqual(expected);
  });

  test("count for the function alone without alias and version", () => {
    const data = invocationMetricData({ ...INVOCATION, qualifier: "$LATEST", executedVersion: "$LATEST" });
    expect(new Set(data.map(({ dimensions }) => JSON.stringify(dimensions)))).toEqual(
      new Set(['{"FunctionName":"agent"}']),
    );
  });

  test("come in three sets of dimensions, stamped with the start", () => {
    const errors = invocationMetricData(INVOCATION).filter(({ metricName }) => metricName === "Errors");
    expect(errors).toEqual(
      [
        { FunctionName: "agent" },
        { FunctionName: "agent", Resource: "agent:live" },
        { FunctionName: "agent", Resource: "agent:live", ExecutedVersion: "3" },
      ].map((dimensions) => ({
        namespace: "AWS/Lambda",
        metricName: "Errors",
        dimensions,
        unit: "Count",
        timestampMs: START,
        values: [0],
      })),
    );
  });
});

describe("AWS/Lambda metrics of a request to the URL", () => {
  test.each([
    [200, 0, 0],
    [399, 0, 0],
    [400, 1, 0],
    [499, 1, 0],
    [500, 0, 1],
    [504, 0, 1],
  ])("that ended in %i", (status, Url4xxCount, Url5xxCount) => {
    expect(values(urlMetricData({ ...URL_REQUEST, status }))).toEqual({
      UrlRequestCount: 1,
      Url4xxCount,
      Url5xxCount,
      UrlRequestLatency: 130,
    });
  });
});

describe("metrics of a log line", () => {
  const event = (message: string) => ({
    logGroupName: "/aws/lambda/agent",
    logStreamName: "s",
    timestampMs: START,
    message,
  });
  const emf = (directive: object) =>
    JSON.stringify({ _aws: { Timestamp: START, CloudWatchMetrics: [directive] }, service: "a", N: 1 });

  test("a plain line has none", () => {
    expect(logMetricData(event("hello"), START)).toEqual([]);
  });

  test("an EMF line has those it says", () => {
    const line = emf({ Namespace: "App", Dimensions: [["service"]], Metrics: [{ Name: "N" }] });
    expect(logMetricData(event(line), START)).toMatchObject([
      { namespace: "App", metricName: "N", dimensions: { service: "a" }, values: [1] },
    ]);
  });

  test.each([
    ["EMFParsingErrors", JSON.stringify({ _aws: { CloudWatchMetrics: 1 } })],
    [
      "EMFValidationErrors",
      emf({ Namespace: "App", Dimensions: [["service"]], Metrics: [{ Name: "gone" }] }),
    ],
  ])("a faulty one counts in AWS/Logs %s", (metricName, line) => {
    expect(logMetricData(event(line), START)).toMatchObject([
      {
        namespace: "AWS/Logs",
        metricName,
        dimensions: { LogGroupName: "/aws/lambda/agent" },
        values: [1],
      },
    ]);
  });
});
