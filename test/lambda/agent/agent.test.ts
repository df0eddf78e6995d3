import { describe, expect, test } from "vitest";
import { converseInput } from "../../../lambda/agent/bedrock-model.ts";
import { type AskModel, AttemptError, NO_USAGE, type Question } from "../../../lambda/agent/model.ts";
import { OUTCOME_CLASS, type Outcome } from "../../../lambda/contract/outcome.ts";
import { MODES } from "../../../lambda/contract/request.ts";
import {
  agentUnderTest,
  MODEL_MS,
  modelAnswer,
  NOW_MS,
  postEvent,
  SOUND_REPLY,
  TIMEOUT_MS,
  TO_MIDNIGHT_UTC,
  TOKEN,
  TOKEN_READ_MS,
} from "../../support/agent-under-test.ts";
import { emfProblems } from "../../support/emf-problems.ts";

const ASK = { text: "water the fern wednesday at seven", mode: "reminder" };

function failing(name: string, message = "refused"): AskModel {
  return () => Promise.reject(Object.assign(new Error(message), { name }));
}

describe("a served request", () => {
  test("answers the model's reply with the request id of the log", async () => {
    const agent = agentUnderTest();
    const result = await agent.post(ASK);
    expect(result.statusCode).toBe(200);
    expect(JSON.parse(result.body ?? "")).toEqual(SOUND_REPLY);
    expect(result.headers?.["x-request-id"]).toBe(agent.lastLine().requestId);
  });

  test("writes one sound line with tokens, price and model", async () => {
    const agent = agentUnderTest();
    await agent.post(ASK);
    expect(agent.lines).toHaveLength(1);
    expect(emfProblems(agent.lines[0] ?? "")).toEqual([]);
    expect(agent.lastLine()).toMatchObject({
      service: "wrist-agent-test",
      outcome: "ok",
      Failure: 0,
      Degraded: 0,
      Rejected: 0,
      InputTokens: 300,
      OutputTokens: 100,
      CostUsd: 0.00088,
      ColdStart: 1,
      tokenAge: "current",
      mode: "reminder",
      attempts: 1,
      "gen_ai.request.model": "us.anthropic.claude-haiku-4-5-20251001-v1:0",
    });
  });

  test("tells every time by the clock: the whole, the model's, the first token's and what is left", async () => {
    const agent = agentUnderTest();
    await agent.post(ASK);
    expect(agent.lastLine()).toMatchObject({
      Latency: TOKEN_READ_MS + MODEL_MS,
      durationMs: TOKEN_READ_MS + MODEL_MS,
      ModelLatency: MODEL_MS,
      TimeToFirstToken: 400,
      deadlineMarginMs: TIMEOUT_MS - TOKEN_READ_MS - MODEL_MS,
      _aws: { Timestamp: NOW_MS + TOKEN_READ_MS + MODEL_MS },
    });
    await agent.post(ASK);
    expect(agent.lastLine()).toMatchObject({
      Latency: MODEL_MS,
      durationMs: MODEL_MS,
      ModelLatency: MODEL_MS,
    });
  });

  test("tells fractions of a millisecond to a tenth", async () => {
    const agent = agentUnderTest({
      ask: () => {
        agent.pass(100.26);
        return Promise.resolve(modelAnswer(JSON.stringify(SOUND_REPLY), { firstTokenMs: 33.33 }));
      },
    });
    await agent.post(ASK);
    const latency = TOKEN_READ_MS + MODEL_MS + 100.3;
    expect(agent.lastLine()).toMatchObject({ Latency: latency, durationMs: latency, TimeToFirstToken: 33.3 });
  });

  test("only the first request of an environment is a cold start", async () => {
    const agent = agentUnderTest();
    await agent.post(ASK);
    await agent.post(ASK);
    expect(agent.lastLine().ColdStart).toBe(0);
  });

  test("a base64 body is decoded", async () => {
    const agent = agentUnderTest();
    const body = Buffer.from(JSON.stringify(ASK)).toString("base64");
    const result = await agent.call({ ...postEvent(body), isBase64Encoded: true });
    expect(result.statusCode).toBe(200);
  });

  test("the same body within a minute is a duplicate, later it is not", async () => {
    const agent = agentUnderTest();
    await agent.post(ASK);
    expect(agent.lastLine().duplicate).toBeUndefined();
    agent.pass(59_000);
    await agent.post(ASK);
    expect(agent.lastLine().duplicate).toBe(1);
    agent.pass(61_000);
    await agent.post(ASK);
    expect(agent.lastLine().duplicate).toBeUndefined();
  });

  test.each([
    [60_000, 2_592],
    [30_000, 0],
  ])(
    "thinking that %i ms leave no time for is cut to %i tokens, and the line says so",
    async (ms, granted) => {
      const budgets: number[] = [];
      const agent = agentUnderTest({
        remainingMs: () => ms,
        ask: ({ thinkingTokens }) => {
          budgets.push(thinkingTokens);
          return Promise.resolve(modelAnswer(JSON.stringify(SOUND_REPLY)));
        },
      });
      await agent.post({ ...ASK, thinkingTokens: 10_000, maxTokens: 2_000 });
      expect(budgets).toEqual([granted]);
      expect(agent.lastLine()).toMatchObject({
        thinkingAsked: 10_000,
        thinkingGranted: granted,
        outcome: "ok",
      });
    },
  );

  test("a fenced reply is served as degraded, with what was repaired", async () => {
    const text = "```json\n" + JSON.stringify(SOUND_REPLY) + "\n```";
    const agent = agentUnderTest({ ask: () => Promise.resolve(modelAnswer(text)) });
    const result = await agent.post(ASK);
    expect(JSON.parse(result.body ?? "")).toEqual(SOUND_REPLY);
    expect(agent.lastLine()).toMatchObject({ outcome: "degraded", reason: "fence", Degraded: 1 });
  });
});

