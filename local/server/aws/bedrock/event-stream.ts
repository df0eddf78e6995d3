import { EventStreamCodec } from "@smithy/eventstream-codec";

/** The media type of a stream of events. */
export const EVENT_STREAM_TYPE = "application/vnd.amazon.eventstream";

const codec = new EventStreamCodec(
  (bytes) => Buffer.from(bytes as Uint8Array).toString("utf8"),
  (text) => Buffer.from(text, "utf8"),
);

/** One event in AWS's binary framing. */
export function eventFrame(eventType: string, payload: object): Buffer {
  const text = (value: string): { type: "string"; value: string } => ({ type: "string", value });
  return Buffer.from(
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
