import { Logger } from "@aws-lambda-powertools/logger";
import { afterEach, expect, test, vi } from "vitest";
import { powertoolsReport, withoutDictation } from "../../../lambda/agent/report.ts";
import type { Report } from "../../../lambda/agent/report.ts";

afterEach(() => vi.restoreAllMocks());

/** What the real logger writes, whichever stream it takes. */
function written(tell: (report: Report) => void): readonly Readonly<Record<string, unknown>>[] {
  const texts: string[] = [];
  const take = (text: string | Uint8Array): boolean => texts.push(String(text)) > 0;
  for (const stream of [process.stdout, process.stderr]) vi.spyOn(stream, "write").mockImplementation(take);
  for (const method of ["debug", "info", "warn", "error"] as const)
    vi.spyOn(globalThis.console, method).mockImplementation((text: string) => void take(text));
  tell(powertoolsReport(new Logger({ serviceName: "wrist-agent-test", logLevel: "DEBUG" })));
  return texts
    .flatMap((text) => text.trim().split("\n"))
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

test.each<[string, (report: Report) => void, object]>([
  [
    "a refused model call",
    (report) =>
      report.failure(
        { outcome: "config", reason: "AccessDeniedException" },
        new Error("not authorized"),
        "fern",
      ),
    { message: "model call failed", outcome: "config", said: "not authorized" },
  ],
  [
    "a busy model",
    (report) =>
      report.failure(
        { outcome: "throttled", reason: "ThrottlingException" },
        new Error("bad: quoting the fern here"),
        "I am quoting the fern",
      ),
    { message: "model call failed", reason: "ThrottlingException", error: "Error", said: "bad:… here" },
  ],
  ["a bug", (report) => report.bug(new TypeError("quoting")), { message: "the agent failed" }],
  ["a warning", (report) => report.warn("the deployment is wrong", { fault: "x" }), { fault: "x" }],
  ["a label", (report) => report.info("mode read from a label", { mode: "note" }), { mode: "note" }],
  [
    "a warning within a request",
    (report) => {
      report.begin("8f5e1c0a");
      report.warn("mode read from a label");
    },
    { message: "mode read from a label", requestId: "8f5e1c0a" },
  ],
])("%s is one line that the logger takes whole", (_name, tell, expected) => {
  const lines = written(tell);
  expect(lines).toEqual([expect.objectContaining(expected)]);
  expect(JSON.stringify(lines)).not.toMatch(/reserved key|quoting/);
});

test.each([
  ["in whatever case", ["bad: QUOTING THE FERN here", "I am quoting the fern", "bad:… here"]],
  [
    "beside a letter that is longer in lower case",
    ["İ quoting the fern here", "I am quoting the fern", "İ… here"],
  ],
  ["whole where it is short", ["bad: Fern.", "fern", "bad: …."]],
  ["but not three letters", ["bad: fig", "fig", "bad: fig"]],
  ["nor eight in a row", ["quoting a fig", "quoting the fern", "quoting a fig"]],
] as const)("what was dictated is left out of a message %s", (_how, [message, dictated, expected]) => {
  expect(withoutDictation(message, dictated)).toBe(expected);
});