describe("a question of the pre-traffic hook", () => {
  const event = (headers: Readonly<Record<string, string>>, mark: object): object => ({
    ...postEvent(ASK, headers),
    ...mark,
  });

  test.each([
    [200, { "x-client-token": TOKEN }],
    [401, { "x-client-token": "wrong" }],
  ])("is answered as any other, %i, and emits no metric", async (status, headers) => {
    const agent = agentUnderTest();
    expect((await agent.call(event(headers, { wristAgentVerification: true }))).statusCode).toBe(status);
    expect(agent.lastLine()).toMatchObject({ verification: 1, _aws: { CloudWatchMetrics: [] } });
  });

  test("is no header, so that a caller of the URL cannot stay out of the metrics", async () => {
    const agent = agentUnderTest();
    await agent.call(event({ "x-client-token": "wrong", wristAgentVerification: "true" }, {}));
    expect(agent.lastLine()).toMatchObject({ Rejected: 1 });
    expect(agent.lastLine()).not.toHaveProperty("verification");
  });
});

describe("a request of the probe", () => {
  const headers = { "x-client-token": TOKEN, "x-wrist-agent-probe": "1" };

  /** An agent that keeps the questions that its model gets. */
  function recordingAgent(
    refuse: AskModel = () => Promise.resolve(modelAnswer("{", { stopReason: "max_tokens" })),
  ) {
    const asked: Question[] = [];
    const agent = agentUnderTest({
      ask: (question, limits) => {
        asked.push(question);
        return refuse(question, limits);
      },
    });
    return { agent, asked };
  }

  test("asks for one token and emits no metric", async () => {
    const { agent, asked } = recordingAgent();
    const result = await agent.post(ASK, headers);
    expect(result.statusCode).toBe(200);
    expect(asked.map(({ maxTokens }) => maxTokens)).toEqual([1]);
    expect(agent.lastLine()).toMatchObject({
      service: "wrist-agent-test-probe",
      outcome: "ok",
      probe: 1,
      Failure: 0,
      Latency: TOKEN_READ_MS + MODEL_MS,
      _aws: { CloudWatchMetrics: [] },
    });
  });

  /** All that is equal in every question of a mode. */
  function formOf(question: Question): object {
    const { system, outputConfig, inferenceConfig } = converseInput(question);
    return {
      rules: system?.[0]?.text?.split("Now:")[0],
      outputConfig,
      inferenceConfig: { ...inferenceConfig, maxTokens: 0 },
    };
  }

  test("takes the path of one mode after the other, and asks the cheapest question in between", async () => {
    const { agent, asked } = recordingAgent();
    agent.pass(TO_MIDNIGHT_UTC);
    for (let hours = 0; hours < 40; hours += 4) {
      await agent.post(ASK, headers);
      agent.pass(4 * 3_600_000 - MODEL_MS - (hours === 0 ? TOKEN_READ_MS : 0));
    }
    expect(asked.map(({ form }) => form)).toEqual(Array(5).fill(["reply", "plain"]).flat());
    const full = asked.filter(({ form }) => form === "reply");
    expect(full.map(({ mode }) => mode).toSorted()).toEqual([...MODES].toSorted());
    expect(asked[1]).not.toHaveProperty("system");
    for (const question of full) {
      await agent.post({ text: "ok", mode: question.mode, maxTokens: 400 });
      expect(formOf(question)).toEqual(formOf(asked.at(-1) ?? question));
    }
  });

  test("is told which mode was asked in full, and so is the log", async () => {
    const { agent, asked } = recordingAgent();
    agent.pass(TO_MIDNIGHT_UTC);
    const [full, plain] = [await agent.post(ASK, headers), await agent.post(ASK, headers)];
    expect(full.headers).toMatchObject({ "x-wrist-agent-probe-mode": asked[0]?.mode });
    expect(plain.headers).not.toHaveProperty("x-wrist-agent-probe-mode");
    expect(agent.lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
      { probeForm: "reply", mode: asked[0]?.mode },
      { probeForm: "plain", mode: ASK.mode },
    ]);
  });

  test("asks in full the mode that the probe names, and takes no other word for one", async () => {
    const { agent, asked } = recordingAgent();
    await agent.post(ASK, { ...headers, "x-wrist-agent-probe": "deepthink" });
    await agent.post(ASK, { ...headers, "x-wrist-agent-probe": "poem" });
    expect(asked.map(({ form, mode }) => [form, mode])).toEqual([
      ["reply", "deepthink"],
      ["plain", ASK.mode],
    ]);
    expect(agent.lastLine()).toMatchObject({ probe: 1, probeForm: "plain" });
  });

  test("needs no full question once a user of the mode was answered, and goes on with it while it fails", async () => {
    const { agent, asked } = recordingAgent();
    agent.pass(TO_MIDNIGHT_UTC);
    for (const mode of MODES) await agent.post({ ...ASK, mode });
    await agent.post(ASK, headers);
    expect(asked.at(-1)?.form).toBe("plain");
    const failing_ = recordingAgent(failing("InternalServerException"));
    failing_.agent.pass(TO_MIDNIGHT_UTC);
    await failing_.agent.post(ASK, headers);
    // Out of the minutes in which a full question begins: a mode that fails is not forgotten.
    failing_.agent.pass(2 * 3_600_000);
    await failing_.agent.post(ASK, headers);
    await failing_.agent.post(ASK, headers);
    expect(new Set(failing_.asked.map(({ form }) => form))).toEqual(new Set(["reply"]));
  });

  test("is told the outcome and its reason, which nobody else is", async () => {
    const failing = {
      ask: () => Promise.reject(Object.assign(new Error(), { name: "AccessDeniedException" })),
    };
    const told = async (asked: Readonly<Record<string, string>>, surroundings = {}): Promise<unknown> =>
      (await agentUnderTest(surroundings).post(ASK, asked)).headers?.["x-wrist-agent-outcome"];
    expect(await told(headers)).toBe("ok");
    expect(await told(headers, failing)).toBe("config AccessDeniedException");
    expect(await told({ "x-client-token": TOKEN }, failing)).toBeUndefined();
    expect(await told({ ...headers, "x-client-token": "wrong" })).toBeUndefined();
  });

  test("without a valid token it is traffic like any other, so nobody can forge the probe", async () => {
    const agent = agentUnderTest();
    await agent.post(ASK, { ...headers, "x-client-token": "wrong" });
    expect(agent.lastLine()).toMatchObject({ service: "wrist-agent-test", Rejected: 1 });
  });
});

