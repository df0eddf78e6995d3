import pc from "picocolors";
import { describe, expect, test } from "vitest";
import { textWidth } from "../../../bin/cli/table.ts";
import type { Terminal } from "../../../bin/cli/terminal.ts";
import { isSynthetic, requestLiner, requestOf } from "../../../bin/commands/request-text.ts";

const LINE = {
  _aws: { Timestamp: 1 },
  outcome: "throttled",
  reason: "ThrottlingException",
  mode: "note",
  httpStatus: 429,
  durationMs: 1512.4,
  InputTokens: 375,
  OutputTokens: 61,
  CostUsd: 0.000_752_4,
  attempts: 3,
  client: "Shortcuts/1200 \u001b[2J",
  version: "7",
  requestId: "916a57d9-b723-49aa-b19d-2dce3e089535",
};

const read = (line: object, timeMs = new Date(2026, 10, 23, 4, 5, 6).getTime()) =>
  requestOf({ eventId: "1", stream: "s", timeMs, message: `${JSON.stringify(line)}\n` });

const terminal = (columns?: number, colours = pc.createColors(false)): Terminal => ({
  columns,
  out: () => undefined,
  err: () => undefined,
  colours,
  progress: (_text, work) => (typeof work === "function" ? work(() => undefined) : work),
});

describe("the line of a request", () => {
  test("has the columns of the page, whole in a pipe, and moves no cursor", () => {
    const { head, line } = requestLiner(terminal());
    const request = read(LINE);
    expect(head.split(/ +/)).toEqual(
      "time outcome status mode total reason input output cost tries client version request".split(" "),
    );
    expect(request && line(request)).toBe(
      "04:05:06  throttled        429  note         1.5 s  ThrottlingException         375      61  $0.000752      3  Shortcuts/1200      7        916a57d9-b723-49aa-b19d-2dce3e089535",
    );
  });

  test.each([60, 80, 100, 132])("keeps what matters most in %d columns", (columns) => {
    const { head, line } = requestLiner(terminal(columns));
    const request = read(LINE);
    const text = request ? line(request) : "";
    expect(textWidth(head)).toBeLessThanOrEqual(columns);
    expect(textWidth(text)).toBeLessThanOrEqual(columns);
    expect(text).toMatch(/^04:05:06 {2}throttled/);
  });

  test.each([
    ["ok", "green"],
    ["degraded", "yellow"],
    ["unauthorized", "magenta"],
    ["blocked", "cyan"],
    ["timeout", "red"],
  ] as const)("%s is %s", (outcome, colour) => {
    const colours = pc.createColors(true);
    const request = read({ ...LINE, outcome });
    const text = request ? requestLiner(terminal(80, colours)).line(request) : "";
    expect(text.startsWith(colours[colour]("x").split("x")[0] ?? "none")).toBe(true);
  });

  test("an outcome that this version does not know is printed without a colour", () => {
    const request = read({ ...LINE, outcome: "toString" });
    expect(request && requestLiner(terminal(40)).line(request)).toMatch(/^04:05:06 {2}toString/);
  });
});

test.each([
  ["no JSON", "START RequestId: x"],
  ["a line of the logger", JSON.stringify({ level: "ERROR", outcome: "internal" })],
  ["a metric that is no request's", JSON.stringify({ _aws: {}, Failure: 1 })],
])("%s is no request", (_case, message) => {
  expect(requestOf({ eventId: "1", stream: "s", timeMs: 0, message })).toBeUndefined();
});

test("requests of the probe and of a deployment are nobody's", () => {
  const marks = [{ probe: 1 }, { verification: 1 }, {}].map((mark) => read({ ...LINE, ...mark }));
  expect(marks.map((request) => request && isSynthetic(request))).toEqual([true, true, false]);
});
