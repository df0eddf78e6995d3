import { describe, expect, test } from "vitest";
import { nextRun, scheduleTimes } from "@wrist-agent/cloudwatch/schedule-expression";

/** The next runs after an instant, as ISO texts. */
function runsAfter(expression: string, from: string, timezone?: string): readonly string[] {
  const times = scheduleTimes(expression, timezone);
  if ("refusal" in times) throw new Error(times.refusal);
  const runs: string[] = [];
  for (let last = nextRun(times, Date.parse(from)); last !== undefined && runs.length < 3;) {
    runs.push(new Date(last).toISOString().slice(0, 16));
    last = nextRun(times, last);
  }
  return runs;
}

describe("a schedule expression", () => {
  const noon = "2026-11-23T12:00:30Z";
  test.each<[string, string, readonly string[]]>([
    ["rate(5 minutes)", noon, ["2026-11-23T12:05", "2026-11-23T12:10", "2026-11-23T12:15"]],
    ["rate(1 hour)", noon, ["2026-11-23T13:00", "2026-11-23T14:00", "2026-11-23T15:00"]],
    ["rate(30 days)", noon, ["2026-12-23T12:00", "2027-01-22T12:00", "2027-02-21T12:00"]],
    ["cron(0 9 * * ? *)", noon, ["2026-11-24T09:00", "2026-11-25T09:00", "2026-11-26T09:00"]],
    ["cron(0/20 12 * * ? *)", noon, ["2026-11-23T12:20", "2026-11-23T12:40", "2026-11-24T12:00"]],
    ["cron(*/30 9-10 ? * 2 *)", noon, ["2026-11-30T09:00", "2026-11-30T09:30", "2026-11-30T10:00"]],
    ["cron(15 8 ? * MON-FRI *)", noon, ["2026-11-24T08:15", "2026-11-25T08:15", "2026-11-26T08:15"]],
    ["cron(0 0 1 JAN,JUL ? *)", noon, ["2027-01-01T00:00", "2027-07-01T00:00", "2028-01-01T00:00"]],
    ["cron(0 0 29 2 ? *)", noon, ["2028-02-29T00:00", "2032-02-29T00:00", "2036-02-29T00:00"]],
    ["cron(0 0 1 1 ? 2026-2027)", noon, ["2027-01-01T00:00"]],
    ["cron(0 0 31 12 ? 2025)", noon, []],
  ])("%s after %s", (expression, from, expected) => {
    expect(runsAfter(expression, from)).toEqual(expected);
  });

  test.each<[string, string, readonly string[]]>([
    ["a time that summer time skips", "2026-03-28T12:00:00Z", ["2026-03-30T00:30", "2026-03-31T00:30"]],
    [
      "the first of a time that comes twice",
      "2026-10-24T12:00:00Z",
      ["2026-10-25T00:30", "2026-10-26T01:30"],
    ],
  ])("in a time zone runs not at %s", (_name, from, expected) => {
    expect(runsAfter("cron(30 2 * * ? *)", from, "Europe/Berlin").slice(0, 2)).toEqual(expected);
  });

  test.each([
    ["at(2026-11-23T12:00:00)", "UTC", /one-time schedules are not run/],
    ["rate(0 minutes)", "UTC", /give rate\(5 minutes\)/],
    ["rate(5 weeks)", "UTC", /give rate\(5 minutes\)/],
    ["cron(0 9 * * *)", "UTC", /give cron\(/],
    ["cron(0 9 * * * *)", "UTC", /one day as \?/],
    ["cron(0 9 ? * ? *)", "UTC", /one day as \?/],
    ["cron(0 9 L * ? *)", "UTC", /without L, W and #/],
    ["cron(0 9 ? * 6#3 *)", "UTC", /without L, W and #/],
    ["cron(60 9 * * ? *)", "UTC", /give cron\(/],
    ["cron(0/0 9 * * ? *)", "UTC", /give cron\(/],
    ["cron(9-7 9 * * ? *)", "UTC", /give cron\(/],
    ["every day", "UTC", /schedule expression every day is not emulated/],
    ["cron(0 9 * * ? *)", "Mars/Olympus", /Mars\/Olympus is no time zone/],
  ])("%s in %s is refused by name", (expression, timezone, message) => {
    const times = scheduleTimes(expression, timezone);
    expect("refusal" in times ? times.refusal : "").toMatch(message);
  });
});

test("a run that had its turn does not come again in the hour that summer time's end repeats", () => {
  // 01:10 for the second time: 01:30 was there already, before the clock went back.
  const second = "2026-11-01T09:10:00Z";
  expect(runsAfter("cron(30 1 * * ? *)", second, "America/Los_Angeles")[0]).toBe("2026-11-02T09:30");
});