describe("health", () => {
  const get = (rawPath: string, token = TOKEN): object => ({
    rawPath,
    headers: { "X-Client-Token": token },
    requestContext: { http: { method: "GET" } },
  });

  test("tells stage, version and model", async () => {
    const result = await agentUnderTest().call(get("/"));
    expect(JSON.parse(result.body ?? "")).toEqual({
      status: "ok",
      stage: "test",
      version: "$LATEST",
      model: "us.anthropic.claude-haiku-4-5-20251001-v1:0",
    });
  });

  test.each([
    ["another path", get("/favicon.ico"), 404],
    ["a wrong token", get("/", "wrong"), 401],
  ])("is not told for %s", async (_name, event, status) => {
    expect((await agentUnderTest().call(event)).statusCode).toBe(status);
  });

  test("a wrong deployment is told as config", async () => {
    const agent = agentUnderTest({ environment: { BEDROCK_MODEL_ID: "us.acme.unknown-v1:0" } });
    expect((await agent.call(get("/"))).statusCode).toBe(500);
    expect(agent.lastLine()).toMatchObject({ outcome: "config", reason: "settings", Failure: 1 });
  });
});

interface Row {
  readonly name: string;
  readonly error: AskModel;
  readonly status: number;
  readonly outcome: Outcome;
  readonly attempts: number;
}

