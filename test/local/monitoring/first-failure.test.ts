import { expect, test } from "vitest";
import type { AlarmDefinition, Transition } from "@wrist-agent/cloudwatch/alarm";
import { CloudWatchRegion } from "../../../local/monitoring/cloudwatch-region.ts";
import { firstFailureOf } from "../../../local/monitoring/first-failure.ts";

const MINUTE = 60_000;
const START = Date.UTC(2026, 10, 23, 9);

function metricAlarm(alarmName: string, metricName: string): AlarmDefinition {
  return {
    alarmName,
    namespace: "Tiny",
    metricName,
    dimensions: {},
    statistic: "Sum",
    periodSeconds: 60,
    evaluationPeriods: 1,
    threshold: 1,
    comparisonOperator: "GreaterThanOrEqualToThreshold",
  };
}

/** Puts the alarms, a datum of each metric in the first minute, and gives what the second evaluation changes. */
function changes(
  definitions: readonly AlarmDefinition[],
  metrics: readonly string[],
): { readonly region: CloudWatchRegion; readonly transitions: readonly Transition[] } {
  const region = new CloudWatchRegion({ accountId: "123456789012", region: "eu-west-1" });
  region.alarms.putAll(definitions, START);
  const datum = { namespace: "Tiny", dimensions: {}, timestampMs: START, values: [3] };
  region.put(metrics.map((metricName) => ({ ...datum, metricName })));
  return { region, transitions: region.evaluate(START + MINUTE) };
}

const failedAt = (times: readonly number[]) => (fromMs: number) => times.find((time) => time >= fromMs);

test("the first failure is looked for from the oldest breaching period on", () => {
  const { region, transitions } = changes([metricAlarm("failing", "Failure")], ["Failure"]);
  const [raised] = transitions;
  if (raised === undefined) throw new Error("nothing changed");
  const since = failedAt([START - 1, START + 5000]);
  expect(raised.current.state).toBe("ALARM");
  expect(firstFailureOf(raised, region, since)).toBe(START + 5000);
  expect(firstFailureOf({ ...raised, current: raised.previous }, region, since)).toBeUndefined();
  expect(firstFailureOf(raised, region, failedAt([START - 1]))).toBeUndefined();
});

test("an alarm that judges no failures has none", () => {
  const { region, transitions } = changes([metricAlarm("dear", "CostUsd")], ["CostUsd"]);
  const [raised] = transitions;
  if (raised === undefined) throw new Error("nothing changed");
  expect(firstFailureOf(raised, region, failedAt([START]))).toBeUndefined();
});

test("a composite takes it from the alarms that raise it", () => {
  const parts = [metricAlarm("a", "Errors"), metricAlarm("b", "CostUsd"), metricAlarm("c", "Throttles")];
  const whole = { alarmName: "whole", alarmRule: 'ALARM("a") OR ALARM("b") OR ALARM("c")' };
  const { region, transitions } = changes([...parts, whole], ["Errors", "CostUsd"]);
  const raised = transitions.find(({ alarm }) => alarm.alarmName === "whole");
  if (raised === undefined) throw new Error("the composite did not change");
  expect(firstFailureOf(raised, region, failedAt([START - 1, START]))).toBe(START);
});
