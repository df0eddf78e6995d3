import { PutMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import { GetParameterCommand } from "@aws-sdk/client-ssm";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ssmServer, type TestServer } from "../../support/aws-servers.ts";

let calls = 0;
let failing: TestServer;

beforeEach(async () => {
  calls = 0;
  failing = await ssmServer(() => {
    calls += 1;
    return { status: 500, body: { __type: "InternalServerError", message: "no" } };
  });
  // Powertools names itself there when the handler is loaded.
  vi.stubEnv("AWS_SDK_UA_APP_ID", undefined);
  vi.stubEnv("AWS_REGION", "us-west-2");
  vi.stubEnv("AWS_ACCESS_KEY_ID", "test");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "test");
  vi.stubEnv("AWS_ENDPOINT_URL", failing.endpoint);
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await failing.stop();
});

test("the token is asked for twice while SSM fails, so that a try keeps its time", async () => {
  const { probeClients } = await import("../../../lambda/probe/handler.ts");
  const { ssm } = probeClients("us-west-2");
  await expect(ssm.send(new GetParameterCommand({ Name: "/token" }))).rejects.toThrow("no");
  expect(calls).toBe(2);
});

test("the run's value is sent three times while CloudWatch fails", async () => {
  const { probeClients } = await import("../../../lambda/probe/handler.ts");
  const { cloudWatch } = probeClients("us-west-2");
  const value = new PutMetricDataCommand({
    Namespace: "WristAgent",
    MetricData: [{ MetricName: "Failure", Value: 1 }],
  });
  await expect(cloudWatch.send(value)).rejects.toThrow();
  expect(calls).toBe(3);
});
