import { describe, expect, test } from "vitest";
import type { ModelAnswer } from "../../../lambda/agent/model.ts";
import { METRICS } from "../../../lambda/contract/metrics.ts";
import {
  agentUnderTest,
  NOW_MS,
  TOKEN,
  type AgentUnderTest,
  type Surroundings,
} from "../../support/agent-under-test.ts";

const ASK = { text: "water the fern", mode: "reminder" };
const OLD = "the-previous-token-of-the-test";
const DAY_MS = 86_400_000;
const PROBE = { "x-client-token": TOKEN, "x-wrist-agent-probe": "1" };

function document(more: object = {}): string {
  return JSON.stringify({
    current: TOKEN,
    previous: OLD,
    previousValidUntil: new Date(NOW_MS + DAY_MS).toISOString(),
    createdAt: new Date(NOW_MS - 12.5 * DAY_MS).toISOString(),
    ...more,
  });
}

function fullAgent(surroundings: Surroundings = {}): AgentUnderTest {
  return agentUnderTest({
    environment: { METRICS_PROFILE: "full", SPEND_BREAKER: "true" },
    token: () => ({ value: document() }),
    ...surroundings,
  });
}

function refusing(name: string): () => Promise<ModelAnswer> {
  return () => Promise.reject(Object.assign(new Error("said by Bedrock"), { name }));
}

/** Names of the metrics that the last line makes. */
function metricsOf(agent: AgentUnderTest): readonly string[] {
  const { CloudWatchMetrics } = agent.lastLine()._aws as {
    CloudWatchMetrics: readonly { Metrics: readonly { Name: string }[] }[];
  };
  return CloudWatchMetrics.flatMap(({ Metrics }) => Metrics.map(({ Name }) => Name));
}

describe("every metric of the catalogue is emitted", () => {
  test("in the full profile by one request, all but the properties", async () => {
    const agent = fullAgent();
    await agent.post(ASK);
    const wanted = Object.values(METRICS).filter(({ series }) => series !== "property");
    expect([...metricsOf(agent)].sort()).toEqual(wanted.map(({ name }) => name).sort());
  });

  test("in the default profile those of full are properties of the line", async () => {
    const agent = fullAgent({ environment: { SPEND_BREAKER: "true" } });
    await agent.post(ASK);
    const wanted = Object.values(METRICS).filter(({ series }) => series === "default");
    expect([...metricsOf(agent)].sort()).toEqual(wanted.map(({ name }) => name).sort());
    expect(agent.lastLine()).toMatchObject({ PreviousToken: 0, ConfigFault: 0, TokenAgeDays: 12.5 });
  });
});

describe("PreviousToken and TokenAgeDays", () => {
  test("tell which token was presented, and the age of the current one", async () => {
    const agent = fullAgent();
    await agent.post(ASK, { "x-client-token": OLD });
    expect(agent.lastLine()).toMatchObject({ PreviousToken: 1, TokenAgeDays: 12.5, tokenAge: "previous" });
  });

  test("a caller without a valid token has neither", async () => {
    const agent = fullAgent();
    await agent.post(ASK, { "x-client-token": "wrong" });
    expect(agent.lastLine()).not.toHaveProperty("PreviousToken");
    expect(agent.lastLine()).not.toHaveProperty("TokenAgeDays");
  });

  test.each([
    ["a token that never says when it was made", document({ createdAt: undefined })],
    ["a bare token", TOKEN],
    ["an instant that is none", document({ createdAt: "last Tuesday" })],
  ])("%s has no age", async (_what, value) => {
    const agent = fullAgent({ token: () => ({ value }) });
    await agent.post(ASK);
    expect(agent.lastLine()).toMatchObject({ PreviousToken: 0 });
    expect(agent.lastLine()).not.toHaveProperty("TokenAgeDays");
  });

  test("a token from the future is new", async () => {
    const createdAt = new Date(NOW_MS + DAY_MS).toISOString();
    const agent = fullAgent({ token: () => ({ value: document({ createdAt }) }) });
    await agent.post(ASK);
    expect(agent.lastLine()).toMatchObject({ TokenAgeDays: 0 });
  });
});

describe("ConfigFault", () => {
  test.each([
    ["AccessDeniedException", 1],
    ["ResourceNotFoundException", 1],
    ["ThrottlingException", 0],
    ["InternalServerException", 0],
    ["ModelTimeoutException", 0],
  ])("is for %s %d", async (name, value) => {
    const agent = fullAgent({ ask: refusing(name) });
    await agent.post(ASK);
    expect(agent.lastLine()).toMatchObject({ ConfigFault: value });
    expect(metricsOf(agent)).toContain("ConfigFault");
  });

  test("is 1 when the token parameter may not be read", async () => {
    const agent = fullAgent({ token: () => ({ fault: "token_denied" }) });
    await agent.post(ASK);
    expect(agent.lastLine()).toMatchObject({ outcome: "config", ConfigFault: 1 });
  });

  test.each([
    ["refused for its token", { "x-client-token": "wrong" }, ASK],
    ["refused for its fields", { "x-client-token": TOKEN }, { mode: "reminder" }],
  ])(
    "has no value for a request that was %s, as that is no news of the model",
    async (_why, headers, body) => {
      const agent = fullAgent();
      await agent.post(body, headers);
      expect(agent.lastLine()).not.toHaveProperty("ConfigFault");
    },
  );

  test("is the one metric of the probe's own requests, so that a night without users has one", async () => {
    const agent = fullAgent({ ask: refusing("AccessDeniedException") });
    await agent.post(ASK, PROBE);
    expect(metricsOf(agent)).toEqual(["ConfigFault"]);
    expect(agent.lastLine()).toMatchObject({ service: "wrist-agent-test-probe", ConfigFault: 1 });
  });
});
