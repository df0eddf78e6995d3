import { constants, type ServerHttp2Stream } from "node:http2";
import type { Socket } from "node:net";
import { BedrockRuntimeClient } from "@aws-sdk/client-bedrock-runtime";
import { afterEach, describe, expect, test } from "vitest";
import { bedrockModel } from "../../../lambda/agent/bedrock-model.ts";
import { askWithRetries, type AttemptsResult, RefusedForms } from "../../../lambda/agent/model-attempts.ts";
import { modelFaultOf } from "../../../lambda/agent/model-fault.ts";
import {
  type AskModel,
  AttemptError,
  type AttemptLimits,
  chooseModel,
  type ModelAnswer,
  NO_USAGE,
  type Question,
} from "../../../lambda/agent/model.ts";
import {
  bedrockServer,
  refuseStreams,
  type Respond,
  sendError,
  sendFrames,
} from "../../support/aws-servers.ts";
import { answerFrames, eventFrame, exceptionFrame } from "../../support/event-frames.ts";

const QUESTION: Question = {
  model: chooseModel("us.anthropic.claude-haiku-4-5-20251001-v1:0", ""),
  system: "rules",
  user: "<dictation>\nfern\n</dictation>",
  mode: "note",
  maxTokens: 400,
  thinkingTokens: 0,
  form: "reply",
};

const stops: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

/** The real SDK client against an endpoint. */
function modelAt(endpoint: string): AskModel {
  const client = new BedrockRuntimeClient({
    endpoint,
    region: "us-west-2",
    credentials: { accessKeyId: "a", secretAccessKey: "b" },
    maxAttempts: 1,
  });
  stops.push(() => client.destroy());
  return bedrockModel(client, () => performance.now());
}

/** One attempt of the real SDK client against a server that responds so. */
async function askOnce(respond: Respond, limits: Partial<AttemptLimits> = {}): Promise<ModelAnswer> {
  const server = await bedrockServer(respond);
  stops.push(server.stop);
  const ask = modelAt(server.endpoint);
  // Silence for so long is a fault; a busy machine is silent for some seconds.
  return ask(QUESTION, { signal: new AbortController().signal, idleTimeoutMs: 60_000, ...limits });
}

async function faultOf(respond: Respond, limits: Partial<AttemptLimits> = {}): Promise<string> {
  const fault = await askOnce(respond, limits).then(
    () => undefined,
    (error: unknown) => modelFaultOf(error instanceof AttemptError ? error.cause : error),
  );
  return `${fault?.outcome ?? "none"} ${fault?.status ?? 0}`;
}

describe("an answer", () => {
  test("is the text of the stream with usage, stop reason and time to first token", async () => {
    let body = "";
    let path = "";
    const answer = await askOnce((stream, sent, sentPath) => {
      [body, path] = [sent, sentPath];
      sendFrames(stream, answerFrames("x".repeat(100)));
    });
    expect(answer).toMatchObject({
      text: "x".repeat(100),
      stopReason: "end_turn",
      spent: {
        usage: { inputTokens: 273, outputTokens: 110, cacheReadTokens: 0, cacheWriteTokens: 0 },
        estimated: NO_USAGE,
      },
    });
    expect(answer.firstTokenMs).toBeGreaterThan(0);
    expect(path).toBe("/model/us.anthropic.claude-haiku-4-5-20251001-v1%3A0/converse-stream");
    expect(JSON.parse(body)).toMatchObject({
      system: [{ text: "rules" }],
      inferenceConfig: { maxTokens: 400, temperature: 0.1 },
      outputConfig: { textFormat: { type: "json_schema" } },
    });
  });

  test("leaves thinking out of the text", async () => {
    const thinking = eventFrame("contentBlockDelta", {
      contentBlockIndex: 0,
      delta: { reasoningContent: { text: "hmm" } },
    });
    const answer = await askOnce((stream) => sendFrames(stream, [thinking, ...answerFrames("{}")]));
    expect(answer).toMatchObject({ text: "{}", thinkingCharacters: 3 });
  });

  test("without any text is empty, not an error", async () => {
    const answer = await askOnce((stream) => sendFrames(stream, answerFrames("")));
    expect(answer).toMatchObject({ text: "", stopReason: "end_turn" });
    expect(answer.firstTokenMs).toBeUndefined();
  });
});

