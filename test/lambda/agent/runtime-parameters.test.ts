import { SSMClient } from "@aws-sdk/client-ssm";
import { describe, expect, test } from "vitest";
import {
  type ParametersReading,
  RuntimeParametersCache,
  ssmParameters,
} from "../../../lambda/agent/runtime-parameters.ts";
import { VERIFICATION_MARK } from "../../../lambda/contract/request.ts";
import {
  MODEL_MS,
  agentUnderTest,
  modelAnswer,
  NOW_MS,
  postEvent,
  SOUND_REPLY,
  TOKEN,
  type AgentUnderTest,
  type Surroundings,
} from "../../support/agent-under-test.ts";
import { ssmServer } from "../../support/aws-servers.ts";

const ASK = { text: "water the fern wednesday at seven", mode: "reminder" };
const DEPLOYED = "us.anthropic.claude-haiku-4-5-20251001-v1:0";
const CHOSEN = "global.anthropic.claude-haiku-5-5";
const UNTIL = "2026-11-24T08:00:00.000Z";
const OPEN = JSON.stringify({ openUntil: UNTIL, by: "alarm", since: "2026-11-23T16:00:00Z" });

interface Store {
  values: Readonly<Record<string, string>> | undefined;
  reads: number;
}

/** An agent whose parameters are those of `store`, and the models that it asked. */
function agentWith(values: Store["values"], surroundings: Surroundings = {}) {
  const store: Store = { values, reads: 0 };
  const asked: string[] = [];
  const agent = agentUnderTest({
    environment: { BEDROCK_MODEL_CHOICES: `${CHOSEN}, us.acme.unknown-v1:0`, SPEND_BREAKER: "true" },
    parameters: () => {
      store.reads += 1;
      return store.values;
    },
    ask: ({ model }) => {
      asked.push(model.profileId);
      return Promise.resolve(modelAnswer(JSON.stringify(SOUND_REPLY)));
    },
    ...surroundings,
  });
  return { agent, store, asked };
}

/** Asks twice: the first request notices that the values are old, the second has the new ones. */
async function askAfterTtl(agent: AgentUnderTest): Promise<void> {
  agent.pass(60_000);
  await agent.post(ASK);
  await new Promise(setImmediate);
  await agent.post(ASK);
}

function warnings(agent: AgentUnderTest): readonly string[] {
  return agent.logs.filter((line) => line.includes("run-time parameter is ignored"));
}

describe("the parameter model-id", () => {
  test("chooses the model that is asked, priced and told", async () => {
    const { agent, asked } = agentWith({ "model-id": ` ${CHOSEN}\n` });
    await agent.post(ASK);
    expect(asked).toEqual([CHOSEN]);
    expect(agent.lastLine()).toMatchObject({
      "gen_ai.request.model": CHOSEN,
      CostUsd: 0.00008,
      ParametersRejected: 0,
    });
  });

  test("is told by the agent's health", async () => {
    const { agent } = agentWith({ "model-id": CHOSEN });
    const headers = { "x-client-token": TOKEN };
    const { body } = await agent.call({ headers, requestContext: { http: { method: "GET" } } });
    expect(JSON.parse(body ?? "")).toMatchObject({ status: "ok", model: CHOSEN });
  });

  test("takes hold after the TTL without a request that waits, and the deployed model after it is removed", async () => {
    const { agent, store, asked } = agentWith({});
    await agent.post(ASK);
    store.values = { "model-id": CHOSEN };
    await agent.post(ASK);
    await askAfterTtl(agent);
    expect(asked).toEqual([DEPLOYED, DEPLOYED, DEPLOYED, CHOSEN]);
    store.values = {};
    await askAfterTtl(agent);
    expect(asked.slice(4)).toEqual([CHOSEN, DEPLOYED]);
    expect(store.reads).toBe(3);
  });

  test.each([
    ["a model that the stack does not allow", "us.anthropic.claude-opus-9-v1:0"],
    ["a model that is allowed and yet unknown to the agent", "us.acme.unknown-v1:0"],
    ["nothing", ""],
  ])("%s is ignored, counted, warned about once; the last good one stays", async (_name, bad) => {
    const { agent, store, asked } = agentWith({ "model-id": CHOSEN });
    await agent.post(ASK);
    store.values = { "model-id": bad };
    await askAfterTtl(agent);
    await askAfterTtl(agent);
    expect(new Set(asked)).toEqual(new Set([CHOSEN]));
    expect(agent.lastLine()).toMatchObject({ ParametersRejected: 1, outcome: "ok" });
    expect(warnings(agent)).toHaveLength(1);
    expect(warnings(agent)[0]).toContain(`"expected":"one of ${DEPLOYED}, ${CHOSEN}"`);
    store.values = { "model-id": DEPLOYED };
    await askAfterTtl(agent);
    expect(agent.lastLine()).toMatchObject({ ParametersRejected: 0, "gen_ai.request.model": DEPLOYED });
    store.values = { "model-id": bad };
    await askAfterTtl(agent);
    expect(warnings(agent)).toHaveLength(2);
  });
});

