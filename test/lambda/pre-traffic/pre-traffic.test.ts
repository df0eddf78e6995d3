import { LambdaClient } from "@aws-sdk/client-lambda";
import { describe, expect, test } from "vitest";
import { verificationEvent } from "../../../lambda/contract/request.ts";
import { askByInvoke, type VersionAnswer } from "../../../lambda/pre-traffic/questions.ts";
import { preTrafficHook, type HookEvent, type HookPorts } from "../../../lambda/pre-traffic/pre-traffic.ts";
import type { AskModel } from "../../../lambda/agent/model.ts";
import {
  agentUnderTest,
  modelAnswer,
  NOW_MS,
  SOUND_REPLY,
  TOKEN,
  type AgentUnderTest,
} from "../../support/agent-under-test.ts";
import { httpFake } from "../../support/http-fake.ts";

const EVENT: HookEvent = { DeploymentId: "d-1", LifecycleEventHookExecutionId: "hook-1" };
const TOMORROW = "2026-11-24T12:30:00Z";

/** What a sound model writes in each mode. */
const REPLIES: Readonly<Record<string, object>> = {
  note: { ...SOUND_REPLY, action: "note", dueISO: null },
  reminder: { ...SOUND_REPLY, dueISO: "2026-11-24T19:00:00Z" },
  event: {
    ...SOUND_REPLY,
    action: "event",
    dueISO: null,
    startISO: TOMORROW,
    endISO: "2026-11-24T13:30:00Z",
  },
};

const soundModel: AskModel = ({ mode }) => Promise.resolve(modelAnswer(JSON.stringify(REPLIES[mode])));

/** A hook over fakes, and everything that it told. */
function hookOver(ports: Partial<HookPorts>) {
  const told: string[] = [];
  const verdicts: string[] = [];
  let nowMs = NOW_MS;
  const hook = preTrafficHook({
    ask: () => Promise.reject(new Error("nobody asked for this")),
    readToken: () => Promise.resolve(TOKEN),
    report: (event, verdict) => Promise.resolve(verdicts.push(`${event.DeploymentId} ${verdict}`)),
    log: (message, { complaints }) => told.push(message, ...complaints),
    now: () => nowMs,
    wait: (milliseconds) => Promise.resolve((nowMs += milliseconds)),
    ...ports,
  });
  const run = (remainingMs = 500_000) => hook(EVENT, { getRemainingTimeInMillis: () => remainingMs });
  return { run, told, verdicts, pass: (milliseconds: number) => (nowMs += milliseconds) };
}

/** Asks an agent as the deployed hook asks a version. */
function asking(agent: AgentUnderTest): HookPorts["ask"] {
  return async (token, body) => {
    const { statusCode = 0, body: text = "" } = await agent.call(verificationEvent(token, body));
    return { status: statusCode, fields: JSON.parse(text) as VersionAnswer["fields"] };
  };
}

/** An agent that answers soundly but for one mode, whose reply has other members. */
function agentWith(mode: string, change: object): AgentUnderTest {
  const ask: AskModel = (question, limits) =>
    question.mode === mode
      ? Promise.resolve(modelAnswer(JSON.stringify({ ...REPLIES[mode], ...change })))
      : soundModel(question, limits);
  return agentUnderTest({ ask });
}

