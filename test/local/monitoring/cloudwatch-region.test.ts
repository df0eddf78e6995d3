import { expect, test } from "vitest";
import type { MetricAlarmDefinition } from "@wrist-agent/cloudwatch/alarm";
import { CloudWatchRegion } from "../../../local/monitoring/cloudwatch-region.ts";

const NOW = Date.UTC(2026, 10, 23, 12);
const MINUTE = 60_000;
const condition = {
  evaluationPeriods: 1,
  threshold: 1,
  comparisonOperator: "GreaterThanThreshold",
} as const;

/** A Region with a good alarm and one that an older version let in, whose expression is refused today. */
function regionWith(bad: MetricAlarmDefinition): CloudWatchRegion {
  const region = new CloudWatchRegion({ region: "us-west-2", accountId: "123456789012" });
  const good = { alarmName: "good", namespace: "Shop", metricName: "Sales", statistic: "Sum" };
  region.alarms.put({ ...good, ...condition, periodSeconds: 60 }, NOW);
  const [saved] = region.alarms.snapshot().alarms;
  if (saved === undefined) throw new Error("the alarm was not put");
  const { alarmName } = bad;
  const broken = { ...saved, definition: bad, status: { ...saved.status, alarmName } };
  region.alarms.restore({ alarms: [broken, saved], history: [] });
  return region;
}

test("an alarm that cannot be read is named, and stops no other of its Region", () => {
  const bad = {
    alarmName: "bad",
    ...condition,
    metrics: [{ id: "e", expression: "NOPE(1)", periodSeconds: 60 }],
  };
  const region = regionWith(bad);
  region.put([{ namespace: "Shop", metricName: "Sales", dimensions: {}, timestampMs: NOW, values: [5] }]);
  expect(region.failures()).toEqual([]);
  const changes = region.evaluate(NOW + MINUTE).map(({ current }) => [current.alarmName, current.state]);
  expect(changes).toEqual([["good", "ALARM"]]);
  expect(region.failures()).toEqual([
    expect.stringMatching(/^alarm bad keeps its state, because it cannot be evaluated: .*NOPE/),
  ]);
  region.alarms.put({ ...bad, metrics: [{ id: "e", expression: "TIME_SERIES(5)", periodSeconds: 60 }] }, NOW);
  expect(region.evaluate(NOW + 2 * MINUTE).map(({ current }) => current.alarmName)).toEqual(["bad"]);
  expect(region.failures()).toEqual([]);
});

test("a mistake is still refused when an alarm is put", () => {
  const region = regionWith({
    alarmName: "bad",
    ...condition,
    metrics: [{ id: "e", expression: "NOPE(1)", periodSeconds: 60 }],
  });
  region.evaluate(NOW);
  const wrong = {
    alarmName: "new",
    ...condition,
    metrics: [{ id: "e", expression: "NOPE(1)", periodSeconds: 60 }],
  };
  expect(() => region.alarms.put(wrong, NOW)).toThrow(/NOPE/);
});
