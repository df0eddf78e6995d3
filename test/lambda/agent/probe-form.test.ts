import { describe, expect, test } from "vitest";
import { PROBE_REQUESTS_PER_MINUTE } from "../../../lambda/contract/probe.ts";
import { ProbeForm, ProbeLimit } from "../../../lambda/agent/probe-form.ts";
import { agentUnderTest, NOW_MS, TOKEN } from "../../support/agent-under-test.ts";

const ASK = { text: "ok", mode: "note" };
const PROBE = { "x-client-token": TOKEN, "x-wrist-agent-probe": "1" };

test("a full question is due at first and a day after the last full answer", () => {
  const form = new ProbeForm();
  expect(form.isFullDue(0)).toBe(true);
  form.answeredInFull(1_000);
  expect(form.isFullDue(86_400_999)).toBe(false);
  expect(form.isFullDue(86_401_000)).toBe(true);
});

describe("the probe's mark", () => {
  test("is good for three runs with all their tries within a minute, and again a minute later", () => {
    const limit = new ProbeLimit();
    const taken = Array.from({ length: PROBE_REQUESTS_PER_MINUTE }, (_, ms) => limit.take(ms));
    expect(new Set(taken)).toEqual(new Set([true]));
    expect([limit.take(30), limit.take(59_999)]).toEqual([false, false]);
    expect(limit.take(60_000)).toBe(true);
    expect(limit.take(60_000)).toBe(false);
  });

  test("no longer passes an open spend breaker beyond that, and counts as a user's then", async () => {
    let calls = 0;
    const agent = agentUnderTest({
      environment: { SPEND_BREAKER: "true" },
      parameters: () => ({ breaker: JSON.stringify({ openUntil: new Date(NOW_MS + 3_600_000) }) }),
      ports: {
        ask: () => {
          calls += 1;
          agent.pass(1);
          return Promise.reject(new Error("no"));
        },
      },
    });
    const statuses: unknown[] = [];
    for (let n = 0; n < 30; n += 1) statuses.push((await agent.post(ASK, PROBE)).statusCode);
    expect(statuses.filter((status) => status !== 429)).toHaveLength(PROBE_REQUESTS_PER_MINUTE);
    expect(calls).toBe(3 * PROBE_REQUESTS_PER_MINUTE);
    expect(agent.lastLine()).toMatchObject({ service: "wrist-agent-test", SpendBreaker: 1, httpStatus: 429 });
    expect(agent.lastLine()).not.toHaveProperty("probe");
  });
});
