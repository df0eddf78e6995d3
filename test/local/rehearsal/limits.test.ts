import { describe, expect, test } from "vitest";
import { exceededLimits, parseLimit, parseLimits } from "../../../local/rehearsal/limits.ts";
import {
  alarmSummary,
  rate,
  rehearsalReport,
  share,
  spread,
  topicSummary,
} from "../../support/rehearsal-report.ts";

const REPORT = rehearsalReport({
  firstNotification: { notified: share(4, 4), timeToNotify: spread(3, 8) },
  topics: [
    topicSummary({
      notified: share(3, 4),
      timeToNotify: spread(4, 9),
      mails: { mean: 2.5, max: 4 },
      falsePositives: rate(0.2),
      laterSpansNotified: share(1, 2),
    }),
  ],
  alarms: [
    alarmSummary({
      detected: share(4, 4),
      timeToDetect: spread(3, 8),
      neverRecovered: 1,
      timeToRecover: spread(5, 6),
    }),
    alarmSummary({ alarmName: "wrist-agent-production-duration", falseAllClears: 2 }),
  ],
});

const exceeded = (limit: string) =>
  exceededLimits([parseLimit(limit)], [REPORT, rehearsalReport({ scenario: "crash" })]);

describe("a limit", () => {
  test.each([
    ["outage: first timeToNotify max > 7m", 480_000],
    ["outage: first timeToNotify > 7m", 480_000],
    ["outage: first timeToNotify p50 > 2m", 180_000],
    ["outage: page timeToNotify max > 1h", Infinity],
    ["outage: page timeToNotify p50 > 3m", 240_000],
    ["outage: page notified < 99%", 0.75],
    ["outage: topics mails max > 3", 4],
    ["outage: topics mails mean > 2", 2.5],
    ["outage: page falsePositives > 0.1", 0.2],
    ["outage: page laterSpansNotified < 100%", 0.5],
    ["outage: failing-now timeToDetect p95 > 7m", 480_000],
    ["outage: failing-now timeToRecover max > 15m", Infinity],
    ["outage: failing-now timeToRecover p50 > 4m", 300_000],
    ["outage: failing-now neverRecovered > 0", 1],
    ["outage: alarms falseAllClears > 0", 2],
    ["crash: failing-now detected < 100%", 0],
    ["crash, outage: duration falseAllClears > 1", 2],
    ["outage: wrist-agent-production-duration falseAllClears > 1", 2],
  ])("%s is exceeded", (limit, value) => {
    expect(exceeded(limit)).toMatchObject([{ limit: { text: limit }, value }]);
  });

  test.each([
    "outage: first timeToNotify max > 8m",
    "outage: page timeToNotify p50 > 4m",
    "outage: page notified < 75%",
    "outage: topics mails max > 4",
    "*: alarms falseAllClears > 2",
    "outage: failing-now timeToRecover p50 > 5m",
  ])("%s is kept", (limit) => {
    expect(exceeded(limit)).toEqual([]);
  });

  test("of * holds for each scenario", () => {
    expect(exceeded("*: first notified < 100%").map(({ scenario }) => scenario)).toEqual(["crash"]);
  });

  test.each([
    ["outage first timeToNotify > 7m", /cannot be read: write "SCENARIO/],
    ["outage: first speed > 7m", /no figure is "speed"; use detected, timeToDetect/],
    ["outage: first timeToNotify p99 > 7m", /no statistic is "p99"; use p50, p95, max, mean/],
    ["outage: first timeToNotify > soon", /"soon" is no number, percentage or time like 7m/],
    ["flood: first notified < 1", /names flood, which is not rehearsed: rehearse it too/],
    ["outage: pager notified < 1", /no topic or alarm is called "pager"/],
    ["outage: page falseAllClears > 1", /wrist-agent-production-page has no figure falseAllClears max/],
    ["outage: page timeToNotify mean > 1", /a time has p50, p95 and max/],
  ])("%s is refused", (limit, message) => {
    expect(() => exceeded(limit)).toThrow(message);
  });

  test("is not for baselines", () => {
    const baseline = rehearsalReport({ alarmSet: "slic-watch" });
    expect(exceededLimits([parseLimit("outage: first notified < 100%")], [REPORT, baseline])).toEqual([]);
  });

  test("stands on a line of its own in a file, with comments", () => {
    const limits = parseLimits("# aims\n\noutage: first  notified < 1 # all\n*: alarms falseAllClears > 0\n");
    expect(limits.map(({ text }) => text)).toEqual([
      "outage: first notified < 1",
      "*: alarms falseAllClears > 0",
    ]);
  });
});
