import { runLogsInsights } from "@wrist-agent/cloudwatch/logs/logs-insights";
import { describe, expect, it } from "vitest";
import * as queries from "../../../lib/monitoring/log-queries.ts";

const AT = Date.UTC(2026, 10, 23, 12);

/** Runs a query over messages of one hour, a minute between two. */
function run(query: readonly string[], messages: readonly (string | object)[]) {
  const events = messages.map((message, index) => ({
    logGroupName: "/aws/lambda/f",
    timestampMs: AT + index * 60_000,
    logStreamName: "1",
    message: typeof message === "string" ? message : JSON.stringify(message),
  }));
  return runLogsInsights(query.join(" | "), {
    events: events,
    startMs: AT,
    endMs: AT + 3_600_000,
  });
}

function request(more: Readonly<Record<string, string | number>> = {}) {
  return { httpStatus: 200, outcome: "ok", mode: "note", version: "7", Failure: 0, ...more };
}

describe("the queries of the dashboards", () => {
  it("tell which version answered since when, and how it fares", () => {
    const failing = request({ version: "8", Failure: 1, outcome: "timeout" });
    const { rows } = run(queries.VERSIONS_QUERY, [request(), request(), failing]);
    expect(rows).toMatchObject([
      { version: "8", requests: "1", failed: "1", first: "2026-11-23 12:02:00.000" },
      { version: "7", requests: "2", failed: "0", last: "2026-11-23 12:01:00.000" },
    ]);
  });

  it("tell when each outcome was last seen", () => {
    const { rows } = run(queries.OUTCOMES_QUERY, [request({ outcome: "timeout" }), request(), request()]);
    expect(rows).toMatchObject([
      { outcome: "ok", requests: "2", last: "2026-11-23 12:02:00.000" },
      { outcome: "timeout", requests: "1" },
    ]);
  });

  it("count modes side by side for each day", () => {
    const { fields, rows } = run(queries.modesQuery("1d"), [
      request(),
      request({ mode: "event" }),
      request(),
    ]);
    expect(fields).toEqual(["bin(1d)", "note", "reminder", "event", "research", "deepthink"]);
    expect(rows).toMatchObject([{ note: "2", event: "1", research: "0" }]);
  });

  it("give characters, tokens and dollars by mode", () => {
    const lines = [
      request({ textLength: 40, replyLength: 200, CostUsd: 0.002, InputTokens: 500, Latency: 900 }),
      request({ textLength: 60, replyLength: 400, CostUsd: 0.004, InputTokens: 700, Latency: 1100 }),
    ];
    expect(run(queries.LATENCY_BY_MODE_QUERY, lines).rows).toMatchObject([
      { mode: "note", textCharacters: "50", longestText: "60", replyCharacters: "300", p50Ms: "900" },
    ]);
    expect(run(queries.COST_BY_MODE_QUERY, lines).rows).toMatchObject([
      { usdPerRequest: "0.003", inputTokens: "1200" },
    ]);
  });

  it("know the versions of any function, from text and from JSON logs", () => {
    const { rows } = run(queries.FUNCTION_VERSIONS_QUERY, [
      "START RequestId: 1 Version: 3",
      { type: "platform.initStart", record: { functionVersion: "4", runtimeVersion: "nodejs:24" } },
      { type: "platform.start", record: { requestId: "2", version: "4" } },
    ]);
    expect(rows.map(({ version, invocations }) => [version, invocations])).toEqual([
      ["4", "1"],
      ["3", "1"],
    ]);
  });

  it("find the lines of any function that tell of a failure", () => {
    const { rows } = run(queries.FUNCTION_ERRORS_QUERY, [
      "all is well",
      "Task timed out after 3.00 seconds",
      "TypeError: x",
    ]);
    expect(rows.map((row) => row["@message"])).toEqual(["TypeError: x", "Task timed out after 3.00 seconds"]);
  });

  it.each(Object.entries(queries).filter(([, query]) => Array.isArray(query)))(
    "%s runs here as on AWS",
    (_name, query) => {
      expect(run(query as readonly string[], [request()]).fields.length).toBeGreaterThan(1);
    },
  );
});
