import { describe, expect, test } from "vitest";
import { PROBE_FAILURE_MEANING, PROBE_FAILURES, type ProbeFailure } from "../../../lambda/contract/probe.ts";
import type { ConnectionStep, ExchangeResult } from "../../../lambda/probe/http-exchange.ts";
import { exchangeVerdict, replyFault } from "../../../lambda/probe/tries.ts";
import { SOUND_REPLY } from "../../support/agent-under-test.ts";
import { answering, SERVED } from "../../support/probe-under-test.ts";

const broken = (reached: ConnectionStep, code: string): ExchangeResult => ({
  travel: { reached, latencyMs: 5 },
  broken: code,
});
const timedOut = (reached: ConnectionStep): ExchangeResult => ({
  travel: { reached, latencyMs: 12_000 },
  timedOut: true,
});

const told = { "x-request-id": "id-1", "x-wrist-agent-outcome": "config AccessDeniedException" };

const ROWS: readonly (readonly [ExchangeResult, ProbeFailure, object])[] = [
  [broken("lookup", "ENOTFOUND"), "dns", { detail: "ENOTFOUND" }],
  [broken("lookup", "EAI_AGAIN"), "dns", { detail: "EAI_AGAIN" }],
  [broken("connect", "ECONNREFUSED"), "connection", { detail: "ECONNREFUSED" }],
  [broken("connect", "EHOSTUNREACH"), "connection", { detail: "EHOSTUNREACH" }],
  [broken("answer", "ECONNRESET"), "connection", { detail: "ECONNRESET" }],
  [broken("handshake", "CERT_HAS_EXPIRED"), "tls", { detail: "CERT_HAS_EXPIRED" }],
  [broken("handshake", "ECONNRESET"), "tls", { detail: "ECONNRESET" }],
  [timedOut("answer"), "timeout", { detail: "answer" }],
  [timedOut("lookup"), "timeout", { detail: "lookup" }],
  [answering(403, { Message: "Forbidden" }, {}), "url_forbidden", { status: 403 }],
  [answering(401, { error: "Unauthorized" }), "unauthorized", { status: 401 }],
  [answering(429, { message: "Rate Exceeded." }, {}), "too_many_requests", { status: 429 }],
  [
    answering(429, { error: "busy" }, { "x-request-id": "id-1", "x-wrist-agent-outcome": "throttled" }),
    "too_many_requests",
    { requestId: "id-1", outcome: "throttled" },
  ],
  [answering(400, { error: "text field is required" }), "refused", { status: 400 }],
  [answering(404, "Not Found", {}), "refused", { status: 404 }],
  [answering(413, "Request Too Long", {}), "refused", { status: 413 }],
  [
    answering(500, { error: "Failed to process request" }, told),
    "agent_failed",
    { requestId: "id-1", outcome: "config", reason: "AccessDeniedException" },
  ],
  [answering(503, { error: "The token store is not available" }), "agent_failed", { status: 503 }],
  [answering(502, "Internal Server Error", {}), "function_failed", { status: 502 }],
  [answering(504, "", {}), "function_failed", { status: 504 }],
  [answering(200, "<html>"), "wrong_shape", { detail: "no JSON object" }],
  [answering(200, { ...SOUND_REPLY, tags: "home" }), "wrong_shape", { detail: "tags" }],
  [answering(204, ""), "wrong_shape", { status: 204 }],
  [answering(301, "", { location: "https://elsewhere.example/" }), "wrong_shape", { status: 301 }],
];

describe("what became of a question", () => {
  test("is no failure when a Shortcut would have been served", () => {
    expect(exchangeVerdict(SERVED, "model")).toEqual({
      status: 200,
      requestId: "8f5e1c0a-0000-4000-8000-000000000001",
    });
  });

  test.each([
    [answering(200, { status: "ok", version: "7" }), undefined],
    [answering(200, { status: "starting" }), "status"],
    [answering(200, SOUND_REPLY), "status"],
    [answering(200, "<html>"), "no JSON object"],
  ])("about the agent's health is sound when its status is ok: %j", (exchanged, detail) => {
    const verdict = exchangeVerdict(exchanged, "health");
    expect(verdict.detail).toBe(detail);
    expect(verdict.failure).toBe(detail === undefined ? undefined : "wrong_shape");
  });

  test.each(ROWS)("%j is %s", (exchanged, failure, rest) => {
    expect(exchangeVerdict(exchanged, "model")).toMatchObject({ failure, ...rest });
  });

  test("the rows above show every failure that the network and the agent can cause", () => {
    const others: readonly ProbeFailure[] = ["token_unreadable", "probe_broken"];
    const shown = new Set(ROWS.map(([, failure]) => failure));
    expect(new Set([...shown, ...others])).toEqual(new Set(PROBE_FAILURES));
    expect(Object.keys(PROBE_FAILURE_MEANING)).toEqual([...PROBE_FAILURES]);
  });

  test("names the mode that the agent asked in full", () => {
    const headers = { ...told, "x-wrist-agent-probe-mode": "research" };
    expect(exchangeVerdict(answering(502, {}, headers), "model")).toMatchObject({ mode: "research" });
    expect(exchangeVerdict(answering(502, {}, told), "model")).not.toHaveProperty("mode");
  });

  test("repeats of a header only what looks like a word", () => {
    const odd = { "x-request-id": "a b", "x-wrist-agent-outcome": `${"x".repeat(70)} <script>` };
    expect(exchangeVerdict(answering(500, "", odd), "model")).toEqual({
      failure: "agent_failed",
      status: 500,
    });
  });
});

describe("a reply", () => {
  test.each(Object.keys(SOUND_REPLY))("without %s is named by it", (name) => {
    const rest = Object.fromEntries(Object.entries(SOUND_REPLY).filter(([key]) => key !== name));
    expect(replyFault(JSON.stringify(rest))).toBe(name);
  });

  test.each([
    [{ action: "call" }, "action"],
    [{ dueISO: 5 }, "dueISO"],
    [{ tags: [1] }, "tags"],
  ])("with %j is named by the field", (change, name) => {
    expect(replyFault(JSON.stringify({ ...SOUND_REPLY, ...change }))).toBe(name);
  });

  test.each(["", "null", "[]", "{"])("that is %j is none", (body) => {
    expect(replyFault(body)).toBe("no JSON object");
  });
});