describe("the pre-traffic hook", () => {
  test("lets a sound version pass after four questions, none of which is a metric", async () => {
    const agent = agentUnderTest({ ask: soundModel });
    const { run, told, verdicts } = hookOver({ ask: asking(agent) });
    await run();
    expect(verdicts).toEqual(["d-1 Succeeded"]);
    expect(told).toEqual(["verification succeeded"]);
    const lines = agent.lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines.map(({ httpStatus, mode }) => [httpStatus, mode])).toEqual([
      [401, undefined],
      [200, "note"],
      [200, "reminder"],
      [200, "event"],
    ]);
    for (const line of lines)
      expect(line).toMatchObject({ verification: 1, _aws: { CloudWatchMetrics: [] } });
  });

  test.each([
    ["note", { action: "none" }, 'note: action is "none" instead of "note"'],
    ["reminder", { dueISO: "soon" }, "reminder: dueISO is null, which is no date with an offset"],
    ["reminder", { dueISO: null }, "reminder: dueISO is null, which is no date with an offset"],
    ["reminder", { dueISO: "2026-12-24T19:00:00Z" }, "which is not tomorrow"],
    ["event", { startISO: "lunchtime" }, "event: startISO is null, which is no date with an offset"],
  ])("fails a version whose %s has %j", async (mode, change, complaint) => {
    const { run, told, verdicts } = hookOver({ ask: asking(agentWith(mode, change)) });
    await run();
    expect(verdicts).toEqual(["d-1 Failed"]);
    expect(told).toHaveLength(2);
    expect(told[1]).toContain(complaint);
  });

  test("fails a version that lets a stranger in, and says so first", async () => {
    const open: HookPorts["ask"] = (_token, { mode }: { mode?: string }) =>
      Promise.resolve({ status: 200, fields: { ...REPLIES[mode ?? ""] } });
    const { run, told, verdicts } = hookOver({ ask: open });
    await run();
    expect(verdicts).toEqual(["d-1 Failed"]);
    expect(told).toEqual(["verification failed", "wrong token: answered 200 instead of 401"]);
  });

  test("fails a reply without one of the ten fields", async () => {
    const nine = { ...SOUND_REPLY, url: undefined };
    const ask: HookPorts["ask"] = (token) =>
      Promise.resolve(token === TOKEN ? { status: 200, fields: nine } : { status: 401, fields: {} });
    const { run, told } = hookOver({ ask });
    await run();
    expect(told).toContain("note: url is missing or not what the contract says");
  });

  test("asks once more where the model is busy for a moment", async () => {
    let calls = 0;
    const agent = agentUnderTest({ ask: soundModel });
    const ask: HookPorts["ask"] = (token, body, signal) => {
      calls += 1;
      return calls === 2
        ? Promise.resolve({ status: 503, fields: { error: "busy" } })
        : asking(agent)(token, body, signal);
    };
    const { run, verdicts } = hookOver({ ask });
    await run();
    expect(verdicts).toEqual(["d-1 Succeeded"]);
    expect(calls).toBe(5);
  });

  test("asks at most eight times, and names what each question got", async () => {
    let calls = 0;
    const { run, told, verdicts } = hookOver({
      ask: () => {
        calls += 1;
        return Promise.resolve({ status: 500, fields: { error: "Failed to process request" } });
      },
    });
    await run();
    expect(calls).toBe(8);
    expect(verdicts).toEqual(["d-1 Failed"]);
    expect(told).toContain("event: answered 500 instead of 200: Failed to process request");
  });

  test("stops asking when its time is over, and still tells the verdict", async () => {
    const hook = hookOver({
      ask: () => {
        hook.pass(60_000);
        return Promise.reject(new Error("The operation was aborted"));
      },
    });
    await hook.run(100_000);
    expect(hook.verdicts).toEqual(["d-1 Failed"]);
    expect(hook.told.at(-1)).toBe("event: not asked: the time for the verification is over");
  });

  test("fails without a token, and shows none that it has", async () => {
    const without = hookOver({ readToken: () => Promise.reject(new Error("/x holds no token")) });
    await without.run();
    expect(without.verdicts).toEqual(["d-1 Failed"]);
    expect(without.told).toContain("nothing was asked: Error: /x holds no token");
    const withOne = hookOver({ ask: asking(agentWith("note", { title: "" })) });
    await withOne.run();
    expect(withOne.told.join("\n")).not.toContain(TOKEN);
  });
});

describe("asking a version", () => {
  const VERSION = "arn:aws:lambda:us-west-2:123456789012:function:wrist-agent-staging:7";

  async function answerTo(headers: Readonly<Record<string, string>>, body: unknown) {
    const lambda = await httpFake(() => ({ headers, body }));
    const client = new LambdaClient({
      region: "us-west-2",
      endpoint: lambda.url,
      credentials: { accessKeyId: "test", secretAccessKey: "test" },
      maxAttempts: 1,
    });
    try {
      const answer = await askByInvoke(client, VERSION)(TOKEN, { text: "x" }, AbortSignal.timeout(5000));
      return { answer, received: lambda.received };
    } finally {
      await lambda.stop();
    }
  }

  test("invokes that version with the event of its URL", async () => {
    const result = { statusCode: 200, headers: {}, body: JSON.stringify(SOUND_REPLY) };
    const { answer, received } = await answerTo({}, result);
    expect(answer).toEqual({ status: 200, fields: SOUND_REPLY });
    expect(decodeURIComponent(received[0]?.path ?? "")).toContain(`/functions/${VERSION}/invocations`);
    expect(JSON.parse(received[0]?.body ?? "")).toMatchObject({
      version: "2.0",
      headers: { "x-client-token": TOKEN },
      requestContext: { http: { method: "POST" } },
      body: '{"text":"x"}',
      wristAgentVerification: true,
    });
  });

  test("tells a crash by its type, and what is no answer", async () => {
    const crash = { errorType: "Runtime.ImportModuleError", errorMessage: "cannot find x" };
    await expect(answerTo({ "x-amz-function-error": "Unhandled" }, crash)).rejects.toThrow(
      "the function failed: Runtime.ImportModuleError",
    );
    await expect(answerTo({}, "null")).rejects.toThrow("the function returned no HTTP answer");
  });
});
