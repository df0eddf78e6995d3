import { describe, expect, it } from "vitest";
import { requestLineOf } from "../../../lambda/agent/request-line.ts";
import { emfRecord } from "../../../lambda/agent/telemetry.ts";
import { converseInput } from "../../../lambda/agent/bedrock-model.ts";
import { chooseModel } from "../../../lambda/agent/model.ts";
import { systemPrompt, userPrompt } from "../../../lambda/agent/prompt.ts";
import { MODES, type Mode } from "../../../lambda/contract/request.ts";
import { meanOverModes, MODE_TRAFFIC } from "../../../lambda/contract/usual-traffic.ts";
import {
  CHARACTERS_PER_TOKEN,
  DICTATION_CHARACTERS,
  LOG_BYTES,
  meanSeconds,
  tracesPerDay,
} from "../../../local/bill/billed-function.ts";
import { SOUND_REPLY } from "../../support/agent-under-test.ts";
import { answering, probeUnderTest } from "../../support/probe-under-test.ts";
import { systemLines } from "../../../local/function/invocation-report.ts";

const NOW = Date.UTC(2026, 10, 23, 17);
const MODEL = chooseModel("us.anthropic.claude-haiku-4-5-20251001-v1:0", "");
const REQUEST_ID = "3f9c2a34-1c55-4b6e-9f5e-0a6f3c1d2e4b";

type Facts = Parameters<typeof requestLineOf>[0]["facts"];

/** The real line of an answered request of one mode, as it goes to the log. */
function requestLine(mode: Mode): string {
  const { inputTokens, outputTokens } = MODE_TRAFFIC[mode];
  const usage = { inputTokens, outputTokens, cacheReadTokens: 0, cacheWriteTokens: 0 };
  const spent = { usage, costUsd: 0.001981 };
  const answered = {
    stopReason: "end_turn",
    thinkingCharacters: 0,
    firstTokenMs: 702.4,
  };
  return loggedLine({
    ...ADMITTED,
    route: "ask",
    mode,
    attempts: 1,
    throttles: 0,
    modelLatencyMs: 2_954.3,
    spent,
    answered,
    textLength: DICTATION_CHARACTERS,
    replyLength: outputTokens * 4,
  });
}

const ADMITTED: Facts = { tokenAge: "current", currentTokenDays: 40, parametersRejected: 0 };

/** The real line of an answered question of the probe. */
function probeRequestLine(): string {
  const usage = { inputTokens: 8, outputTokens: 1, cacheReadTokens: 0, cacheWriteTokens: 0 };
  return loggedLine({
    ...ADMITTED,
    route: "ask",
    isProbe: true,
    probeForm: "plain",
    mode: "note",
    attempts: 1,
    throttles: 0,
    modelLatencyMs: 954.3,
    spent: { usage, costUsd: 0.0000143 },
    answered: { stopReason: "max_tokens", thinkingCharacters: 0, firstTokenMs: 702.4 },
    textLength: 2,
  });
}

function loggedLine(facts: Facts): string {
  const lines: string[] = [];
  const line = requestLineOf(
    { answer: { status: 200, body: {} }, outcome: "ok", facts },
    {
      requestId: REQUEST_ID,
      traceId: "1-6921f2a0-0123456789abcdef01234567",
      isColdStart: false,
      durationMs: 2_990.1,
      remainingMs: 26_500,
      client: "9f86d081884c7d65",
      settings: {
        stage: "production",
        version: "12",
        model: MODEL,
        metricsProfile: "default",
        hasSpendBreaker: true,
      },
    },
  );
  emfRecord(
    (text) => lines.push(text),
    () => NOW,
  )(line);
  return lines.join("\n");
}

function platformLines(): string {
  const lines = systemLines({
    functionName: "wrist-agent-production",
    version: "12",
    region: "us-west-2",
    runtime: "nodejs24.x",
    logFormat: "JSON",
    memoryMb: 256,
  } as Parameters<typeof systemLines>[0]);
  const report = { requestId: REQUEST_ID, status: "success" as const, durationMs: 2_990.123 };
  const measured = { ...report, billedDurationMs: 2_991, maxMemoryUsedMb: 101 };
  return [...lines.start(NOW, REQUEST_ID), ...lines.end(NOW, measured)].join("\n");
}

/** Within a tenth: a new property of the line must not fail the bill, a doubling must. */
function expectAbout(stated: number, measured: number): void {
  const say = `the bill reckons with ${stated}, measured are ${measured.toFixed(0)}: change local/bill/billed-function.ts`;
  expect(Math.abs(stated / measured - 1), say).toBeLessThan(0.1);
}

describe("the bill's constants hold against the real thing", () => {
  it("the bytes of a request's line", () => {
    const bytes = Object.fromEntries(MODES.map((mode) => [mode, Buffer.byteLength(requestLine(mode))]));
    const mean = MODES.reduce((sum, mode) => sum + MODE_TRAFFIC[mode].share * (bytes[mode] ?? 0), 0);
    expectAbout(LOG_BYTES.requestLine, mean);
  });

  it("the bytes of the lines of the probe's questions, and of its own", async () => {
    expectAbout(LOG_BYTES.probeRequestLine, Buffer.byteLength(probeRequestLine()));
    const health = loggedLine({ ...ADMITTED, route: "health", isProbe: true });
    expectAbout(LOG_BYTES.healthRequestLine, Buffer.byteLength(health));
    const travel = {
      reached: "done" as const,
      latencyMs: 148,
      lookupMs: 2,
      connectMs: 12,
      handshakeMs: 25,
      firstByteMs: 147,
      address: "203.0.113.107",
      tlsProtocol: "TLSv1.3",
    };
    const headers = { "x-request-id": REQUEST_ID, "x-wrist-agent-outcome": "ok" };
    const probe = probeUnderTest({ exchanges: [{ ...answering(200, SOUND_REPLY, headers), travel }] });
    await probe.run();
    expectAbout(LOG_BYTES.probeRunLine, Buffer.byteLength(probe.lines[0] ?? ""));
  });

  it("the bytes of Lambda's own lines", () => {
    expectAbout(LOG_BYTES.platformLines, Buffer.byteLength(platformLines()));
  });

  it.each(MODES)("the tokens that the model reads for %s", (mode) => {
    const system = systemPrompt(mode, { nowMs: NOW, timeZone: "America/Los_Angeles" });
    const user = userPrompt({ text: "x".repeat(DICTATION_CHARACTERS) });
    const input = converseInput({
      model: MODEL,
      system,
      user,
      mode,
      form: "reply",
      maxTokens: 400,
      thinkingTokens: 0,
    });
    const schema = input.outputConfig?.textFormat?.structure?.jsonSchema?.schema ?? "";
    expect(schema).not.toBe("");
    expectAbout(MODE_TRAFFIC[mode].inputTokens, (system + user + schema).length / CHARACTERS_PER_TOKEN);
  });
});

describe("the traffic", () => {
  it("every request has a mode", () => {
    expect(meanOverModes(() => 1)).toBeCloseTo(1);
  });

  it("a log-normal's mean lies above its median", () => {
    expect(meanSeconds({ p50Seconds: 3, p95Seconds: 7.2 })).toBeCloseTo(3.46, 2);
  });

  it("below one request a second every request is traced", () => {
    expect(tracesPerDay(1000)).toBeCloseTo(1000);
  });
});
