import { setTimeout as sleep } from "node:timers/promises";
import type { ConverseAnswer, ConverseCall, ConverseModel, StreamMisbehaviour } from "./converse-model.ts";
import { jsonInput } from "./json-protocol.ts";
import {
  type AwsCall,
  AwsError,
  type AwsReply,
  type Input,
  type RestRoute,
  type RestService,
} from "./service.ts";

/** The media type of a stream of events. */
const EVENT_STREAM_TYPE = "application/vnd.amazon.eventstream";

/** One event in AWS's binary framing. */
type EventFrame = (eventType: string, payload: object) => Buffer;

/** The framing, loaded when the first stream is asked for. */
async function eventFraming(): Promise<EventFrame> {
  const { EventStreamCodec } = await import("@smithy/eventstream-codec");
  const codec = new EventStreamCodec(
    (bytes) => Buffer.from(bytes as Uint8Array).toString("utf8"),
    (text) => Buffer.from(text, "utf8"),
  );
  const text = (value: string): { type: "string"; value: string } => ({ type: "string", value });
  return (eventType, payload) =>
    Buffer.from(
      codec.encode({
        headers: {
          ":event-type": text(eventType),
          ":content-type": text("application/json"),
          ":message-type": text("event"),
        },
        body: Buffer.from(JSON.stringify(payload)),
      }),
    );
}

/**
 * Without `maxTokens` a model may write as much as it can; this is the window that the local runtime gives
 * it.
 */
const MAX_TOKENS_DEFAULT = 4096;

const PROFILE = /^(us|eu|apac|jp|au|ca|us-gov|global)\.|^arn:/;
const APPLICATION_PROFILE = /^arn:[^:]+:bedrock:[^:]+:\d+:application-inference-profile\//;

/**
 * The model or profile that an application inference profile was copied from; `undefined` when there is none
 * such.
 */
type ProfileSource = (profileArn: string) => string | undefined;

/** The profile that answers: the id of a system's own profile, whatever ARN or copy was named. */
function answeringModel(modelId: string, copiedFrom: ProfileSource): string {
  const source = APPLICATION_PROFILE.test(modelId) ? copiedFrom(modelId) : modelId;
  if (source === undefined) throw validationError("The provided model identifier is invalid.");
  return (
    /^arn:[^:]+:bedrock:[^:]*:\d*:(?:inference-profile|foundation-model)\/(.+)$/.exec(source)?.[1] ?? source
  );
}

/** The call that a Converse body asks for, or the ValidationException that Bedrock answers. */
function converseCall(modelId: string, input: Input): ConverseCall {
  if (!PROFILE.test(modelId))
    throw validationError(
      `Invocation of model ID ${modelId} with on-demand throughput isn’t supported. Retry your request with the ID or ARN of an inference profile that contains this model.`,
    );
  const user = lastUserText(input.messages);
  const config = inputRecord(input.inferenceConfig);
  const maxTokens = config.maxTokens ?? MAX_TOKENS_DEFAULT;
  if (!isPositiveInteger(maxTokens))
    throw validationError("The value at inferenceConfig.maxTokens must be at least 1.");
  const thinkingTokens = thinkingBudget(input, maxTokens);
  return {
    modelId,
    system: blockTexts(input.system),
    user,
    maxTokens,
    ...(thinkingTokens !== undefined && { thinkingTokens }),
    ...(input.outputConfig !== undefined && { hasOutputConfig: true }),
  };
}

function validationError(message: string): AwsError {
  return new AwsError("ValidationException", message);
}

function lastUserText(messages: unknown): string {
  if (!Array.isArray(messages) || messages.length === 0)
    throw validationError(
      "A conversation must start with a user message. Try again with a conversation that starts with a user message.",
    );
  const turns = messages.map(inputRecord);
  if (turns[0]?.role !== "user")
    throw validationError(
      "A conversation must start with a user message. Try again with a conversation that starts with a user message.",
    );
  const text = blockTexts(turns.findLast(({ role }) => role === "user")?.content);
  if (text.trim() === "")
    throw validationError(
      "The text field in the ContentBlock object is blank. Add text to the text field, and try again.",
    );
  return text;
}

