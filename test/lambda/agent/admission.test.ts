import { describe, expect, test } from "vitest";
import { type Admission, admittedWithin } from "../../../lambda/agent/admission.ts";
import type { TokenDocument } from "../../../lambda/contract/token.ts";
import { MAIL_QUERIES } from "../../../lib/monitoring/log-queries.ts";
import { runLogsInsights } from "@wrist-agent/cloudwatch/logs/logs-insights";
import type { TokenReading } from "../../../lambda/read-token.ts";
import {
  agentUnderTest,
  modelAnswer,
  NOW_MS,
  postEvent,
  TOKEN,
  type AgentUnderTest,
} from "../../support/agent-under-test.ts";

const ASK = { text: "water the fern", mode: "note" };
const OLD = "the-previous-token-of-the-test";
const STALE = { "x-client-token": OLD };
const HOUR_MS = 3_600_000;

/**
 * Rotated at 20:00 of the 19th in Los Angeles, which is the 20th in UTC; its grace time ended an hour ago.
 */
const CREATED = { createdAt: "2026-11-20T04:00:00.000Z" };
const TOKENS = { current: TOKEN, previous: OLD };
const GRACE_END = { previousValidUntil: new Date(NOW_MS - HOUR_MS).toISOString() };
const ROTATED: TokenDocument = { ...TOKENS, ...GRACE_END, ...CREATED };

/**
 * An agent whose store holds these documents, one reading after the other and then the last; counts readings
 * and questions.
 */
function agentOver(...documents: readonly (TokenDocument | TokenReading)[]) {
  const counts = { readings: 0, questions: 0 };
  const agent = agentUnderTest({
    environment: { METRICS_PROFILE: "full" },
    token: () => {
      const next = documents[Math.min(counts.readings, documents.length - 1)] ?? ROTATED;
      counts.readings += 1;
      return "current" in next ? { value: JSON.stringify(next) } : next;
    },
    ask: () => {
      counts.questions += 1;
      return Promise.resolve(modelAnswer("{}"));
    },
  });
  return { agent, counts };
}

async function told(agent: AgentUnderTest, headers: Readonly<Record<string, string>>) {
  const { statusCode, body = "" } = await agent.post(ASK, headers);
  const { reason } = agent.lastLine();
  return { status: statusCode, error: (JSON.parse(body) as { error?: string }).error, reason };
}

describe("a token that was replaced", () => {
  test("is told so once its grace time is over, by the day in the stage's zone, and the model is not asked", async () => {
    const { agent, counts } = agentOver(ROTATED);
    expect(await told(agent, STALE)).toEqual({
      status: 401,
      error: "This token was replaced on 19 November 2026. Put the new one into the Shortcut.",
      reason: "token_expired",
    });
    expect(agent.lastLine()).toMatchObject({
      outcome: "unauthorized",
      tokenAge: "expired",
      service: "wrist-agent-test",
      Rejected: 1,
      Failure: 0,
      PreviousToken: 1,
    });
    expect(agent.lastLine()).not.toHaveProperty("TokenAgeDays");
    expect(counts.questions).toBe(0);
  });

  test.each([
    ["never says when", {}],
    ["says no instant", { createdAt: "last Tuesday" }],
  ])("is told no day where the document %s", async (_how, more) => {
    const { agent } = agentOver({ ...TOKENS, ...GRACE_END, ...more });
    expect((await told(agent, STALE)).error).toBe(
      "This token was replaced. Put the new one into the Shortcut.",
    );
  });

  test.each([{}, { previousValidUntil: "soon" }])(
    "is refused as such where its grace time ends so: %j",
    async (end) => {
      const { agent } = agentOver({ ...TOKENS, ...CREATED, ...end });
      expect((await told(agent, STALE)).reason).toBe("token_expired");
    },
  );

  test("stands as one client in the queries of the mails, beside one who guesses", async () => {
    const { agent } = agentOver(ROTATED);
    for (let n = 0; n < 3; n += 1) await agent.post(ASK, STALE);
    for (let n = 0; n < 2; n += 1) await agent.post(ASK, { "x-client-token": `guess ${n}` });
    const events = agent.lines.map((message, n) => ({
      timestampMs: NOW_MS + n,
      message,
      logStreamName: "s",
      logGroupName: "/g",
    }));
    const rowsOf = (query: string) =>
      runLogsInsights(query, { events, startMs: NOW_MS, endMs: NOW_MS + 60_000 }).rows;
    const { client } = agent.lastLine();
    expect(rowsOf(MAIL_QUERIES.refused)).toMatchObject([
      { reason: "token_expired", client, "count(*)": "3" },
      { reason: "token_wrong", client, "count(*)": "2" },
    ]);
    expect(rowsOf(MAIL_QUERIES.previousToken)).toMatchObject([
      { tokenAge: "expired", client, "count(*)": "3" },
    ]);
  });

  test("is refused for a question about health too, and with the mark of a probe it is nobody's probe", async () => {
    const { agent } = agentOver(ROTATED);
    const get = { rawPath: "/", headers: STALE, requestContext: { http: { method: "GET" } } };
    expect((await agent.call(get)).statusCode).toBe(401);
    expect(agent.lastLine()).toMatchObject({ reason: "token_expired", PreviousToken: 1 });
    expect((await agent.post(ASK, { ...STALE, "x-wrist-agent-probe": "1" })).headers).not.toHaveProperty(
      "x-wrist-agent-outcome",
    );
    expect(agent.lastLine()).toMatchObject({ service: "wrist-agent-test", PreviousToken: 1 });
  });

  test("makes no metric of a question that the pre-traffic hook asks", async () => {
    const { agent } = agentOver(ROTATED);
    await agent.call({ ...postEvent(ASK, STALE), wristAgentVerification: true });
    expect(agent.lastLine()).toMatchObject({ PreviousToken: 1, _aws: { CloudWatchMetrics: [] } });
  });
});

