import { request as httpRequest, type IncomingMessage } from "node:http";
import { connect } from "node:net";
import { text as textOf } from "node:stream/consumers";
import { gzipSync } from "node:zlib";
import {
  BedrockRuntimeClient,
  ConverseCommand,
  ConverseStreamCommand,
  InvokeModelCommand,
} from "@aws-sdk/client-bedrock-runtime";
import type { ConverseStreamOutput } from "@aws-sdk/client-bedrock-runtime";
import {
  GetParameterCommand,
  ListDocumentsCommand,
  GetParametersCommand,
  SSMClient,
} from "@aws-sdk/client-ssm";
import { GetCallerIdentityCommand, GetSessionTokenCommand, STSClient } from "@aws-sdk/client-sts";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { startAwsEndpoint } from "../../../../local/server/aws/aws-endpoint.ts";
import { bedrockRuntimeService } from "../../../../local/server/aws/bedrock-runtime.ts";
import type {
  ConverseAnswer,
  ConverseCall,
  ConverseFailure,
} from "../../../../local/server/aws/converse-model.ts";
import type { AwsService } from "../../../../local/server/aws/service.ts";
import type { Parameter, Parameters } from "../../../../local/parameter-store.ts";
import { ssmService } from "../../../../local/server/aws/ssm.ts";
import { stsService } from "../../../../local/server/aws/minor-services.ts";
import type { RunningServer } from "../../../../local/server/function-url-server.ts";

const ACCOUNT = { accountId: "123456789012", region: "us-west-2" };
const MODEL_ID = "us.anthropic.claude-haiku-4-5-20251001-v1:0";
const PROFILE_ARN = `arn:aws:bedrock:us-west-2:123456789012:inference-profile/${MODEL_ID}`;
const OWN_PROFILE = "arn:aws:bedrock:us-west-2:123456789012:application-inference-profile/abc123";
const TOKEN: Parameter = {
  region: "us-west-2",
  name: "/wrist-agent/client-token",
  type: "SecureString",
  value: "secret",
  version: 3,
  modifiedMs: 1_700_000_000_500,
};
const PARAMETERS: Parameters = {
  find: (_region, name) => (name === TOKEN.name ? TOKEN : undefined),
  list: () => [TOKEN],
  versions: (_region, name) => (name === TOKEN.name ? [TOKEN] : []),
  put: () => TOKEN,
  delete: () => true,
};
const ANSWER: ConverseAnswer = {
  kind: "answer",
  thinking: "Hmm, let me see what was asked here.",
  text: "The answer, längër than one part: 🙂 and so on.",
  stopReason: "end_turn",
  inputTokens: 10,
  outputTokens: 20,
  firstTokenMs: 1,
  decodeMs: 20,
};

let server: RunningServer;
let answer: ConverseAnswer | ConverseFailure;
const calls: ConverseCall[] = [];
const bugs: unknown[] = [];
const clients: { destroy(): void }[] = [];

beforeEach(async () => {
  answer = ANSWER;
  calls.length = bugs.length = 0;
  const faulty: AwsService = {
    protocol: "json",
    version: "1.0",
    targetPrefix: "Faulty",
    operations: { Bug: () => Promise.reject(new Error("a bug")), Echo: (input) => input },
  };
  const model = {
    converse: (call: ConverseCall) => {
      calls.push(call);
      return answer;
    },
  };
  server = await startAwsEndpoint(
    {
      services: [
        ssmService(PARAMETERS, ACCOUNT),
        stsService(ACCOUNT),
        bedrockRuntimeService(model, (arn) => (arn === OWN_PROFILE ? PROFILE_ARN : undefined)),
        faulty,
      ],
      bug: (error) => void bugs.push(error),
    },
    { port: 0, option: "--aws-port" },
  );
});

afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await server.stop();
});

function configuration() {
  return {
    endpoint: server.url,
    region: "us-west-2",
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
    maxAttempts: 1,
  };
}

function made<T extends { destroy(): void }>(client: T): T {
  clients.push(client);
  return client;
}

const ssm = () => made(new SSMClient(configuration()));
const sts = () => made(new STSClient(configuration()));
const bedrock = () => made(new BedrockRuntimeClient(configuration()));

function converseInput(changes: object = {}) {
  return {
    modelId: MODEL_ID,
    system: [{ text: "Mode: note" }],
    messages: [{ role: "user" as const, content: [{ text: "hello" }] }],
    inferenceConfig: { maxTokens: 400 },
    ...changes,
  };
}

