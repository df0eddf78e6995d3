import { CloudWatchClient, type PutMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import { expect, test } from "vitest";
import { publishFailure } from "../../../lambda/probe/publish-failure.ts";

test("a run's value is one datum in the probe's dimension, stamped with the start of the run", async () => {
  const sent: unknown[] = [];
  const client = new CloudWatchClient({ region: "us-west-2" });
  client.send = (command: unknown): Promise<never> => {
    sent.push((command as PutMetricDataCommand).input);
    return Promise.resolve({ $metadata: {} } as never);
  };
  const startedMs = Date.UTC(2026, 10, 23, 17, 5, 20);
  await publishFailure(client, "test")(0.429, startedMs);
  expect(sent).toEqual([
    {
      Namespace: "WristAgent",
      MetricData: [
        {
          MetricName: "Failure",
          Dimensions: [{ Name: "service", Value: "wrist-agent-test-probe" }],
          Unit: "Count",
          Value: 0.429,
          Timestamp: new Date(startedMs),
        },
      ],
    },
  ]);
});

test("a refusal of CloudWatch reaches the run, which says so on its line", async () => {
  const client = new CloudWatchClient({ region: "us-west-2" });
  client.send = (): Promise<never> => Promise.reject(new Error("denied"));
  await expect(publishFailure(client, "test")(1, 0)).rejects.toThrow("denied");
});
