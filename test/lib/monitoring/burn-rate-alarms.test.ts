import { describe, expect, test } from "vitest";
import { burningPercent, burnWindows, burnWindowText } from "../../../lib/monitoring/burn-rate-alarms.ts";
import { configOf } from "../../support/config-of.ts";

const HOUR = 3_600;

/** One period of this length with so many failures. */
const one = (periodSeconds: number, count: number, share: number) => ({
  periodSeconds,
  evaluationPeriods: 1,
  datapointsToAlarm: 1,
  count,
  share,
});

/** So many failing periods of `evaluationPeriods`. */
const several = (
  periodSeconds: number,
  [datapointsToAlarm, evaluationPeriods]: readonly [number, number],
  share: number,
) => ({
  periodSeconds,
  evaluationPeriods,
  datapointsToAlarm,
  count: 1,
  share,
});

describe("the windows of a stage's burn alarms", () => {
  test.each<["fast" | "slow", string, ReturnType<typeof burnWindows>]>([
    ["fast", "10", { long: several(HOUR, [3, 24], 0.144), short: several(HOUR, [1, 6], 0.144) }],
    ["slow", "10", { long: several(HOUR, [5, 168], 0.03), short: several(HOUR, [1, 24], 0.03) }],
    ["fast", "1000", { long: one(HOUR, 7, 0.144), short: several(300, [1, 3], 0.144) }],
    ["slow", "1000", { long: one(24 * HOUR, 24, 0.03), short: several(HOUR, [1, 6], 0.03) }],
    ["slow", "10000", { long: one(24 * HOUR, 144, 0.03), short: several(HOUR, [1, 6], 0.03) }],
  ])("%s at %s requests a day", (kind, requestsPerDay, windows) => {
    expect(burnWindows(kind, configOf({ requestsPerDay }))).toEqual(windows);
  });
});

describe("the mail of a burn alarm says", () => {
  test.each([
    ["fast", "10", ["3 of the last 24 hours", "one of the last 6 hours", "14.4 %"]],
    ["slow", "10", ["5 of the last 168 hours", "one of the last 24 hours", "3 %"]],
    ["fast", "1000", ["the last full hour", "one of the last 15 minutes", "14.4 %"]],
    ["slow", "1000", ["the last full day", "one of the last 6 hours", "3 %"]],
  ] as const)("%s at %s requests a day: %j", (kind, requestsPerDay, texts) => {
    const config = configOf({ requestsPerDay });
    const { long, short } = burnWindows(kind, config);
    expect([burnWindowText(long), burnWindowText(short), burningPercent(kind, config)]).toEqual(texts);
  });
});
