import { describe, expect, test } from "vitest";
import { seededRandom } from "../../../local/random.ts";
import { FaultInjector } from "../../../local/model/fault-injector.ts";
import { realisticLatency, StandInModel, type StandInOptions } from "../../../local/model/stand-in-model.ts";
import type { ConverseAnswer, ConverseCall } from "../../../local/server/aws/converse-model.ts";
import type { Fault } from "../../../local/server/wire.ts";

const CALL: ConverseCall = {
  modelId: "us.anthropic.claude-haiku-4-5-20251001-v1:0",
  system: "Write JSON.\nMode: reminder\nNow: 2026-11-23T09:00:00-08:00\nTime zone: America/Los_Angeles",
  user: "<dictation>\nwater the fern wednesday at seven in the evening\n</dictation>",
  maxTokens: 400,
};

function model(options: Partial<StandInOptions> = {}, fault?: Fault): StandInModel {
  const faults = new FaultInjector(seededRandom(1));
  if (fault !== undefined) faults.set(fault);
  return new StandInModel({ random: seededRandom(2), faults, latency: "none", ...options });
}

function answered(from: StandInModel, call: ConverseCall = CALL): ConverseAnswer {
  const answer = from.converse(call);
  if (answer.kind !== "answer") throw new Error(answer.code);
  return answer;
}

describe("the stand-in for the model", () => {
  test("answers the agent's prompt in its form", () => {
    const answer = answered(model());
    expect(JSON.parse(answer.text)).toMatchObject({
      action: "reminder",
      dueISO: "2026-11-25T19:00:00-08:00",
    });
    expect(answer).toMatchObject({ stopReason: "end_turn", firstTokenMs: 0, decodeMs: 0 });
    expect(answer.inputTokens).toBe(Math.ceil((CALL.system + CALL.user).length / 3.8));
    expect(answer.outputTokens).toBe(Math.ceil(answer.text.length / 3.6));
    expect(answer).not.toHaveProperty("thinking");
  });

  test("says so when a prompt asks for something else", () => {
    const answer = answered(model(), { ...CALL, system: "You are a poet." });
    expect(answer.text).toMatch(/no line "Mode:".*stand-in for the model; no model was asked/);
  });

  test("stops in the middle when its tokens are used up", () => {
    const answer = answered(model(), { ...CALL, maxTokens: 20 });
    expect(answer).toMatchObject({ stopReason: "max_tokens", outputTokens: 20 });
    expect(() => JSON.parse(answer.text) as unknown).toThrow();
  });

  test("thinks when it is asked to, within the budget", () => {
    const answer = answered(model(), { ...CALL, maxTokens: 3000, thinkingTokens: 1024 });
    expect(answer.thinking).toContain("stand-in");
    expect(answer.outputTokens).toBe(
      Math.ceil(answer.text.length / 3.6) + Math.ceil((answer.thinking ?? "").length / 3.6),
    );
  });

  test("shows the latencies of a small hosted model", () => {
    const random = seededRandom(3);
    const draws = Array.from({ length: 2000 }, () => realisticLatency(130, random));
    const first = draws.map(({ firstTokenMs }) => firstTokenMs).sort((a, b) => a - b);
    expect(first[1000]).toBeGreaterThan(650);
    expect(first[1000]).toBeLessThan(750);
    expect(first[1900]).toBeGreaterThan(1400);
    expect(first[1900]).toBeLessThan(1800);
    expect(draws.every(({ decodeMs }) => decodeMs > 700 && decodeMs <= 1625)).toBe(true);
  });

  test("draws the same latencies for the same seed", () => {
    const draw = () => answered(model({ latency: "believable", random: seededRandom(9) })).firstTokenMs;
    expect(draw()).toBe(draw());
    expect(draw()).toBeGreaterThan(0);
  });
});

