import { describe, expect, test } from "vitest";
import { PROBE_FULL_FORM, PROBE_REQUESTS_PER_MINUTE } from "../../../lambda/contract/probe.ts";
import { MODES } from "../../../lambda/contract/request.ts";
import { ProbeForm, ProbeLimit } from "../../../lambda/agent/probe-form.ts";
import { agentUnderTest, NOW_MS, TOKEN } from "../../support/agent-under-test.ts";

const ASK = { text: "ok", mode: "note" };
const PROBE = { "x-client-token": TOKEN, "x-wrist-agent-probe": "1" };

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const SPAN_MS = 8 * HOUR_MS;
const WINDOW_MS = PROBE_FULL_FORM.withinMinutes * MINUTE_MS;
/** The begin of a day of UTC, and of the first mode's span. */
const FIRST_MS = 15 * SPAN_MS;
const SPANS = Array.from({ length: 15 }, (_, span) => 300 + span);

describe("a full question", () => {
  test("is due at the beginning of each eight hours of UTC, for one mode after the other", () => {
    const form = new ProbeForm();
    const asked = SPANS.map((span) => {
      const mode = form.takeFull(span * SPAN_MS + MINUTE_MS);
      if (mode !== undefined) form.answeredInFull(mode, span * SPAN_MS + MINUTE_MS);
      return mode;
    });
    expect(asked.slice(0, 5).toSorted()).toEqual([...MODES].toSorted());
    expect(asked.slice(5)).toEqual(asked.slice(0, 10));
  });

  test("goes out once: the mode is due again after each of the others", () => {
    const form = new ProbeForm();
    const mode = form.takeFull(FIRST_MS) ?? "note";
    form.answeredInFull(mode, FIRST_MS);
    expect(form.takeFull(FIRST_MS + 1)).toBeUndefined();
    expect(form.takeFull(FIRST_MS + SPAN_MS - 1)).toBeUndefined();
    expect(form.takeFull(FIRST_MS + SPAN_MS)).not.toBe(mode);
    expect(form.takeFull(FIRST_MS + SPAN_MS)).not.toBeUndefined();
  });

  test("does not come with every environment that Lambda starts", () => {
    expect(new ProbeForm().takeFull(FIRST_MS + WINDOW_MS - 1)).toBe(MODES[0]);
    expect(new ProbeForm().takeFull(FIRST_MS + WINDOW_MS)).toBeUndefined();
  });

  test("that fails is asked again until the model answers one of its mode", () => {
    const form = new ProbeForm();
    const mode = form.takeFull(FIRST_MS) ?? "note";
    expect(form.takeFull(FIRST_MS + 4 * HOUR_MS)).toBe(mode);
    form.answeredInFull("research", FIRST_MS + 4 * HOUR_MS);
    expect(form.takeFull(FIRST_MS + 4 * HOUR_MS)).toBe(mode);
    form.answeredInFull(mode, FIRST_MS + 4 * HOUR_MS);
    expect(form.takeFull(FIRST_MS + 4 * HOUR_MS)).toBeUndefined();
  });

  test("is asked again in an environment that knows nothing of it, when the probe says which failed", () => {
    const form = new ProbeForm();
    expect(form.takeFull(FIRST_MS + HOUR_MS, "research")).toBe("research");
    form.answeredInFull("research", FIRST_MS + HOUR_MS);
    expect(form.takeFull(FIRST_MS + HOUR_MS)).toBeUndefined();
  });

  test("of the next mode waits for one that fails, and is not forgotten", () => {
    const form = new ProbeForm();
    const mode = form.takeFull(FIRST_MS) ?? "note";
    expect(form.takeFull(FIRST_MS + SPAN_MS)).toBe(mode);
    form.answeredInFull(mode, FIRST_MS + SPAN_MS + HOUR_MS);
    expect(form.takeFull(FIRST_MS + SPAN_MS + HOUR_MS)).toBe(MODES[1]);
  });

  test("is answered by a user's of the mode, but only within the eight hours in which it was", () => {
    const form = new ProbeForm();
    form.answeredInFull(MODES[0], FIRST_MS - 1);
    form.answeredInFull(MODES[1], FIRST_MS);
    expect(form.takeFull(FIRST_MS)).toBe(MODES[0]);
    form.answeredInFull(MODES[0], FIRST_MS);
    expect(form.takeFull(FIRST_MS)).toBeUndefined();
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
    for (let n = 0; n < PROBE_REQUESTS_PER_MINUTE + 9; n += 1)
      statuses.push((await agent.post(ASK, PROBE)).statusCode);
    expect(statuses.filter((status) => status !== 429)).toHaveLength(PROBE_REQUESTS_PER_MINUTE);
    expect(calls).toBe(3 * PROBE_REQUESTS_PER_MINUTE);
    expect(agent.lastLine()).toMatchObject({ service: "wrist-agent-test", SpendBreaker: 1, httpStatus: 429 });
    expect(agent.lastLine()).not.toHaveProperty("probe");
  });
});