describe("errors before the stream", () => {
  test.each([
    ["ThrottlingException", 429, "throttled 429"],
    ["ModelNotReadyException", 429, "throttled 429"],
    ["ServiceQuotaExceededException", 400, "quota 429"],
    ["ValidationException", 400, "config 500"],
    ["AccessDeniedException", 403, "config 500"],
    ["ResourceNotFoundException", 404, "config 500"],
    ["ModelTimeoutException", 408, "timeout 504"],
    ["ModelErrorException", 424, "upstream 500"],
    ["InternalServerException", 500, "upstream 503"],
    ["ServiceUnavailableException", 503, "upstream 503"],
  ])("%s ends as %i, classified", async (name, status, expected) => {
    expect(await faultOf((stream) => sendError(stream, status, [name, "no"]))).toBe(expected);
  });
});

function withLastBitFlipped(bytes: Buffer): Buffer {
  const wrong = Buffer.from(bytes);
  wrong.writeUInt8(wrong.readUInt8(bytes.length - 1) ^ 0xff, bytes.length - 1);
  return wrong;
}

describe("malformed streams", () => {
  const frames = answerFrames("a tidy note");
  const bytes = Buffer.concat(frames);
  const beforeStop = Buffer.concat(frames.slice(0, 2));
  const wrongChecksum = withLastBitFlipped(beforeStop);

  test.each<[string, readonly Uint8Array[], string]>([
    ["nothing at all", [], "upstream 503"],
    ["a frame cut in the middle", [beforeStop.subarray(0, beforeStop.length - 20)], "upstream 503"],
    ["a wrong checksum", [wrongChecksum], "upstream 503"],
    ["no stop", frames.slice(0, 2), "upstream 503"],
    ["bytes that are no frames", [Buffer.from("<html>bad gateway</html>")], "upstream 503"],
    [
      "an exception half way",
      [...frames.slice(0, 2), exceptionFrame("throttlingException", "slow down")],
      "throttled 429",
    ],
    [
      "a model error half way",
      [...frames.slice(0, 2), exceptionFrame("modelStreamErrorException", "broken")],
      "upstream 503",
    ],
    ["an internal error half way", [exceptionFrame("internalServerException", "oops")], "upstream 503"],
  ])("%s", async (_name, sent, expected) => {
    expect(await faultOf((stream) => sendFrames(stream, sent))).toBe(expected);
  });

  test.each<[string, readonly Uint8Array[]]>([
    ["ends without the count of tokens", frames.slice(0, -1)],
    ["has a count that is cut in the middle", [bytes.subarray(0, bytes.length - 70)]],
    ["has a count with a wrong checksum", [withLastBitFlipped(bytes)]],
    ["ends with an exception", [...frames.slice(0, -1), exceptionFrame("internalServerException", "oops")]],
    [
      "has a count of nothing",
      [...frames.slice(0, -1), eventFrame("metadata", { metrics: { latencyMs: 9 } })],
    ],
  ])("an answer whose stream %s is whole, and its tokens are estimated", async (_how, sent) => {
    const answer = await askOnce((stream) => sendFrames(stream, sent));
    expect(answer).toMatchObject({ text: "a tidy note", stopReason: "end_turn" });
    // "rules", the dictation and the schema: 586 bytes; the note: 11.
    const usage = { ...NO_USAGE, inputTokens: 168, outputTokens: 4 };
    expect(answer.spent).toEqual({ usage, estimated: usage });
  });

  test("an answer whose stream falls silent instead of counting is waited for no longer than a second", async () => {
    const startMs = performance.now();
    const answer = await askOnce((stream) => {
      stream.respond({ ":status": 200, "content-type": "application/vnd.amazon.eventstream" });
      stream.write(Buffer.concat(frames.slice(0, -1)));
    });
    expect(answer.text).toBe("a tidy note");
    // Well under the silence that is a fault.
    expect(performance.now() - startMs).toBeLessThan(50_000);
  });

  test("silence before the response is a timeout", async () => {
    expect(await faultOf(() => undefined, { idleTimeoutMs: 40 })).toBe("timeout 504");
  });

  test("silence half way is a timeout", async () => {
    const half: Respond = (stream) => {
      stream.respond({ ":status": 200, "content-type": "application/vnd.amazon.eventstream" });
      stream.write(frames[0]);
    };
    expect(await faultOf(half, { idleTimeoutMs: 60 })).toBe("timeout 504");
  });

  test("the request's own deadline ends a silent call", async () => {
    const signal = AbortSignal.timeout(40);
    expect(await faultOf(() => undefined, { signal })).toBe("timeout 504");
  });

  test("a reset stream is the upstream's", async () => {
    expect(await faultOf((stream) => stream.close(constants.NGHTTP2_INTERNAL_ERROR))).toBe("upstream 503");
  });
});

