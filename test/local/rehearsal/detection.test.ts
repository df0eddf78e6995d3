import { describe, expect, test } from "vitest";
import { detectionOf } from "../../../local/rehearsal/detection.ts";
import type { StateChange } from "../../../local/rehearsal/replay.ts";

/** A fault from minute 100 to minute 200, which a window of 20 minutes sees until 220. */
const FAULT = { spans: [{ beginMs: 100, endMs: 200 }], windowMs: 20 };

/** `90 ALARM, 95 OK` as changes; milliseconds stand for minutes. */
function changes(text: string): readonly StateChange[] {
  return text.split(", ").flatMap((part) => {
    const [at = "", state = ""] = part.split(" ");
    return part === ""
      ? []
      : [{ alarmName: "a", state: state as StateChange["state"], atMs: Number(at), reason: "" }];
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
    expect(detectionOf(changes("5 OK, 104 ALARM, 110 OK, 300 ALARM"), { spans: [], windowMs: 20 })).toEqual({
      falsePositives: 2,
      falseAllClears: 0,
    });
  });

  test.each([
    ["104 ALARM, 120 OK, 150 ALARM, 190 OK", 0],
    ["104 ALARM, 107 OK, 150 ALARM, 190 OK", 1],
    ["104 ALARM, 120 OK, 150 ALARM, 158 OK", 1],
  ])("a fault that comes and goes is over in its pauses: %s", (text, falseAllClears) => {
    const spans = [
      { beginMs: 100, endMs: 110 },
      { beginMs: 145, endMs: 160 },
    ];
    expect(detectionOf(changes(text), { spans, windowMs: 20 })).toMatchObject({
      falsePositives: 0,
      timeToDetectMs: 4,
      falseAllClears,
    });
  });
});