describe("SSM", () => {
  test("gives a parameter decrypted, and sealed without WithDecryption", async () => {
    const open = await ssm().send(new GetParameterCommand({ Name: TOKEN.name, WithDecryption: true }));
    expect(open.Parameter).toEqual({
      Name: TOKEN.name,
      Type: "SecureString",
      Value: "secret",
      Version: 3,
      LastModifiedDate: new Date(TOKEN.modifiedMs),
      ARN: "arn:aws:ssm:us-west-2:123456789012:parameter/wrist-agent/client-token",
      DataType: "text",
    });
    const sealed = await ssm().send(new GetParameterCommand({ Name: TOKEN.name }));
    expect(sealed.Parameter?.Value).not.toContain("secret");
  });

  test.each([
    ["/nowhere", "ParameterNotFound"],
    [`${TOKEN.name}:2`, "ParameterVersionNotFound"],
    ["", "ValidationException"],
  ])("refuses %j with %s", async (Name, name) => {
    await expect(ssm().send(new GetParameterCommand({ Name }))).rejects.toMatchObject({ name });
  });

  test("takes an ARN and a version for a name, and lists what it does not know", async () => {
    const arn = "arn:aws:ssm:us-west-2:123456789012:parameter/wrist-agent/client-token";
    const some = await ssm().send(
      new GetParametersCommand({ Names: [arn, `${TOKEN.name}:3`, "/nowhere"], WithDecryption: true }),
    );
    expect(some.Parameters?.map(({ Value, Selector }) => [Value, Selector])).toEqual([
      ["secret", undefined],
      ["secret", ":3"],
    ]);
    expect(some.InvalidParameters).toEqual(["/nowhere"]);
  });

  test("answers an operation that is not there as AWS does", async () => {
    await expect(ssm().send(new ListDocumentsCommand({}))).rejects.toMatchObject({
      name: "UnknownOperationException",
    });
  });
});

describe("STS", () => {
  test("says who the caller is", async () => {
    await expect(sts().send(new GetCallerIdentityCommand({}))).resolves.toMatchObject({
      Account: "123456789012",
      Arn: "arn:aws:sts::123456789012:assumed-role/local/local",
    });
  });

  test("answers an action that is not there as AWS does", async () => {
    await expect(sts().send(new GetSessionTokenCommand({}))).rejects.toMatchObject({
      name: "InvalidAction",
      message: "Could not find operation GetSessionToken for version 2011-06-15",
    });
  });
});