/** What one connection does to a call on it. */
type Breakage = (socket: Socket, stream: ServerHttp2Stream) => void;

const BREAKAGES: Readonly<Record<string, Breakage>> = {
  "reset before the response": (socket) => socket.resetAndDestroy(),
  "closed before the response": (socket) => socket.end(),
  "going away before the response": (socket) => refuseStreams(socket),
  "reset half way": (socket, stream) => {
    stream.respond({ ":status": 200, "content-type": "application/vnd.amazon.eventstream" });
    stream.write(answerFrames("a tidy note")[0], () => socket.resetAndDestroy());
  },
};

/** Asks while the first connections break so; a call that hung would outlast the test. */
async function askThrough(breakage: Breakage, broken: number): Promise<AttemptsResult> {
  const sockets: Socket[] = [];
  const respond: Respond = (stream) => {
    const socket = sockets.at(-1);
    if (socket === undefined || sockets.length > broken) sendFrames(stream, answerFrames("{}"));
    else breakage(socket, stream);
  };
  const server = await bedrockServer(respond, (socket) => sockets.push(socket));
  stops.push(server.stop);
  return askWithRetries(600_000, QUESTION, {
    ask: modelAt(server.endpoint),
    elapsed: () => performance.now(),
    wait: () => Promise.resolve(),
    random: () => 0,
    refusedForms: new RefusedForms(),
  });
}

describe.each(Object.entries(BREAKAGES))("a connection %s", (_name, breakage) => {
  test("is noticed at once and the next attempt has a new one", async () => {
    const { attempts, end, modelLatencyMs } = await askThrough(breakage, 1);
    expect(end).toMatchObject({ answer: { text: "{}" } });
    expect(attempts).toBe(2);
    // One that is not noticed takes the whole budget of ten minutes.
    expect(modelLatencyMs).toBeLessThan(300_000);
  });

  test("each time is the upstream's failure, not the model's slowness", async () => {
    const { attempts, end } = await askThrough(breakage, 9);
    expect(attempts).toBe(3);
    expect(end).toMatchObject({ fault: { outcome: "upstream", status: 503, reason: "connection" } });
  });
});

describe("what a failed attempt may cost is counted", () => {
  const frames = answerFrames("a tidy note");
  const input = 168;

  async function spentOn(respond: Respond, limits: Partial<AttemptLimits> = {}): Promise<unknown> {
    return askOnce(respond, limits).catch((error: unknown) =>
      error instanceof AttemptError ? error.spent.usage : "nothing",
    );
  }

  test.each<[string, Respond, Partial<AttemptLimits>, number]>([
    ["hangs before the response", () => undefined, { idleTimeoutMs: 40 }, 0],
    [
      "hangs half way",
      (stream) => {
        stream.respond({ ":status": 200, "content-type": "application/vnd.amazon.eventstream" });
        stream.write(Buffer.concat(frames.slice(0, 2)));
      },
      // Long enough for a busy machine to bring what comes before the silence.
      { idleTimeoutMs: 2_000 },
      4,
    ],
    ["is cut before the stop", (stream) => sendFrames(stream, frames.slice(0, 2)), {}, 4],
    ["is reset", (stream) => stream.close(constants.NGHTTP2_INTERNAL_ERROR), {}, 0],
    [
      "ends with an exception half way",
      (stream) =>
        sendFrames(stream, [...frames.slice(0, 2), exceptionFrame("modelStreamErrorException", "no")]),
      {},
      4,
    ],
  ])("one that %s", async (...[, respond, limits, outputTokens]) => {
    expect(await spentOn(respond, limits)).toEqual({ ...NO_USAGE, inputTokens: input, outputTokens });
  });

  test.each([
    ["ThrottlingException", 429],
    ["ValidationException", 400],
    ["InternalServerException", 500],
  ])("one that Bedrock refused with %s costs nothing", async (name, status) => {
    expect(await spentOn((stream) => sendError(stream, status, [name, "no"]))).toBe("nothing");
  });

  test("one that found no connection costs nothing", async () => {
    const ask = modelAt("http://127.0.0.1:9");
    const limits = { signal: new AbortController().signal, idleTimeoutMs: 60_000 };
    const error: unknown = await ask(QUESTION, limits).catch((cause: unknown) => cause);
    expect(error).not.toBeInstanceOf(AttemptError);
    expect(modelFaultOf(error)).toMatchObject({ outcome: "upstream", status: 503 });
  });
});
