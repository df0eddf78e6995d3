import {
  PutMetricAlarmCommand,
  PutMetricDataCommand,
  SetAlarmStateCommand,
} from "@aws-sdk/client-cloudwatch";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { cloudWatchSource } from "cw-alarm-test/backtest/cloudwatch-source";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type CloudWatchSystem, startCloudWatch } from "../../../support/cloudwatch-system.ts";

const NOW = Date.UTC(2026, 10, 23, 12);
const MINUTE_MS = 60_000;
const METRIC = { Namespace: "Shop", MetricName: "Errors", Dimensions: [{ Name: "service", Value: "till" }] };

let system: CloudWatchSystem;

beforeEach(async () => {
  system = await startCloudWatch(NOW);
  vi.stubEnv("AWS_ENDPOINT_URL_CLOUDWATCH", system.url);
  vi.stubEnv("AWS_ACCESS_KEY_ID", "local");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "local");
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await system.stop();
});

test("reads points and history of the AWS endpoint that the environment names", async () => {
  const data = [5, 7].map((Value, minute) => ({
    MetricName: METRIC.MetricName,
    Dimensions: METRIC.Dimensions,
    Timestamp: new Date(NOW - (10 - minute) * MINUTE_MS),
    Value,
  }));
  await system.client.send(new PutMetricDataCommand({ Namespace: METRIC.Namespace, MetricData: data }));
  const alarm = {
    ...METRIC,
    AlarmName: "errors",
    Statistic: "Sum" as const,
    Period: 60,
    EvaluationPeriods: 1,
    Threshold: 1,
  };
  await system.client.send(
    new PutMetricAlarmCommand({ ...alarm, ComparisonOperator: "GreaterThanOrEqualToThreshold" }),
  );
  await system.client.send(
    new SetAlarmStateCommand({ AlarmName: "errors", StateValue: "ALARM", StateReason: "tried" }),
  );
  const source = await cloudWatchSource();
  const metric = { namespace: "Shop", metricName: "Errors", dimensions: { service: "till" } };
  const found = await source.read({
    region: "us-west-2",
    startMs: NOW - 20 * MINUTE_MS,
    endMs: NOW,
    queries: ["Sum", "p90"].map((statistic) => ({ metric, statistic, periodSeconds: 60 })),
  });
  const timesMs = [NOW - 10 * MINUTE_MS, NOW - 9 * MINUTE_MS];
  expect(found).toEqual([
    { timesMs, values: [5, 7] },
    { timesMs, values: [5, 7] },
  ]);
  const range = { fromMs: NOW - 60 * MINUTE_MS, toMs: NOW + 60 * MINUTE_MS };
  const history = await source.history({ region: "us-west-2", alarmNames: ["errors", "nobody"], ...range });
  expect(history).toEqual([
    { region: "us-west-2", alarmName: "errors", atMs: NOW, state: "ALARM", from: "INSUFFICIENT_DATA" },
  ]);
});

/** Reads a metric of an endpoint that gives these answers, one after the other. */
async function readOf(...answers: readonly object[]) {
  const left = [...answers];
  const server = createServer((_request, response) => {
    response.setHeader("content-type", "application/x-amz-json-1.0");
    response.end(JSON.stringify(left.shift()));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    vi.stubEnv("AWS_ENDPOINT_URL_CLOUDWATCH", `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    const source = await cloudWatchSource();
    const metric = { namespace: "Shop", metricName: "Errors", dimensions: {} };
    const queries = [{ metric, statistic: "Sum", periodSeconds: 60 }];
    return await source.read({ region: "us-west-2", startMs: NOW - MINUTE_MS, endMs: NOW, queries });
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

function answered(StatusCode: string, more: object = {}): object {
  return { MetricDataResults: [{ Id: "m0", StatusCode, Timestamps: [], Values: [] }], ...more };
}

test.each([
  ["InternalError", {}],
  ["PartialData", {}],
  ["Forbidden", { NextToken: "more" }],
])("a metric of which CloudWatch says %s at last is not one without points", async (status, more) => {
  await expect(readOf(answered(status, more))).rejects.toThrow(`it says ${status} of the metric Errors`);
});

test("what CloudWatch could not read at once, it is asked for again by the token", async () => {
  const point = { Id: "m0", StatusCode: "Complete", Timestamps: [NOW / 1000], Values: [3] };
  const found = await readOf(answered("InternalError", { NextToken: "more" }), {
    MetricDataResults: [point],
  });
  expect(found).toEqual([{ timesMs: [NOW], values: [3] }]);
});