describe("Bedrock Runtime, over HTTP/2 without TLS", () => {
  test("answers Converse", async () => {
    const output = await bedrock().send(new ConverseCommand(converseInput()));
    expect(output.output?.message?.content?.map((block) => block.text)).toEqual([undefined, ANSWER.text]);
    expect(output.output?.message?.content?.[0]?.reasoningContent?.reasoningText?.text).toBe(ANSWER.thinking);
    expect(output).toMatchObject({
      stopReason: "end_turn",
      usage: { inputTokens: 10, outputTokens: 20, totalTokens: 30 },
      metrics: { latencyMs: 21 },
    });
    expect(calls).toEqual([{ modelId: MODEL_ID, system: "Mode: note", user: "hello", maxTokens: 400 }]);
  });

  test.each([OWN_PROFILE, PROFILE_ARN])("answers for %s like the profile behind it", async (modelId) => {
    await bedrock().send(new ConverseCommand(converseInput({ modelId })));
    expect(calls.map((call) => call.modelId)).toEqual([MODEL_ID]);
  });

  test("streams ConverseStream event by event, in Bedrock's order", async () => {
    const { stream } = await bedrock().send(new ConverseStreamCommand(converseInput()));
    const events: ConverseStreamOutput[] = [];
    for await (const event of stream ?? []) events.push(event);
    const text = events.map((event) => event.contentBlockDelta?.delta?.text ?? "").join("");
    const thinking = events
      .map((event) => event.contentBlockDelta?.delta?.reasoningContent?.text ?? "")
      .join("");
    expect([text, thinking]).toEqual([ANSWER.text, ANSWER.thinking]);
    const names = events.map((event) => Object.keys(event)[0]);
    expect(names.filter((name, index) => name !== names[index - 1])).toEqual([
      "messageStart",
      "contentBlockDelta",
      "contentBlockStop",
      "contentBlockDelta",
      "contentBlockStop",
      "messageStop",
      "metadata",
    ]);
    expect(events.at(-1)?.metadata).toMatchObject({ usage: { totalTokens: 30 }, metrics: { latencyMs: 21 } });
  });

  test("passes the model's failure on", async () => {
    answer = { kind: "failure", code: "ThrottlingException", status: 429, message: "Too many requests" };
    for (const command of [new ConverseCommand(converseInput()), new ConverseStreamCommand(converseInput())])
      await expect(bedrock().send(command as ConverseCommand)).rejects.toMatchObject({
        name: "ThrottlingException",
        message: "Too many requests",
        $metadata: { httpStatusCode: 429 },
      });
  });

  test("stops waiting when the caller gives up", async () => {
    answer = { ...ANSWER, firstTokenMs: 60_000 };
    const giveUp = new AbortController();
    const pending = bedrock().send(new ConverseStreamCommand(converseInput()), {
      abortSignal: giveUp.signal,
    });
    while (calls.length === 0) await new Promise((resolve) => setImmediate(resolve));
    giveUp.abort();
    await expect(pending).rejects.toMatchObject({ name: "AbortError" });
    expect(bugs).toEqual([]);
  });

  const thinking = (budget_tokens: number) => ({ thinking: { type: "enabled", budget_tokens } });
  test.each([
    ["a profile that nobody made", { modelId: OWN_PROFILE.replace("abc", "xyz") }, /identifier is invalid/],
    ["a bare model id", { modelId: "anthropic.claude-haiku-4-5-20251001-v1:0" }, /on-demand throughput/],
    ["no message", { messages: [] }, /must start with a user message/],
    [
      "an assistant's message first",
      { messages: [{ role: "assistant", content: [{ text: "x" }] }] },
      /must start with a user message/,
    ],
    ["blank text", { messages: [{ role: "user", content: [{ text: " " }] }] }, /is blank/],
    ["no tokens", { inferenceConfig: { maxTokens: 0 } }, /at least 1/],
    ["little thinking", { additionalModelRequestFields: thinking(100) }, /greater than or equal to 1024/],
    [
      "more thinking than tokens",
      { additionalModelRequestFields: thinking(2000) },
      /must be greater than `thinking.budget_tokens`/,
    ],
    [
      "thinking at a temperature",
      {
        inferenceConfig: { maxTokens: 3000, temperature: 0.1 },
        additionalModelRequestFields: thinking(2000),
      },
      /`temperature` may only be set to 1/,
    ],
  ])("refuses %s", async (_name, changes, message) => {
    await expect(bedrock().send(new ConverseCommand(converseInput(changes)))).rejects.toMatchObject({
      name: "ValidationException",
      message: expect.stringMatching(message) as string,
    });
    expect(calls).toEqual([]);
  });

  test("tells the model how long it may think", async () => {
    const inferenceConfig = { maxTokens: 3000 };
    await bedrock().send(
      new ConverseCommand(converseInput({ inferenceConfig, additionalModelRequestFields: thinking(2000) })),
    );
    await bedrock().send(
      new ConverseCommand(
        converseInput({ inferenceConfig, additionalModelRequestFields: { thinking: { type: "adaptive" } } }),
      ),
    );
    expect(calls.map(({ thinkingTokens }) => thinkingTokens)).toEqual([2000, 1500]);
  });

  test("refuses InvokeModel by name", async () => {
    const command = new InvokeModelCommand({
      modelId: MODEL_ID,
      contentType: "application/json",
      body: "{}",
    });
    await expect(bedrock().send(command)).rejects.toMatchObject({
      name: "ValidationException",
      message: "the local runtime does not emulate invoke: use Converse or ConverseStream",
    });
  });
});

