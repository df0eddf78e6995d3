import { describe, expect, test } from "vitest";
import { PROBE_REQUESTS_PER_MINUTE } from "../../../lambda/contract/probe.ts";
import { ProbeForm, ProbeLimit } from "../../../lambda/agent/probe-form.ts";
import { agentUnderTest, NOW_MS, TOKEN } from "../../support/agent-under-test.ts";

const ASK = { text: "ok", mode: "note" };
const PROBE = { "x-client-token": TOKEN, "x-wrist-agent-probe": "1" };

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

describe("a full question", () => {
  test("is due within the first hour of a day of UTC, until one was answered in it", () => {
    const form = new ProbeForm();
    expect(form.takeFull(DAY_MS)).toBe(true);
    form.answeredInFull(DAY_MS);
    expect(form.takeFull(DAY_MS + 1)).toBe(false);
    expect(form.takeFull(2 * DAY_MS - 1)).toBe(false);
    expect(form.takeFull(2 * DAY_MS)).toBe(true);
  });

  test("does not come with every environment that Lambda starts", () => {
    expect(new ProbeForm().takeFull(DAY_MS + HOUR_MS - 1)).toBe(true);
    expect(new ProbeForm().takeFull(DAY_MS + HOUR_MS)).toBe(false);
  });

  test("that fails is asked again until the model answers one", () => {
    const form = new ProbeForm();
    expect(form.takeFull(DAY_MS)).toBe(true);
    expect(form.takeFull(DAY_MS + 4 * HOUR_MS)).toBe(true);
    form.answeredInFull(DAY_MS + 4 * HOUR_MS);
    expect(form.takeFull(DAY_MS + 4 * HOUR_MS + 1)).toBe(false);
  });

  test("is answered by a user's, but only on the day on which it was", () => {
    const form = new ProbeForm();
    form.answeredInFull(DAY_MS - 1);
    expect(form.takeFull(DAY_MS)).toBe(true);
    form.answeredInFull(DAY_MS);
    expect(form.takeFull(DAY_MS)).toBe(false);
  });
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
