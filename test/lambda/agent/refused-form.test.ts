import { describe, expect, test } from "vitest";
import { type AskModel, AttemptError } from "../../../lambda/agent/model.ts";
import {
  agentUnderTest,
  MODEL_MS,
  modelAnswer,
  SOUND_REPLY,
  TO_MIDNIGHT_UTC,
  TOKEN,
  TOKEN_READ_MS,
} from "../../support/agent-under-test.ts";

const ASK = { text: "water the fern wednesday at seven", mode: "reminder" };

function failing(name: string, message: string): AskModel {
  return () => Promise.reject(Object.assign(new Error(message), { name }));
}

/** A model that refuses every question that is not plain, in these words. */
function refusingForm(message: string): AskModel {
  return (question, limits) =>
    question.form === "plain"
      ? Promise.resolve(modelAnswer(JSON.stringify(SOUND_REPLY)))
      : failing("ValidationException", message)(question, limits);
}

describe("a model that refuses the form of the question", () => {
  const message = "output_config.format: Extra inputs are not permitted";

  test("is asked once more without it: a slightly worse answer instead of an outage", async () => {
    const agent = agentUnderTest({ ask: refusingForm(message) });
    const result = await agent.post(ASK);
    expect(result.statusCode).toBe(200);
    expect(JSON.parse(result.body ?? "")).toEqual(SOUND_REPLY);
    expect(agent.lastLine()).toMatchObject({
      outcome: "degraded",
      reason: "form_refused",
      attempts: 2,
      Failure: 0,
      Degraded: 1,
      Latency: TOKEN_READ_MS + 2 * MODEL_MS,
    });
    expect(agent.logs.join()).toContain(message);
    expect(agent.logs.join()).toContain(`"requestId":"${String(agent.lastLine().requestId)}"`);
  });

  test("is remembered for the environment's life, so that later requests lose no time", async () => {
    const agent = agentUnderTest({ ask: refusingForm(message) });
    await agent.post(ASK);
    await agent.post(ASK);
    expect(agent.lastLine()).toMatchObject({ outcome: "degraded", reason: "form_refused", attempts: 1 });
  });

  test("is not asked again when no time is left for it", async () => {
    const agent = agentUnderTest({ ask: refusingForm(message), remainingMs: () => 2_300 });
    expect((await agent.post(ASK)).statusCode).toBe(500);
    expect(agent.lastLine()).toMatchObject({ outcome: "config", attempts: 1, Failure: 1 });
  });

  test("and the plain question too has another fault, which is told as it was said first", async () => {
    const agent = agentUnderTest({ ask: failing("ValidationException", "Operation not allowed") });
    expect((await agent.post(ASK)).statusCode).toBe(500);
    expect(agent.lastLine()).toMatchObject({ outcome: "config", reason: "ValidationException", attempts: 2 });
    expect(agent.logs.join()).toContain("Operation not allowed");
  });

  test("degrades the probe's question too, which goes on to be answered", async () => {
    const agent = agentUnderTest({ ask: refusingForm(message) });
    agent.pass(TO_MIDNIGHT_UTC);
    const result = await agent.post(ASK, { "x-client-token": TOKEN, "x-wrist-agent-probe": "1" });
    expect(result.statusCode).toBe(200);
    expect(result.headers?.["x-wrist-agent-outcome"]).toBe("degraded form_refused");
  });

  test("gets one attempt more for it, and no second set of attempts that each may cost", async () => {
    const paid = { inputTokens: 100, outputTokens: 10, cacheReadTokens: 0, cacheWriteTokens: 0 };
    const broken = Object.assign(new Error("aborted"), { code: "ECONNRESET" });
    const asked: string[] = [];
    const agent = agentUnderTest({
      ask: ({ form }) => {
        asked.push(form);
        return asked.length === 3
          ? Promise.reject(Object.assign(new Error(message), { name: "ValidationException" }))
          : Promise.reject(new AttemptError(broken, { usage: paid, estimated: paid }));
      },
    });
    await agent.post(ASK);
    expect(asked).toEqual(["reply", "reply", "reply", "plain"]);
    expect(agent.lastLine()).toMatchObject({ outcome: "upstream", attempts: 4, InputTokens: 300 });
  });
});
