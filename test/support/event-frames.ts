import { EventStreamCodec } from "@smithy/eventstream-codec";

const codec = new EventStreamCodec(
  (bytes) => Buffer.from(bytes as Uint8Array).toString("utf8"),
  (text) => Buffer.from(text, "utf8"),
);

/** One frame of an event stream, as Bedrock Runtime sends it. */
export function eventFrame(eventType: string, payload: object): Uint8Array {
  return frame({ ":message-type": "event", ":event-type": eventType }, payload);
}

/** A frame that ends the stream with a modelled exception, `throttlingException` for example. */
export function exceptionFrame(exceptionType: string, message: string): Uint8Array {
  return frame({ ":message-type": "exception", ":exception-type": exceptionType }, { message });
}

/** The frames of a whole answer of Converse as a stream. */
export function answerFrames(text: string, stopReason = "end_turn"): readonly Uint8Array[] {
  return [
    eventFrame("messageStart", { role: "assistant" }),
    ...Array.from({ length: Math.ceil(text.length / 40) }, (_, index) =>
      eventFrame("contentBlockDelta", {
        contentBlockIndex: 0,
        delta: { text: text.slice(index * 40, index * 40 + 40) },
      }),
    ),
    eventFrame("contentBlockStop", { contentBlockIndex: 0 }),
    eventFrame("messageStop", { stopReason }),
    eventFrame("metadata", {
      usage: { inputTokens: 273, outputTokens: 110, totalTokens: 383 },
      metrics: { latencyMs: 900 },
    }),
  ];
}

function frame(headers: Readonly<Record<string, string>>, payload: object): Uint8Array {
  const all = { ...headers, ":content-type": "application/json" };
  return codec.encode({
    headers: Object.fromEntries(
      Object.entries(all).map(([name, value]) => [name, { type: "string" as const, value }]),
    ),
    body: Buffer.from(JSON.stringify(payload)),
  });
}
