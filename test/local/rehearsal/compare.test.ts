import { describe, expect, test } from "vitest";
import { rehearsalDifferences } from "../../../local/rehearsal/compare.ts";
import {
  alarmSummary,
  rate,
  rehearsalReport,
  share,
  spread,
  topicSummary,
} from "../../support/rehearsal-report.ts";

const BEFORE = rehearsalReport({
  topics: [topicSummary({ notified: share(4, 4), timeToNotify: spread(3, 5), mails: { mean: 2, max: 2 } })],
  alarms: [alarmSummary({ detected: share(4, 4), timeToDetect: spread(3, 5), falsePositives: rate(0.1) })],
});

function compared(now: Partial<typeof BEFORE>) {
  return rehearsalDifferences([BEFORE], [{ ...BEFORE, ...now }]).map(
    ({ verdict, figure, before, after }) => [verdict, figure, before, after] as const,
  );
}

describe("two rehearsals", () => {
  test("that are equal do not differ", () => {
    expect(compared({})).toEqual([]);
  });

  test("differ in what got slower and noisier", () => {
    const [topic = topicSummary()] = BEFORE.topics;
    const slower = {
      ...topic,
      timeToNotify: spread(3, 9),
      mails: { mean: 2, max: 6 },
      falsePositives: rate(0.4),
    };
    expect(compared({ topics: [slower] })).toEqual([
      ["slower", "time to notify, max", 300_000, 540_000],
      ["noisier", "mails, max", 2, 6],
      ["noisier", "false positives in 30 days", 0, 0.4],
    ]);
  });

  test("differ in what got faster, quieter, and is detected less often", () => {
    const [alarm = alarmSummary()] = BEFORE.alarms;
    const better = { ...alarm, detected: share(2, 4), timeToDetect: spread(1, 5), falsePositives: rate(0) };
    expect(compared({ alarms: [better] })).toEqual([
      ["missed", "detected", 1, 0.5],
      ["faster", "time to detect, p50", 180_000, 60_000],
      ["quieter", "false positives in 30 days", 0.1, 0],
    ]);
  });

  test("do not differ by the phase of an evaluation", () => {
    const [alarm = alarmSummary()] = BEFORE.alarms;
    expect(
      compared({ alarms: [{ ...alarm, timeToDetect: { p50Ms: 200_000, p95Ms: 0, maxMs: 310_000 } }] }),
    ).toEqual([]);
  });

  test("name an alarm that is gone by what it no longer does", () => {
    expect(compared({ alarms: [] })).toEqual([
      ["missed", "detected", 1, undefined],
      ["quieter", "false positives in 30 days", 0.1, undefined],
    ]);
  });

  test("with other settings or without a common scenario are not compared", () => {
    const settings = { ...BEFORE.settings, runs: 5 };
    expect(() => compared({ settings })).toThrow(
      /outage was rehearsed with runs 4 before and 5 now: repeat it/,
    );
    expect(() => compared({ scenario: "crash" })).toThrow("the two rehearsals have no scenario in common");
  });
});
