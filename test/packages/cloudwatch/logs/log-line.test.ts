import { describe, expect, test } from "vitest";
import { flattenedMembers, readLogLine } from "@wrist-agent/cloudwatch/logs/log-line";

describe("a line of a function's log", () => {
  test.each<[string, unknown, ReturnType<typeof readLogLine>]>([
    ["plain text", "Task timed out\n", { level: "", text: "Task timed out", frames: [] }],
    ["JSON that is no object", "[1, 2]", { level: "", text: "[1, 2]", frames: [] }],
    [
      "Lambda itself",
      {
        time: "t",
        type: "platform.report",
        record: { requestId: "r", status: "success", metrics: { durationMs: 4.5 } },
      },
      { level: "LAMBDA", text: "platform.report status=success metrics.durationMs=4.5", frames: [] },
    ],
    [
      "the logger",
      {
        level: "WARN",
        message: "model call failed",
        timestamp: "t",
        service: "s",
        sampling_rate: 0,
        xray_trace_id: "1-2",
        function_name: "f",
        function_arn: "arn",
        function_memory_size: "256",
        function_request_id: "r",
        reason: "Throttled",
        tries: [1, 2],
      },
      { level: "WARN", text: "model call failed reason=Throttled tries=[1,2]", frames: [] },
    ],
    [
      "the logger, of an error",
      { level: "ERROR", message: "bug", at: ["at a (x.cjs:1:2)", "at b (x.cjs:3:4)"] },
      { level: "ERROR", text: "bug", frames: ["at a (x.cjs:1:2)", "at b (x.cjs:3:4)"] },
    ],
    [
      "the probe's verdict, in EMF",
      { _aws: { Timestamp: 1, CloudWatchMetrics: [] }, requestId: "r", Failure: 1, failureClass: "timeout" },
      { level: "", text: "Failure=1 failureClass=timeout", frames: [] },
    ],
    ["somebody else", { hello: { there: true } }, { level: "", text: "hello.there=true", frames: [] }],
  ])("of %s says what a person looks for", (_whose, line, expected) => {
    expect(readLogLine(typeof line === "string" ? line : JSON.stringify(line))).toEqual(expected);
  });
});

test("members of members are named by both", () => {
  expect(flattenedMembers({ a: 1, b: { c: "d", e: { f: null } } })).toEqual([
    ["a", "1"],
    ["b.c", "d"],
    ["b.e.f", "null"],
  ]);
});