const BEDROCK: readonly Row[] = [
  ["ThrottlingException", 429, "throttled", 3],
  ["ModelNotReadyException", 429, "throttled", 3],
  ["ServiceQuotaExceededException", 429, "quota", 1],
  ["ValidationException", 500, "config", 2],
  ["AccessDeniedException", 500, "config", 1],
  ["ResourceNotFoundException", 500, "config", 1],
  ["ModelTimeoutException", 504, "timeout", 1],
  ["AbortError", 504, "timeout", 1],
  ["SilenceError", 504, "timeout", 3],
  ["InternalServerException", 503, "upstream", 3],
  ["ServiceUnavailableException", 503, "upstream", 3],
  ["ModelStreamErrorException", 503, "upstream", 3],
  ["ModelErrorException", 500, "upstream", 1],
  ["SomethingNew", 503, "upstream", 3],
].map(([name, status, outcome, attempts]) => ({
  name: name as string,
  error: failing(name as string),
  status: status as number,
  outcome: outcome as Outcome,
  attempts: attempts as number,
}));

describe("a failing model", () => {
  test.each(BEDROCK)("$name becomes $status, $outcome, after $attempts", async (row) => {
    const agent = agentUnderTest({ ask: row.error });
    const result = await agent.post(ASK);
    expect(result.statusCode).toBe(row.status);
    expect(JSON.parse(result.body ?? "")).toEqual({ error: expect.any(String) as unknown });
    expect(result.headers?.["retry-after"] !== undefined).toBe([429, 503].includes(row.status));
    const failed = OUTCOME_CLASS[row.outcome] === "failed" ? 1 : 0;
    expect(agent.lastLine()).toMatchObject({
      outcome: row.outcome,
      attempts: row.attempts,
      Failure: failed,
      Rejected: 1 - failed,
      httpStatus: row.status,
    });
  });

  test("a ValidationException about the model id is the deployment's fault, not the caller's", async () => {
    const agent = agentUnderTest({
      ask: failing("ValidationException", "Invocation with on-demand throughput isn't supported"),
    });
    expect((await agent.post(ASK)).statusCode).toBe(500);
    expect(agent.lastLine().outcome).toBe("config");
    expect(agent.logs.join()).toContain("on-demand throughput");
  });

  test("what Bedrock says of the caller's text is not logged", async () => {
    const agent = agentUnderTest({ ask: failing("ValidationException", `bad text: ${ASK.text}!`) });
    await agent.post(ASK);
    expect(agent.logs.join()).toContain("bad text:");
    expect(agent.logs.join()).not.toContain("fern");
  });

  test("throttles are counted though the last attempt succeeds", async () => {
    let calls = 0;
    const agent = agentUnderTest({
      ask: (question, limits) =>
        ++calls < 3
          ? failing("ThrottlingException")(question, limits)
          : Promise.resolve(modelAnswer(JSON.stringify(SOUND_REPLY))),
    });
    expect((await agent.post(ASK)).statusCode).toBe(200);
    expect(agent.lastLine()).toMatchObject({ attempts: 3, throttles: 2, outcome: "ok" });
  });

  test("retries wait between the attempts, and the times say so", async () => {
    const agent = agentUnderTest({ ask: failing("ThrottlingException") });
    await agent.post(ASK);
    // Half of 400 and of 800 ms: the fake draws 0.5.
    const modelMs = 3 * MODEL_MS + 200 + 400;
    expect(agent.lastLine()).toMatchObject({
      attempts: 3,
      throttles: 3,
      durationMs: TOKEN_READ_MS + modelMs,
      deadlineMarginMs: TIMEOUT_MS - TOKEN_READ_MS - modelMs,
    });
    expect(agent.lastLine()).not.toHaveProperty("Latency");
    expect(agent.lastLine()).not.toHaveProperty("CostUsd");
  });

  test.each([
    ["ThrottlingException", "Too many requests", "5"],
    ["ServiceQuotaExceededException", "quota", "60"],
    ["InternalServerException", "oops", "10"],
    // 17:00:00.940 UTC is 6 h 59 min 59 s and a bit before midnight.
    ["ThrottlingException", "Too many tokens per day, please wait before trying again.", "25200"],
  ])("%s, %s, says to ask again after %s seconds", async (name, message, seconds) => {
    const result = await agentUnderTest({ ask: failing(name, message) }).post(ASK);
    expect(result.headers?.["retry-after"]).toBe(seconds);
  });

  test("a day's quota is used up: one attempt, and the sentence says when it comes back", async () => {
    const agent = agentUnderTest({
      ask: failing("ThrottlingException", "Too many tokens per day, please wait."),
    });
    const result = await agent.post({ ...ASK, timeZone: "Europe/Berlin" });
    expect(JSON.parse(result.body ?? "")).toEqual({
      error: "The model's quota for today is used up. Try again after Tuesday 01:00 (Europe/Berlin).",
    });
    expect(agent.lastLine()).toMatchObject({ outcome: "quota", attempts: 1, throttles: 0, httpStatus: 429 });
  });

  test("attempts without an answer cost: their estimate is part of the price, and the line says how much", async () => {
    let calls = 0;
    const usage = { ...NO_USAGE, inputTokens: 400, outputTokens: 50 };
    const hung = new AttemptError(Object.assign(new Error("silent"), { name: "SilenceError" }), {
      usage,
      estimated: usage,
    });
    const agent = agentUnderTest({
      ask: () =>
        ++calls < 3 ? Promise.reject(hung) : Promise.resolve(modelAnswer(JSON.stringify(SOUND_REPLY))),
    });
    await agent.post(ASK);
    expect(agent.lastLine()).toMatchObject({
      outcome: "ok",
      attempts: 3,
      InputTokens: 1_100,
      OutputTokens: 200,
      // 1.10 and 5.50 USD a million.
      CostUsd: 0.00231,
      estimatedUsd: 0.00143,
    });
    const failed = agentUnderTest({ ask: () => Promise.reject(hung) });
    await failed.post(ASK);
    expect(failed.lastLine()).toMatchObject({
      outcome: "timeout",
      CostUsd: 0.002145,
      estimatedUsd: 0.002145,
    });
    expect(failed.lastLine()).not.toHaveProperty("Latency");
  });

  test("no attempt begins that the deadline would cut", async () => {
    const agent = agentUnderTest({ ask: failing("ThrottlingException"), remainingMs: () => 1_400 });
    await agent.post(ASK);
    expect(agent.lastLine()).toMatchObject({ attempts: 1, httpStatus: 429 });
  });
});