describe("the stand-in's faults", () => {
  test.each([
    ["throttle", ["ThrottlingException 429"]],
    ["access", ["AccessDeniedException 403"]],
    ["error", ["InternalServerException 500", "ServiceUnavailableException 503"]],
  ] as const)("%s answers %j", (kind, expected) => {
    const faulty = model({}, { kind, rate: 1 });
    const seen = new Set<string>();
    for (let n = 0; n < 40; n++) {
      const answer = faulty.converse(CALL);
      seen.add(answer.kind === "failure" ? `${answer.code} ${answer.status}` : "answer");
    }
    expect([...seen].sort()).toEqual(expected);
  });

  test("a fault of an old journal goes by its new name, and one of SSM spares the model", () => {
    const faults = new FaultInjector(seededRandom(1));
    faults.set({ kind: "denied" as Fault["kind"], rate: 1 });
    expect([faults.current().kind, faults.draw(), faults.drawForParameters()]).toEqual([
      "access",
      "access",
      undefined,
    ]);
    faults.set({ kind: "parameter-slow", rate: 1 });
    expect([faults.draw(), faults.drawForParameters()]).toEqual([undefined, "parameter-slow"]);
    faults.set({ kind: "parameter-slow", rate: 0 });
    expect(faults.drawForParameters()).toBeUndefined();
  });

  test("one of a mode spares the others and questions without rules", () => {
    const faulty = model({}, { kind: "throttle", rate: 1, mode: "research" });
    const kindOf = (system: string): string => faulty.converse({ ...CALL, system }).kind;
    const rules = (mode: string): string => CALL.system.replace(/^Mode: .*$/m, `Mode: ${mode}`);
    expect([kindOf(rules("research")), kindOf(rules("note")), kindOf("")]).toEqual([
      "failure",
      "answer",
      "answer",
    ]);
  });

  test("slow is twenty times the latency and never less than the least", () => {
    const slow = { kind: "slow", rate: 1 } as const;
    const usual = answered(model({ latency: "believable", random: seededRandom(4) }));
    const all = answered(
      model({ latency: "believable", random: seededRandom(4), slowFirstTokenMs: 0 }, slow),
    );
    expect(all.firstTokenMs).toBeCloseTo(20 * usual.firstTokenMs);
    expect(all.decodeMs).toBeCloseTo(20 * usual.decodeMs);
    expect(answered(model({}, slow)).firstTokenMs).toBe(60_000);
  });

  test("garbage is prose, a cut reply, a fenced one or nothing", () => {
    const faulty = model({}, { kind: "garbage", rate: 1 });
    const kinds = Array.from({ length: 60 }, () => {
      const { text, stopReason } = answered(faulty);
      if (text === "") return "nothing";
      if (text.startsWith("```json\n{")) return "fenced";
      return stopReason === "max_tokens" ? "cut" : text.startsWith("Sure!") ? "prose" : "well";
    });
    expect([...new Set(kinds)].sort()).toEqual(["cut", "fenced", "nothing", "prose"]);
  });

  test("hit their share of the requests, and none once they are off", () => {
    const faults = new FaultInjector(seededRandom(5));
    faults.set({ kind: "throttle", rate: 0.3 });
    const faulty = new StandInModel({ random: seededRandom(6), faults, latency: "none" });
    const failures = () =>
      Array.from({ length: 1000 }, () => faulty.converse(CALL).kind).filter((kind) => kind === "failure")
        .length;
    expect(Math.abs(failures() - 300)).toBeLessThan(60);
    faults.set({ kind: "off", rate: 1 });
    expect(failures()).toBe(0);
    expect(faults.current()).toEqual({ kind: "off", rate: 0 });
  });

  test.each([-0.1, 1.1, NaN])("refuse a rate of %s", (rate) => {
    expect(() => new FaultInjector(seededRandom(1)).set({ kind: "slow", rate })).toThrow(
      `a fault's rate is a share from 0 to 1, not ${rate}`,
    );
  });
});