describe("the endpoint", () => {
  const json = (operation: string, init: RequestInit = {}) =>
    fetch(server.url, {
      method: "POST",
      headers: { "x-amz-target": `Faulty.${operation}`, "content-type": "application/x-amz-json-1.0" },
      body: "{}",
      ...init,
    });

  test("answers Converse over HTTP/1.1 too", async () => {
    const response = await fetch(`${server.url}model/${encodeURIComponent(MODEL_ID)}/converse`, {
      method: "POST",
      body: JSON.stringify(converseInput()),
    });
    expect(response.status).toBe(200);
    expect(calls[0]?.modelId).toBe(MODEL_ID);
  });

  test("inflates gzipped bodies", async () => {
    const headers = { "x-amz-target": "Faulty.Echo", "content-encoding": "gzip" };
    const response = await json("Echo", { headers, body: gzipSync('{"a":1}') });
    expect(await response.json()).toEqual({ a: 1 });
    expect(response.headers.get("x-amzn-requestid")).toMatch(/^[0-9a-f-]{36}$/);
  });

  test.each([
    ["that is no JSON", "x-target", "{"],
    ["that is a list", "x-target", "[]"],
    ["that is no gzip", "gzip", "plain"],
    ["that inflates beyond the bound", "gzip", gzipSync(Buffer.alloc(21 * 1024 * 1024))],
  ])("refuses a body %s", async (_name, encoding, body) => {
    const headers = {
      "x-amz-target": "Faulty.Echo",
      ...(encoding === "gzip" && { "content-encoding": "gzip" }),
    };
    const response = await json("Echo", { headers, body });
    expect(response.status).toBe(400);
    expect((await response.text()) + (response.headers.get("x-amzn-errortype") ?? "")).toContain(
      "SerializationException",
    );
  });

  test("refuses a body beyond 20 MB", async () => {
    const response = await json("Echo", { body: Buffer.alloc(21 * 1024 * 1024) });
    expect(response.status).toBe(413);
  });

  test.each([
    ["an operation", { "x-amz-target": "Faulty.Nothing" }, 400],
    ["a service", { "x-amz-target": "Nothing_2010.Get" }, 400],
    ["a path", {}, 404],
  ])("answers %s that is not there as AWS does", async (_name, headers, status) => {
    const response = await json("", { headers });
    expect(response.status).toBe(status);
    expect((await response.text()) + (response.headers.get("x-amzn-errortype") ?? "")).toContain(
      "UnknownOperationException",
    );
  });

  test("answers 400 for a path that does not decode", async () => {
    const response = await fetch(`${server.url}model/%E0%A4%A/converse`, { method: "POST", body: "{}" });
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({
      message: "the path /model/%E0%A4%A/converse is not percent-encoded UTF-8",
    });
    expect(bugs).toEqual([]);
  });

  test("answers 500 for a bug of its own, and reports it", async () => {
    const response = await json("Bug");
    expect(response.status).toBe(500);
    expect(response.headers.get("x-amzn-errortype")).toBe("InternalFailure");
    expect(bugs).toEqual([new Error("a bug")]);
  });

  test("refuses a host name that is not this machine's", async () => {
    const socket = connect(server.port, "127.0.0.1");
    socket.write("GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n");
    const text = await new Promise<string>((resolve) =>
      socket.once("data", (data) => resolve(data.toString())),
    );
    socket.destroy();
    expect(text).toMatch(/^HTTP\/1.1 403 /);
  });

  test.each([
    [
      "an origin elsewhere",
      { origin: "https://evil.example" },
      'origin "https://evil.example" is a web page',
    ],
    ["the page's own origin", { origin: "http://127.0.0.1:7700" }, "AWS clients only"],
    ["an opaque origin", { origin: "null" }, 'origin "null" is a web page'],
    ["an image of another site", { "sec-fetch-site": "cross-site" }, "a cross-site web page asks"],
  ])("refuses what a web page asks: %s", async (_name, headers, message) => {
    const sent = httpRequest({
      host: "127.0.0.1",
      port: server.port,
      method: "POST",
      headers: { ...headers, "x-amz-target": "Faulty.Bug" },
    });
    const response = await new Promise<IncomingMessage>((resolve) => sent.on("response", resolve).end("{}"));
    expect(response.statusCode).toBe(403);
    expect(response.headers["x-amzn-errortype"]).toBe("AccessDeniedException");
    expect(await textOf(response)).toContain(message.replaceAll('"', '\\"'));
    expect(bugs).toEqual([]);
  });

  test("recognises a protocol from bytes that come one by one", async () => {
    const socket = connect(server.port, "127.0.0.1");
    socket.setNoDelay(true);
    for (const character of "PUT / HTTP/1.1\r\nHost: localhost\r\n\r\n")
      await new Promise((resolve) => socket.write(character, resolve));
    const text = await new Promise<string>((resolve) =>
      socket.once("data", (data) => resolve(data.toString())),
    );
    socket.destroy();
    expect(text).toMatch(/^HTTP\/1.1 404 /);
  });
});