describe("a refused request", () => {
  test.each([
    ["no token", {}, "token_absent"],
    ["a wrong token", { "x-client-token": "wrong" }, "token_wrong"],
    ["an empty bearer", { authorization: "Bearer " }, "token_absent"],
  ])("%s is unauthorized before the body is read", async (_name, headers, reason) => {
    const agent = agentUnderTest();
    const result = await agent.post("{", headers);
    expect(result.statusCode).toBe(401);
    expect(agent.lastLine()).toMatchObject({ outcome: "unauthorized", reason, Rejected: 1, Failure: 0 });
  });

  test("a bearer token in odd case is accepted", async () => {
    expect((await agentUnderTest().post(ASK, { AUTHORIZATION: `bearer ${TOKEN}` })).statusCode).toBe(200);
  });

  test.each(["PUT", "DELETE", "OPTIONS", ""])("method %j is 405", async (method) => {
    const agent = agentUnderTest();
    const result = await agent.call({ requestContext: { http: { method } } });
    expect(result.statusCode).toBe(405);
    expect(result.headers?.allow).toBe("GET, POST");
    expect(agent.lines).toHaveLength(1);
  });

  test.each([
    [{ fault: "token_unavailable" }, 503, "upstream"],
    [{ fault: "token_missing" }, 500, "config"],
    [{ fault: "token_denied" }, 500, "config"],
    [{ value: " " }, 500, "config"],
    [{ value: '{"current":""}' }, 500, "config"],
  ] as const)("a token store that says %j closes the agent", async (reading, status, outcome) => {
    const agent = agentUnderTest({ token: () => reading });
    expect((await agent.post(ASK)).statusCode).toBe(status);
    expect(agent.lastLine()).toMatchObject({ outcome, Failure: 1 });
  });
});

describe("faults of the agent itself", () => {
  test("a thrown bug is a 500 with its line, and its message stays unsaid", async () => {
    const agent = agentUnderTest({
      ports: {
        now: () => {
          throw new TypeError("quoting my secret");
        },
      },
    });
    expect((await agent.post(ASK)).statusCode).toBe(500);
    expect(agent.lastLine()).toMatchObject({ outcome: "internal", Failure: 1 });
    expect(agent.logs.join()).toContain("TypeError");
    expect(agent.logs.join()).not.toContain("my secret");
  });

  test("a line that cannot be written fails no request", async () => {
    const agent = agentUnderTest({
      ports: {
        record: () => {
          throw new Error("stdout is closed");
        },
      },
    });
    expect((await agent.post(ASK)).statusCode).toBe(200);
  });

  test.each(["production", "development"])(
    "dictated text is in no log line, in %s neither",
    async (stage) => {
      const agent = agentUnderTest({ environment: { STAGE: stage, LOG_CONTENT: "true" } });
      await agent.post(ASK);
      expect([...agent.logs, ...agent.lines].join()).not.toContain(ASK.text);
    },
  );
});