/** @see https://docs.aws.amazon.com/bedrock/latest/userguide/claude-messages-extended-thinking.html */
function thinkingBudget(input: Input, maxTokens: number): number | undefined {
  const thinking = inputRecord(inputRecord(input.additionalModelRequestFields).thinking);
  if (thinking.type === "adaptive") return Math.floor(maxTokens / 2);
  if (thinking.type !== "enabled") return undefined;
  const budget = thinking.budget_tokens;
  if (!isPositiveInteger(budget) || budget < 1024)
    throw validationError(
      "The model returned the following errors: thinking.enabled.budget_tokens: Input should be greater than or equal to 1024",
    );
  if (budget >= maxTokens)
    throw validationError(
      "The model returned the following errors: `max_tokens` must be greater than `thinking.budget_tokens`.",
    );
  const { temperature = 1 } = inputRecord(input.inferenceConfig);
  if (temperature !== 1)
    throw validationError(
      "The model returned the following errors: `temperature` may only be set to 1 when thinking is enabled.",
    );
  return budget;
}

function blockTexts(blocks: unknown): string {
  if (!Array.isArray(blocks)) return "";
  return blocks
    .map((block) => inputRecord(block).text)
    .filter((text) => typeof text === "string")
    .join("\n");
}

function inputRecord(value: unknown): Input {
  return typeof value === "object" && value !== null ? (value as Input) : {};
}

function isPositiveInteger(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 1;
}

/**
 * Bedrock Runtime's Converse operations over a model; without `copiedFrom` there are no application inference
 * profiles.
 */
