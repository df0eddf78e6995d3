import { describe, expect, test } from "vitest";
import { detectionOf, detectionSummary } from "../../../local/rehearsal/detection.ts";
import type { StateChange } from "../../../local/rehearsal/replay.ts";

/** A fault from minute 100 to minute 200, which a window of 20 minutes sees until 220. */
const FAULT = { beginMs: 100, endMs: 200, windowMs: 20 };

/** `90 ALARM, 95 OK` as changes; milliseconds stand for minutes. */
function changes(text: string): readonly StateChange[] {
  return text.split(", ").flatMap((part) => {
    const [at = "", state = ""] = part.split(" ");
    return part === ""
      ? []
      : [{ alarmName: "a", state: state as StateChange["state"], atMs: Number(at), isNotified: true }];
  });
}

describe("what an alarm did", () => {
  test.each([
    ["", { falsePositives: 0, falseAllClears: 0 }],
    [
      "5 OK, 104 ALARM, 207 OK",
      { falsePositives: 0, falseAllClears: 0, timeToDetectMs: 4, timeToRecoverMs: 7 },
    ],
    ["5 OK, 104 ALARM", { falsePositives: 0, falseAllClears: 0, timeToDetectMs: 4 }],
    ["40 ALARM, 50 OK", { falsePositives: 1, falseAllClears: 0 }],
    [
      "104 ALARM, 120 OK, 130 ALARM, 210 OK",
      { falsePositives: 0, falseAllClears: 1, timeToDetectMs: 4, timeToRecoverMs: 10 },
    ],
    ["104 ALARM, 120 OK", { falsePositives: 0, falseAllClears: 1, timeToDetectMs: 4, timeToRecoverMs: 0 }],
    [
      "104 ALARM, 207 OK, 215 ALARM, 218 OK",
      { falsePositives: 1, falseAllClears: 0, timeToDetectMs: 4, timeToRecoverMs: 7 },
    ],
    ["215 ALARM, 230 OK", { falsePositives: 0, falseAllClears: 0, timeToDetectMs: 115, timeToRecoverMs: 30 }],
    ["240 ALARM, 250 OK", { falsePositives: 1, falseAllClears: 0 }],
    ["90 ALARM, 210 OK", { falsePositives: 1, falseAllClears: 0, timeToDetectMs: 0, timeToRecoverMs: 10 }],
    ["104 ALARM, 150 INSUFFICIENT_DATA", { falsePositives: 0, falseAllClears: 0, timeToDetectMs: 4 }],
  ])("%s", (text, expected) => {
    expect(detectionOf(changes(text), FAULT)).toEqual(expected);
  });

  test("without a fault every alarm is a false one", () => {
    expect(detectionOf(changes("5 OK, 104 ALARM, 110 OK, 300 ALARM"), undefined)).toEqual({
      falsePositives: 2,
      falseAllClears: 0,
    });
  });
});

describe("runs added up", () => {
  const run = (timeToDetectMs: number, timeToRecoverMs?: number) => ({
    detection: {
      falsePositives: 1,
      falseAllClears: 2,
      timeToDetectMs,
      ...(timeToRecoverMs && { timeToRecoverMs }),
    },
    untilFirstRequestMs: 10,
  });

  test("median, worst and what 30 days hold", () => {
    const lost = { detection: { falsePositives: 0, falseAllClears: 0 } };
    expect(detectionSummary("a", [run(30, 7), run(10), run(90, 5), lost], 15)).toEqual({
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
