import { describe, expect, test } from "vitest";
import { outcomeOf } from "../../../../local/rehearsal/replay/outcome.ts";
import type { Change } from "../../../../local/rehearsal/replay/replay.ts";
import { summaryOf } from "../../../../local/rehearsal/replay/summary.ts";

/** A fault from minute 100 to minute 200, which a window of 20 minutes sees until 220. */
const FAULT = { beginMs: 100, endMs: 200, windowMs: 20 };

/** `90 ALARM, 95 OK` as changes; milliseconds stand for minutes. */
function changes(text: string): readonly Change[] {
  return text.split(", ").flatMap((part) => {
    const [at = "", state = ""] = part.split(" ");
    return part === ""
      ? []
      : [{ alarmName: "a", state: state as Change["state"], atMs: Number(at), isTold: true }];
  });
}

describe("what an alarm did", () => {
  test.each([
    ["", { falseAlarms: 0, falseAllClears: 0 }],
    ["5 OK, 104 ALARM, 207 OK", { falseAlarms: 0, falseAllClears: 0, foundAfterMs: 4, clearedAfterMs: 7 }],
    ["5 OK, 104 ALARM", { falseAlarms: 0, falseAllClears: 0, foundAfterMs: 4 }],
    ["40 ALARM, 50 OK", { falseAlarms: 1, falseAllClears: 0 }],
    [
      "104 ALARM, 120 OK, 130 ALARM, 210 OK",
      { falseAlarms: 0, falseAllClears: 1, foundAfterMs: 4, clearedAfterMs: 10 },
    ],
    ["104 ALARM, 120 OK", { falseAlarms: 0, falseAllClears: 1, foundAfterMs: 4, clearedAfterMs: 0 }],
    [
      "104 ALARM, 207 OK, 215 ALARM, 218 OK",
      { falseAlarms: 1, falseAllClears: 0, foundAfterMs: 4, clearedAfterMs: 7 },
    ],
    ["215 ALARM, 230 OK", { falseAlarms: 0, falseAllClears: 0, foundAfterMs: 115, clearedAfterMs: 30 }],
    ["240 ALARM, 250 OK", { falseAlarms: 1, falseAllClears: 0 }],
    ["90 ALARM, 210 OK", { falseAlarms: 1, falseAllClears: 0, foundAfterMs: 0, clearedAfterMs: 10 }],
    ["104 ALARM, 150 INSUFFICIENT_DATA", { falseAlarms: 0, falseAllClears: 0, foundAfterMs: 4 }],
  ])("%s", (text, expected) => {
    expect(outcomeOf(changes(text), FAULT)).toEqual(expected);
  });

  test("without a fault every alarm is a false one", () => {
    expect(outcomeOf(changes("5 OK, 104 ALARM, 110 OK, 300 ALARM"), undefined)).toEqual({
      falseAlarms: 2,
      falseAllClears: 0,
    });
  });
});

describe("runs added up", () => {
  const run = (foundAfterMs: number, clearedAfterMs?: number) => ({
    outcome: { falseAlarms: 1, falseAllClears: 2, foundAfterMs, ...(clearedAfterMs && { clearedAfterMs }) },
    unseenMs: 10,
  });

  test("median, worst and what 30 days hold", () => {
    const lost = { outcome: { falseAlarms: 0, falseAllClears: 0 } };
    expect(summaryOf("a", [run(30, 7), run(10), run(90, 5), lost], 15)).toEqual({
      alarmName: "a",
      found: 3,
      foundAfter: { medianMs: 30, worstMs: 90 },
      foundAfterFirstRequest: { medianMs: 20, worstMs: 80 },
      clearedAfter: { medianMs: 5, worstMs: 7 },
      neverCleared: 1,
      falseAllClears: 6,
      falseAlarmsIn30Days: 1.5,
    });
  });
});