export function bedrockRuntimeService(
  model: ConverseModel,
  copiedFrom: ProfileSource = () => undefined,
): RestService {
  const asked: ConverseTarget = { model, copiedFrom };
  const post = (operation: string, answer: RestRoute["answer"]): RestRoute => ({
    method: "POST",
    path: new RegExp(`^/model/([^/]+)/${operation}$`),
    answer,
  });
  return {
    protocol: "rest",
    routes: [
      post("converse", async ([modelId = ""], call) =>
        wholeReply(await startConverse(asked, modelId, call), call),
      ),
      post("converse-stream", async ([modelId = ""], call) =>
        streamedReply(await startConverse(asked, modelId, call), call, await eventFraming()),
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
interface ConverseTarget {
  readonly model: ConverseModel;
  readonly copiedFrom: ProfileSource;
}

/** The model's answer, once its first token would have come. */
async function startConverse(
  { model, copiedFrom }: ConverseTarget,
  encodedModelId: string,
  call: AwsCall,
): Promise<ConverseAnswer> {
  const checked = converseCall(decodeURIComponent(encodedModelId), jsonInput(call.body));
  const answer = await model.converse({ ...checked, modelId: answeringModel(checked.modelId, copiedFrom) });
  if (answer.kind === "failure") throw new AwsError(answer.code, answer.message, answer.status);
  await pause(answer.firstTokenMs, call.signal);
  return answer;
}

async function wholeReply(answer: ConverseAnswer, call: AwsCall): Promise<AwsReply> {
  await pause(answer.decodeMs, call.signal);
  const reasoning = answer.thinking && {
    reasoningContent: { reasoningText: { text: answer.thinking, signature: SIGNATURE } },
  };
  const content = [...(reasoning ? [reasoning] : []), ...(answer.text === "" ? [] : [{ text: answer.text }])];
  const body = {
    output: { message: { role: "assistant", content } },
    stopReason: answer.stopReason,
    ...usageAndMetrics(answer),
  };
  return {
    status: 200,
    headers: { "content-type": "application/json" },
    body: Buffer.from(JSON.stringify(body)),
  };
}

function streamedReply(answer: ConverseAnswer, call: AwsCall, frameOf: EventFrame): AwsReply {
  return {
    status: 200,
    headers: { "content-type": EVENT_STREAM_TYPE },
    body: pacedEvents(answer, call.signal, frameOf),
  };
}

/** Marks a thinking block as not made by a model. */
const SIGNATURE = Buffer.from("stand-in").toString("base64");
const PART_CHARACTERS = 24;

type StreamEvent = readonly [eventType: string, payload: object];

/** The events of a stream in their order, the parts of the text spread over the decoding time. */
async function* pacedEvents(
  answer: ConverseAnswer,
  signal: AbortSignal,
  frameOf: EventFrame,
): AsyncGenerator<Buffer> {
  const events = streamEvents(answer);
  const { misbehaviour } = answer;
  const stepMs = misbehaviour === "trickle" ? TRICKLE_STEP_MS : answer.decodeMs / events.length;
  const sent = misbehaviour === undefined ? events : sentEvents(events, misbehaviour);
  let owedMs = 0;
  for (const [eventType, payload] of sent) {
    owedMs += stepMs;
    // Timers are no finer than a millisecond or so; shorter steps are saved up.
    if (owedMs >= 5) {
      await pause(owedMs, signal);
      owedMs = 0;
    }
    yield frameOf(eventType, payload);
  }
  if (misbehaviour === "hang") await pause(HANG_MS, signal);
}

/**
 * Often enough that a client which waits ten seconds for the next event goes on waiting, and too slow for any
 * deadline.
 */
const TRICKLE_STEP_MS = 5_000;

/** Longer than any function may run. */
const HANG_MS = 900_000;

/** The events that a misbehaving stream sends before it hangs or ends. */
function sentEvents(
  events: readonly StreamEvent[],
  misbehaviour: StreamMisbehaviour,
): readonly StreamEvent[] {
  const half = Math.ceil(events.length / 2);
  const count: Readonly<Record<StreamMisbehaviour, number>> = {
    hang: half,
    trickle: events.length,
    "cut-before": 0,
    cut: half,
    "cut-after": events.length - 1,
    "no-usage": events.length,
  };
  return events.slice(0, count[misbehaviour]);
}

function streamEvents(answer: ConverseAnswer): StreamEvent[] {
  const blocks: ((contentBlockIndex: number) => StreamEvent[])[] = [];
  const { thinking, text } = answer;
  if (thinking !== undefined)
    blocks.push((index) =>
      blockEvents(index, [...reasoningDeltas(thinking), { reasoningContent: { signature: SIGNATURE } }]),
    );
  if (text !== "")
    blocks.push((index) =>
      blockEvents(
        index,
        textParts(text).map((part) => ({ text: part })),
      ),
    );
  return [
    ["messageStart", { role: "assistant" }],
    ...blocks.flatMap((events, index) => events(index)),
    ["messageStop", { stopReason: answer.stopReason }],
    [
      "metadata",
      answer.misbehaviour === "no-usage" ? { metrics: { latencyMs: 0 } } : usageAndMetrics(answer),
    ],
  ];
}

function blockEvents(contentBlockIndex: number, deltas: readonly object[]): StreamEvent[] {
  return [
    ...deltas.map((delta): StreamEvent => ["contentBlockDelta", { contentBlockIndex, delta }]),
    ["contentBlockStop", { contentBlockIndex }],
  ];
}

function reasoningDeltas(thinking: string): object[] {
  return textParts(thinking).map((part) => ({ reasoningContent: { text: part } }));
}

function textParts(text: string): string[] {
  return text.match(new RegExp(`.{1,${PART_CHARACTERS}}`, "gsu")) ?? [];
}

function usageAndMetrics(answer: ConverseAnswer): object {
  const { inputTokens, outputTokens, firstTokenMs, decodeMs } = answer;
  return {
    usage: { inputTokens, outputTokens, totalTokens: inputTokens + outputTokens },
    metrics: { latencyMs: Math.round(firstTokenMs + decodeMs) },
  };
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (ms > 0) await sleep(ms, undefined, { signal });
}
