import { expect, test } from "vitest";
import type { AlarmDefinition } from "@wrist-agent/cloudwatch/alarm";
import { CloudWatchRegion } from "../../../local/monitoring/cloudwatch-region.ts";
import { alarmRows } from "../../../local/runtime/alarm-rows.ts";
import type { Plan } from "../../../local/runtime/plan.ts";

const NOW = Date.UTC(2026, 10, 23, 2, 30);
const TOPIC = "arn:aws:sns:eu-west-1:123456789012:tiny-page";

function metricAlarm(alarmName: string, change: Partial<AlarmDefinition> = {}): AlarmDefinition {
  return {
    alarmName,
    namespace: "Tiny",
    metricName: "Failure",
    dimensions: {},
    statistic: "Sum",
    periodSeconds: 60,
    evaluationPeriods: 1,
    threshold: 1,
    comparisonOperator: "GreaterThanOrEqualToThreshold",
    alarmActions: [TOPIC],
    ...change,
  };
}

function rowsOf(...definitions: readonly AlarmDefinition[]) {
  const region = new CloudWatchRegion({ accountId: "123456789012", region: "eu-west-1" });
  region.alarms.putAll(definitions, NOW);
  const plan = { regions: [region], emulated: { alarms: [] } } as unknown as Plan;
  return { region, rows: () => alarmRows(plan, NOW) };
}

test("an alarm names the topics that it notifies", () => {
  const { rows } = rowsOf(metricAlarm("a"));
  expect(rows()).toMatchObject([{ alarmName: "a", topics: ["tiny-page"], state: "INSUFFICIENT_DATA" }]);
  for (const member of ["notifiedBy", "suppression", "noDataHere"])
    expect(rows()[0]).not.toHaveProperty(member);
});

test("an alarm whose actions are disabled names the composites that notify in its place", () => {
  const quiet = metricAlarm("part", { actionsEnabled: false });
  const { rows } = rowsOf(quiet, metricAlarm("b"), {
    alarmName: "whole",
    alarmRule: 'ALARM("part") OR ALARM("b")',
  });
  expect(rows().find(({ alarmName }) => alarmName === "part")).toMatchObject({
    topics: [],
    notifiedBy: ["whole"],
  });
});

test("a mute rule suppresses while its window is open", () => {
  const { region, rows } = rowsOf(metricAlarm("a"), metricAlarm("b"));
  region.alarms.putMuteRule({
    name: "nights",
    expression: "cron(0 2 * * *)",
    duration: "PT1H",
    alarmNames: ["a"],
  });
  expect(rows().map(({ suppression }) => suppression)).toEqual([
    "muted by the alarm mute rule nights",
    undefined,
  ]);
});

test("what AWS alone fills can have no data here, unless the alarm reads something else too", () => {
  const stat = (id: string, namespace: string) => ({
    id,
    returnData: false,
    metricStat: { metric: { namespace, metricName: "m", dimensions: {} }, periodSeconds: 60, stat: "Sum" },
  });
  const mixed = metricAlarm("mixed", {
    namespace: undefined,
    metricName: undefined,
    dimensions: undefined,
    statistic: undefined,
    periodSeconds: undefined,
    metrics: [stat("a", "AWS/Billing"), stat("b", "Tiny"), { id: "c", expression: "a + b" }],
  } as unknown as Partial<AlarmDefinition>);
  const { rows } = rowsOf(metricAlarm("bill", { namespace: "AWS/Billing" }), mixed);
  expect(rows().map(({ noDataHere }) => noDataHere)).toEqual([
    expect.stringContaining("nothing is billed here"),
    undefined,
  ]);
});