describe("a token that was never valid", () => {
  test("learns nothing of a rotation: the same bytes as without one", async () => {
    const results = await Promise.all(
      [{ current: TOKEN }, ROTATED].map((document) =>
        agentOver(document).agent.post(ASK, { "x-client-token": "wrong" }),
      ),
    );
    expect(results[0]).toEqual(results[1]);
    expect(results[0]?.body).toBe('{"error":"Unauthorized"}');
  });

  test.each(["wrong", TOKEN.slice(1), OLD.slice(1), `${OLD}x`, OLD.toUpperCase()])(
    "%j is wrong, and no PreviousToken",
    async (token) => {
      const { agent } = agentOver(ROTATED);
      expect((await told(agent, { "x-client-token": token })).reason).toBe("token_wrong");
      expect(agent.lastLine()).not.toHaveProperty("PreviousToken");
      expect(agent.lastLine()).not.toHaveProperty("tokenAge");
    },
  );

  test("is what a revoked one becomes: it is dropped from the document on purpose", async () => {
    const { agent } = agentOver({ current: TOKEN, createdAt: "2026-11-20T04:00:00.000Z" });
    expect(await told(agent, STALE)).toEqual({
      status: 401,
      error: "Unauthorized",
      reason: "token_wrong",
    });
  });
});

describe("the second look for a replaced token", () => {
  const awake = async (...documents: readonly (TokenDocument | TokenReading)[]) => {
    const { agent, counts } = agentOver(...documents);
    await agent.post(ASK);
    agent.pass(20_000);
    return { agent, counts };
  };

  test("finds it valid again when somebody rolled it back", async () => {
    const { agent, counts } = await awake(ROTATED, { current: OLD, previous: TOKEN });
    expect((await told(agent, STALE)).status).toBe(200);
    expect(agent.lastLine()).toMatchObject({ tokenAge: "current", PreviousToken: 0 });
    expect(counts.readings).toBe(2);
  });

  test("finds it unknown when it was revoked meanwhile, and says no more", async () => {
    const { agent } = await awake(ROTATED, { current: "another" });
    expect(await told(agent, STALE)).toMatchObject({ error: "Unauthorized", reason: "token_wrong" });
    expect(agent.lastLine()).not.toHaveProperty("PreviousToken");
  });

  test("finds a token that was wrong a moment ago replaced by now", async () => {
    const { agent } = await awake({ current: "another" }, ROTATED);
    expect((await told(agent, STALE)).reason).toBe("token_expired");
  });

  test("stays with the first one while the store is not reachable, and closes the agent when it is emptied", async () => {
    const outage = await awake(ROTATED, { fault: "token_unavailable" });
    expect((await told(outage.agent, STALE)).reason).toBe("token_expired");
    const emptied = await awake(ROTATED, { value: "" });
    expect(await told(emptied.agent, STALE)).toMatchObject({ status: 500, reason: "token_empty" });
  });

  test("reads the store once in ten seconds, however often the Shortcut asks", async () => {
    const { agent, counts } = await awake(ROTATED);
    for (let n = 0; n < 5; n += 1) await told(agent, STALE);
    expect(counts.readings).toBe(2);
    agent.pass(10_000);
    await told(agent, STALE);
    expect(counts.readings).toBe(3);
  });
});

describe("a request whose time runs out while the token is read", () => {
  const never = new Promise<Admission>(() => undefined);
  const admitted: Admission = { age: "current" };

  test("ends as an outage of the token's store, while there is time to say so", async () => {
    expect(await admittedWithin(20, never)).toMatchObject({
      ending: { outcome: "upstream", reason: "token_unavailable", answer: { status: 503 } },
    });
    expect(await admittedWithin(-5, never)).toMatchObject({ ending: { reason: "token_unavailable" } });
  });

  test("passes when the token was read before", async () => {
    expect(await admittedWithin(6_499, Promise.resolve(admitted))).toBe(admitted);
  });

  test("is not watched where both readings of SSM fit in", () => {
    expect(admittedWithin(6_500, never)).toBe(never);
    expect(admittedWithin(6_499, never)).not.toBe(never);
  });
});
