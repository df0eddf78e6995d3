import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readReply } from "../../../lambda/agent/reply.ts";
import { spokenAt } from "../../../lambda/agent/moment.ts";
import { ACTIONS, MODES } from "../../../lambda/contract/request.ts";
import {
  agentUnderTest,
  modelAnswer,
  postEvent,
  SOUND_REPLY,
  TOKEN,
  type AgentUnderTest,
} from "../../support/agent-under-test.ts";
import { emfProblems } from "../../support/emf-problems.ts";

const KEYS = Object.keys(SOUND_REPLY).sort();
const STATUSES = [200, 400, 401, 404, 405, 429, 500, 503, 504];

/** Calls the agent and holds the answer against the contract, and the one new line against EMF. */
async function expectContract(agent: AgentUnderTest, event: unknown): Promise<number> {
  agent.lines.length = 0;
  agent.logs.length = 0;
  const result = await agent.call(event);
  const status = result.statusCode ?? 0;
  const body = JSON.parse(result.body ?? "") as Record<string, unknown>;
  expect(STATUSES).toContain(status);
  if (status !== 200) expect(typeof body.error).toBe("string");
  else if (!("version" in body)) expect(Object.keys(body).sort()).toEqual(KEYS);
  expect(agent.lines).toHaveLength(1);
  expect(emfProblems(agent.lines[0] ?? "")).toEqual([]);
  return status;
}

const surrogates = fc.string({ unit: "binary", maxLength: 40 });
const value = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  surrogates,
  fc.double(),
  fc.maxSafeInteger(),
  fc.constantFrom(null, -1, 0, 4096, 4097, 65_536, 65_537, 1e308, "800", "Deep Think", "☁️ Note"),
);
const fields = fc.record(
  {
    text: fc.oneof(surrogates, value),
    mode: fc.oneof(fc.constantFrom(...MODES), value),
    maxTokens: value,
    thinkingTokens: value,
    now: fc.oneof(fc.constant("2026-11-23T09:00:00-08:00"), value),
    timeZone: fc.oneof(fc.constantFrom("Asia/Kathmandu", "Mars/Olympus", "+25:00"), value),
  },
  { requiredKeys: [] },
);

describe("whatever comes in, one answer of the contract and one sound line", () => {
  test("events of every shape", async () => {
    const agent = agentUnderTest();
    const part = fc.oneof(fc.anything(), fc.constantFrom("POST", "GET", "/", TOKEN));
    const event = fc.oneof(
      fc.anything(),
      fc.record(
        {
          rawPath: part,
          body: part,
          isBase64Encoded: fc.oneof(fc.boolean(), part),
          headers: fc.oneof(
            part,
            fc.dictionary(fc.constantFrom("X-Client-TOKEN", "x-client-token", "Authorization"), part),
          ),
          requestContext: fc.oneof(part, fc.record({ http: fc.record({ method: part, sourceIp: part }) })),
        },
        { requiredKeys: [] },
      ),
    );
    await fc.assert(
      fc.asyncProperty(event, async (given) => {
        await expectContract(agent, given);
      }),
      { numRuns: 2_000 },
    );
  });

  test("authorised bodies of random bytes", async () => {
    const agent = agentUnderTest();
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 60 }), async (bytes) => {
        const body = Buffer.from(bytes).toString("base64");
        await expectContract(agent, { ...postEvent(body), isBase64Encoded: true });
      }),
      { numRuns: 2_000 },
    );
  });

  test("authorised bodies of JSON, huge numbers and lone surrogates among them", async () => {
    const agent = agentUnderTest();
    const seen = new Set<number>();
    await fc.assert(
      fc.asyncProperty(fields, async (given) => {
        seen.add(await expectContract(agent, postEvent(JSON.stringify(given))));
      }),
      { numRuns: 3_000 },
    );
    expect([...seen].sort()).toEqual([200, 400]);
  });

  test("whatever the model writes; neither its words nor the speaker's are ever logged", async () => {
    const spoken = "quokka-spoken";
    const written = "quokka-written";
    let answer = modelAnswer("");
    const agent = agentUnderTest({ ask: () => Promise.resolve(answer) });
    const text = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.json(),
      fc.nat({ max: 240 }).map((cut) => JSON.stringify(SOUND_REPLY).slice(0, cut)),
    );
    const stopReason = fc.constantFrom("end_turn", "max_tokens", "refusal", "");
    await fc.assert(
      fc.asyncProperty(text, stopReason, async (given, stopReason) => {
        answer = modelAnswer(given + written, { stopReason });
        expect(await expectContract(agent, postEvent({ text: spoken }))).toBe(200);
        expect([...agent.logs, ...agent.lines].join()).not.toMatch(/quokka|the-current-token/);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe("pure parts", () => {
  test("a reply cut anywhere never shows half an object, and keeps its action once it was written", () => {
    const whole = JSON.stringify({ ...SOUND_REPLY, markdown: 'say "hi" \\ \u{1F98A}\n- list' });
    fc.assert(
      fc.property(fc.nat({ max: whole.length }), fc.constantFrom(...MODES), (cut, mode) => {
        const text = whole.slice(0, cut);
        const { reply, repair } = readReply(
          { text, stopReason: "max_tokens" },
          { mode, text: "fern", timeZone: "UTC" },
        );
        expect(reply.markdown.startsWith("{")).toBe(false);
        expect(reply.title.startsWith("{")).toBe(false);
        expect(ACTIONS).toContain(reply.action);
        expect(repair === undefined).toBe(cut === whole.length);
        if (text.includes('"reminder"')) expect(reply.action).toBe("reminder");
      }),
      { numRuns: 1_000 },
    );
  });

  test("the prompt's Now is the same instant, told in the speaker's zone", () => {
    const zones = ["UTC", "America/Los_Angeles", "Asia/Kathmandu", "Australia/Lord_Howe", "Africa/Cairo"];
    fc.assert(
      fc.property(
        fc.date({ min: new Date("1975-01-01"), max: new Date("2099-01-01"), noInvalidDate: true }),
        fc.constantFrom(...zones),
        (date, timeZone) => {
          const nowMs = Math.floor(date.getTime() / 1000) * 1000;
          expect(Date.parse(spokenAt({ nowMs, timeZone }))).toBe(nowMs);
        },
      ),
      { numRuns: 1_000 },
    );
  });
});