describe("the parameter timeout", () => {
  test.each([
    ["7", 30_000, 7_000],
    ["900", 30_000, 29_000],
    ["0", 30_000, 29_000],
    ["7.5", 30_000, 29_000],
    ["1e3", 30_000, 29_000],
  ])("%s of %i ms leaves the model %i", async (timeout, remainingMs, expected) => {
    let waitedMs = 0;
    const { agent } = agentWith(
      { timeout },
      {
        remainingMs: () => remainingMs,
        ask: (_question, { signal, idleTimeoutMs: silenceMs }) => {
          expect(signal.aborted).toBe(false);
          waitedMs = silenceMs;
          return Promise.resolve(modelAnswer(JSON.stringify(SOUND_REPLY)));
        },
      },
    );
    await agent.post(ASK);
    expect(waitedMs).toBe(Math.min(10_000, expected / 2));
  });
});

describe("an outage of SSM", () => {
  test("at the start leaves everything as deployed, and is asked about again after ten seconds", async () => {
    const { agent, store, asked } = agentWith(undefined);
    await agent.post(ASK);
    agent.pass(9_999 - MODEL_MS);
    await agent.post(ASK);
    expect([store.reads, asked]).toEqual([1, [DEPLOYED, DEPLOYED]]);
    store.values = { "model-id": CHOSEN };
    await agent.post(ASK);
    await new Promise(setImmediate);
    await agent.post(ASK);
    expect(asked.slice(2)).toEqual([DEPLOYED, CHOSEN]);
  });

  test("is asked about again at the tenth second, not after it", async () => {
    const { agent, store } = agentWith(undefined);
    await agent.post(ASK);
    agent.pass(10_000 - MODEL_MS);
    await agent.post(ASK);
    expect(store.reads).toBe(2);
  });

  test("later keeps what was read last", async () => {
    const { agent, store, asked } = agentWith({ "model-id": CHOSEN });
    await agent.post(ASK);
    store.values = undefined;
    await askAfterTtl(agent);
    expect(new Set(asked)).toEqual(new Set([CHOSEN]));
    expect(agent.lastLine()).toMatchObject({ ParametersRejected: 0 });
  });
});

describe("a request whose time runs out while SSM is waited for", () => {
  let passedMs = 0;

  /** An agent that reads `first` and then waits for SSM for ever. */
  function waitingAgent(first: readonly ParametersReading[]): AgentUnderTest {
    const readings = [...first];
    return agentUnderTest({
      environment: { SPEND_BREAKER: "true" },
      remainingMs: () => 25,
      ports: {
        runTime: new RuntimeParametersCache({
          read: () => {
            const reading = readings.shift();
            return reading === undefined
              ? new Promise<ParametersReading>(() => undefined)
              : Promise.resolve(reading);
          },
          ttlMs: 60_000,
          choices: new Map(),
          report: { info: () => undefined, warn: () => undefined },
          now: () => NOW_MS + passedMs,
        }),
      },
    });
  }

  test("goes on as deployed", async () => {
    const agent = waitingAgent([]);
    expect((await agent.post(ASK)).statusCode).toBe(200);
    expect(agent.lastLine()).toMatchObject({ outcome: "ok", ParametersRejected: 0 });
  });

  test("is blocked by the last that was known of the spend breaker", async () => {
    passedMs = 0;
    const agent = waitingAgent([{ values: new Map([["breaker", OPEN]]) }]);
    expect((await agent.post(ASK)).statusCode).toBe(429);
    passedMs = 60_000;
    expect((await agent.post(ASK)).statusCode).toBe(429);
  });
});

