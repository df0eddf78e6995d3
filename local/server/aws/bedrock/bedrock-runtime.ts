import { setTimeout as sleep } from "node:timers/promises";
import { AwsError } from "../aws-error.ts";
import { answeringModel, converseCall, type CopiedFrom } from "./converse-input.ts";
import type { ConverseAnswer, ConverseModel } from "./converse-model.ts";
import { EVENT_STREAM_TYPE, eventFrame } from "./event-stream.ts";
import { jsonInput } from "../json-protocol.ts";
import type { AwsCall, AwsReply, RestRoute, RestService } from "../service.ts";

/** Bedrock Runtime's Converse operations over a model; without `copiedFrom` there are no application inference profiles. */
export function bedrockRuntimeService(
  model: ConverseModel,
  copiedFrom: CopiedFrom = () => undefined,
): RestService {
  const asked: Asked = { model, copiedFrom };
  const post = (operation: string, answer: RestRoute["answer"]): RestRoute => ({
    method: "POST",
    path: new RegExp(`^/model/([^/]+)/${operation}$`),
    answer,
  });
  return {
    protocol: "rest",
    routes: [
      post("converse", async ([modelId = ""], call) => whole(await begun(asked, modelId, call), call)),
      post("converse-stream", async ([modelId = ""], call) =>
        streamed(await begun(asked, modelId, call), call),
      ),
      ...["invoke", "invoke-with-response-stream", "count-tokens"].map((operation) =>
        post(operation, () => {
          throw new AwsError(
            "ValidationException",
            `the local runtime does not emulate ${operation}: use Converse or ConverseStream`,
          );
        }),
      ),
    ],
  };
}

/** Who answers, and for which profiles. */
interface Asked {
  readonly model: ConverseModel;
  readonly copiedFrom: CopiedFrom;
}

/** The model's answer, once its first token would have come. */
async function begun(
  { model, copiedFrom }: Asked,
  encodedModelId: string,
  call: AwsCall,
): Promise<ConverseAnswer> {
  const checked = converseCall(decodeURIComponent(encodedModelId), jsonInput(call.body));
  const answer = model.converse({ ...checked, modelId: answeringModel(checked.modelId, copiedFrom) });
  if (answer.kind === "failure") throw new AwsError(answer.code, answer.message, answer.status);
  await pause(answer.firstTokenMs, call.signal);
  return answer;
}

async function whole(answer: ConverseAnswer, call: AwsCall): Promise<AwsReply> {
  await pause(answer.decodeMs, call.signal);
  const reasoning = answer.thinking && {
    reasoningContent: { reasoningText: { text: answer.thinking, signature: SIGNATURE } },
  };
  const content = [...(reasoning ? [reasoning] : []), ...(answer.text === "" ? [] : [{ text: answer.text }])];
  const body = {
    output: { message: { role: "assistant", content } },
    stopReason: answer.stopReason,
    ...figures(answer),
  };
  return {
    status: 200,
    headers: { "content-type": "application/json" },
    body: Buffer.from(JSON.stringify(body)),
  };
}

function streamed(answer: ConverseAnswer, call: AwsCall): AwsReply {
  return { status: 200, headers: { "content-type": EVENT_STREAM_TYPE }, body: paced(answer, call.signal) };
}

/** Marks a thinking block as not made by a model. */
const SIGNATURE = Buffer.from("stand-in").toString("base64");
const PART_CHARACTERS = 24;

type StreamEvent = readonly [eventType: string, payload: object];

/** The events of a stream in their order, the parts of the text spread over the decoding time. */
async function* paced(answer: ConverseAnswer, signal: AbortSignal): AsyncGenerator<Buffer> {
  const events = streamEvents(answer);
  const stepMs = answer.decodeMs / events.length;
  let owedMs = 0;
  for (const [eventType, payload] of events) {
    owedMs += stepMs;
    // Timers are no finer than a millisecond or so; shorter steps are saved up.
    if (owedMs >= 5) {
      await pause(owedMs, signal);
      owedMs = 0;
    }
    yield eventFrame(eventType, payload);
  }
}

function streamEvents(answer: ConverseAnswer): StreamEvent[] {
  const blocks: ((contentBlockIndex: number) => StreamEvent[])[] = [];
  const { thinking, text } = answer;
  if (thinking !== undefined)
    blocks.push((index) =>
      block(index, [...reasoningDeltas(thinking), { reasoningContent: { signature: SIGNATURE } }]),
    );
  if (text !== "")
    blocks.push((index) =>
      block(
        index,
        parts(text).map((part) => ({ text: part })),
      ),
    );
  return [
    ["messageStart", { role: "assistant" }],
    ...blocks.flatMap((events, index) => events(index)),
    ["messageStop", { stopReason: answer.stopReason }],
    ["metadata", figures(answer)],
  ];
}

function block(contentBlockIndex: number, deltas: readonly object[]): StreamEvent[] {
  return [
    ...deltas.map((delta): StreamEvent => ["contentBlockDelta", { contentBlockIndex, delta }]),
    ["contentBlockStop", { contentBlockIndex }],
  ];
}

function reasoningDeltas(thinking: string): object[] {
  return parts(thinking).map((part) => ({ reasoningContent: { text: part } }));
}

function parts(text: string): string[] {
  return text.match(new RegExp(`.{1,${PART_CHARACTERS}}`, "gsu")) ?? [];
}

function figures(answer: ConverseAnswer): object {
  const { inputTokens, outputTokens, firstTokenMs, decodeMs } = answer;
  return {
    usage: { inputTokens, outputTokens, totalTokens: inputTokens + outputTokens },
    metrics: { latencyMs: Math.round(firstTokenMs + decodeMs) },
  };
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (ms > 0) await sleep(ms, undefined, { signal });
}