describe("the spend breaker", () => {
  test("holds a request back with a kind sentence, is counted, and asks no model", async () => {
    const { agent, asked } = agentWith({ breaker: OPEN }, { environment: { SPEND_BREAKER: "true" } });
    const result = await agent.post(ASK);
    expect(result.statusCode).toBe(429);
    expect(JSON.parse(result.body ?? "")).toEqual({
      error:
        "The day's limit for the model is reached. I answer again from Tuesday 00:00 (America/Los_Angeles).",
    });
    expect(result.headers?.["retry-after"]).toBe("3600");
    expect(asked).toEqual([]);
    expect(agent.lastLine()).toMatchObject({
      outcome: "blocked",
      reason: "spend",
      httpStatus: 429,
      SpendBreaker: 1,
      Failure: 0,
      Rejected: 0,
      Degraded: 0,
    });
  });

  test("says how long it still holds when that is less than an hour, and lets in at the very moment", async () => {
    const { agent, asked } = agentWith({ breaker: OPEN });
    agent.pass(Date.parse(UNTIL) - NOW_MS - 1_500);
    expect((await agent.post(ASK)).headers?.["retry-after"]).toBe("2");
    agent.pass(1_500);
    expect((await agent.post(ASK)).statusCode).toBe(200);
    expect(agent.lastLine()).toMatchObject({ outcome: "ok", SpendBreaker: 0 });
    expect(asked).toHaveLength(1);
  });

  test("lets the probe and the pre-traffic hook pass", async () => {
    const { agent } = agentWith({ breaker: OPEN });
    const probe = { "x-client-token": TOKEN, "x-wrist-agent-probe": "1" };
    expect((await agent.post(ASK, probe)).statusCode).toBe(200);
    const verification = { ...postEvent(ASK), [VERIFICATION_MARK]: true };
    expect((await agent.call(verification)).statusCode).toBe(200);
  });

  test("never hides a wrong token, nor answers for the agent's health", async () => {
    const { agent } = agentWith({ breaker: OPEN });
    expect((await agent.post(ASK, { "x-client-token": "wrong" })).statusCode).toBe(401);
    expect(agent.lastLine()).toMatchObject({ SpendBreaker: 0 });
    const headers = { "x-client-token": TOKEN };
    const health = await agent.call({ headers, requestContext: { http: { method: "GET" } } });
    expect(health.statusCode).toBe(200);
  });

  test("is looked at once more before a request is blocked with an old value", async () => {
    const { agent, store } = agentWith({ breaker: OPEN });
    await agent.post(ASK);
    store.values = { breaker: JSON.stringify({ closedUntil: UNTIL, by: "operator", since: "" }) };
    agent.pass(59_999);
    expect((await agent.post(ASK)).statusCode).toBe(429);
    agent.pass(1);
    expect((await agent.post(ASK)).statusCode).toBe(200);
  });

  test("that is known to be open stays open through an outage of SSM; one that was never read lets pass", async () => {
    const { agent, store } = agentWith({ breaker: OPEN });
    await agent.post(ASK);
    store.values = undefined;
    agent.pass(60_000);
    expect((await agent.post(ASK)).statusCode).toBe(429);
    expect((await agentWith(undefined).agent.post(ASK)).statusCode).toBe(200);
  });

  test.each(["", "{", "[]", '{"openUntil":"soon"}', '{"openUntil":1}', '{"by":"alarm"}'])(
    "whose parameter holds %j lets pass, and it is counted",
    async (breaker) => {
      const { agent } = agentWith({ breaker });
      expect((await agent.post(ASK)).statusCode).toBe(200);
      expect(agent.lastLine()).toMatchObject({ ParametersRejected: 1 });
    },
  );

  test("does not exist in a stage without it: nobody is blocked and nothing is counted", async () => {
    const { agent } = agentWith({ breaker: OPEN }, { environment: {} });
    expect((await agent.post(ASK)).statusCode).toBe(200);
    expect(agent.lastLine()).not.toHaveProperty("SpendBreaker");
  });
});

describe("reading, through the real client", () => {
  async function readAgainst(status: number, body: object): Promise<[ParametersReading, unknown]> {
    let sent: unknown;
    const server = await ssmServer((text) => {
      sent = JSON.parse(text);
      return { status, body };
    });
    const credentials = { accessKeyId: "a", secretAccessKey: "b" };
    const client = new SSMClient({
      endpoint: server.endpoint,
      region: "us-west-2",
      credentials,
      maxAttempts: 1,
    });
    const names = ["model-id", "timeout"];
    const reading = await ssmParameters(client, { prefix: "/w/config/", names }, 2_000)();
    client.destroy();
    await server.stop();
    return [reading, sent];
  }

  test("asks for all in one call; one that nobody made has no value", async () => {
    const body = {
      Parameters: [{ Name: "/w/config/timeout", Value: "7" }],
      InvalidParameters: ["/w/config/model-id"],
    };
    const [reading, sent] = await readAgainst(200, body);
    expect(reading).toEqual({ values: new Map([["timeout", "7"]]) });
    expect(sent).toEqual({ Names: ["/w/config/model-id", "/w/config/timeout"] });
  });

  test("a refusal is a fault by its name", async () => {
    const [reading] = await readAgainst(400, { __type: "AccessDeniedException", message: "no" });
    expect(reading).toEqual({ fault: "AccessDeniedException" });
  });
});
