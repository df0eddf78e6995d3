import { createHash, randomUUID } from "node:crypto";
import { isJsonObject } from "@wrist-agent/cloudwatch/json";
import type { MessageAttribute } from "@wrist-agent/cloudwatch/notifications/filter-policy";
import type { Queue } from "../../assembly/queues.ts";
import { AwsError, type Input } from "./service.ts";
import { invalidParameter } from "./sqs-input.ts";
import { queueNumber } from "./sqs-queues.ts";

/** A message that lies in a queue, whoever sent it. */
export interface QueueMessage {
  readonly messageId: string;
  readonly body: string;
  /** Epoch milliseconds. */
  readonly sentMs: number;
  /** It is not received before, epoch milliseconds. */
  readonly availableMs: number;
  readonly attributes: Readonly<Record<string, MessageAttribute>>;
}

/** A message that was just received. */
export interface ReceivedMessage {
  readonly message: QueueMessage;
  readonly receiveCount: number;
  readonly firstReceivedMs: number;
}

/** A message for a queue, as the queue delays it. */
export function queueMessage(
  queue: Queue,
  content: Pick<QueueMessage, "body" | "attributes">,
  timing: { readonly nowMs: number; readonly delaySeconds?: number },
): QueueMessage {
  const delaySeconds = timing.delaySeconds ?? queueNumber(queue, "DelaySeconds");
  const availableMs = timing.nowMs + delaySeconds * 1000;
  return { messageId: randomUUID(), ...content, sentMs: timing.nowMs, availableMs };
}

/** What a message counts for the size limits. */
export function messageBytes({ body, attributes }: Pick<QueueMessage, "body" | "attributes">): number {
  return Object.entries(attributes).reduce(
    (bytes, [name, { type, value }]) =>
      bytes + Buffer.byteLength(name) + Buffer.byteLength(type) + valueBytes(type, value).length,
    Buffer.byteLength(body),
  );
}

function valueBytes(type: string, value: string): Buffer {
  return Buffer.from(value, type.startsWith("Binary") ? "base64" : "utf8");
}

// XML 1.0's characters.
const FORBIDDEN = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/u;

/** Body and attributes of a message to send, checked. */
export function messageContent(queue: Queue, input: Input): Pick<QueueMessage, "body" | "attributes"> {
  const { MessageBody: body } = input;
  if (typeof body !== "string" || body === "")
    throw new AwsError(
      "MissingRequiredParameterException",
      "The request must contain the parameter MessageBody.",
    );
  if (FORBIDDEN.test(body))
    throw new AwsError(
      "InvalidMessageContents",
      "Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF",
    );
  const content = { body, attributes: sentAttributes(input) };
  const most = queueNumber(queue, "MaximumMessageSize");
  if (messageBytes(content) > most)
    throw invalidParameter(
      `One or more parameters are invalid. Reason: Message must be shorter than ${most} bytes.`,
    );
  return content;
}

const MAX_ATTRIBUTES = 10;

function sentAttributes({ MessageAttributes: given }: Input): QueueMessage["attributes"] {
  if (!isJsonObject(given)) return {};
  const entries = Object.entries(given);
  if (entries.length > MAX_ATTRIBUTES)
    throw invalidParameter(
      `Number of message attributes [${entries.length}] exceeds the allowed maximum [${MAX_ATTRIBUTES}].`,
    );
  return Object.fromEntries(
    entries.map(([name, value]) => [name, sentAttribute(name, isJsonObject(value) ? value : {})]),
  );
}

function sentAttribute(name: string, written: Readonly<Record<string, unknown>>): MessageAttribute {
  const { DataType: type, StringValue, BinaryValue } = written;
  if (typeof type !== "string" || !/^(?:String|Number|Binary)(?:\..+)?$/.test(type))
    throw invalidParameter(
      `The message attribute '${name}' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String.`,
    );
  const value = type.startsWith("Binary") ? BinaryValue : StringValue;
  if (typeof value !== "string" || value === "")
    throw invalidParameter(
      `Message (user) attribute '${name}' must contain a non-empty value of type '${type}'.`,
    );
  return { type, value };
}

/** The digest of a body, which clients check. */
export function bodyDigest(body: string): string {
  return createHash("md5").update(body).digest("hex");
}

/**
 * The digest of a message's attributes; `undefined` without any.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html#sqs-attributes-md5-message-digest-calculation
 */
export function attributesDigest(attributes: QueueMessage["attributes"]): string | undefined {
  const names = Object.keys(attributes).toSorted();
  if (names.length === 0) return undefined;
  const digest = createHash("md5");
  const part = (bytes: Buffer): void => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    digest.update(length).update(bytes);
  };
  for (const name of names) {
    const { type = "", value = "" } = attributes[name] ?? {};
    part(Buffer.from(name));
    part(Buffer.from(type));
    digest.update(Buffer.from([type.startsWith("Binary") ? 2 : 1]));
    part(valueBytes(type, value));
  }
  return digest.digest("hex");
}

/** Attributes as the wire has them. */
export function wireAttributes(attributes: QueueMessage["attributes"]): object {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, { type, value }]) => [
      name,
      { [type.startsWith("Binary") ? "BinaryValue" : "StringValue"]: value, DataType: type },
    ]),
  );
}

/** The handle of a receipt names the message and its count, so that an older one is told from the latest. */
export function receiptHandle({ message, receiveCount }: ReceivedMessage, queueArn: string): string {
  return Buffer.from(`${message.messageId} ${queueArn} ${receiveCount}`).toString("base64");
}

/** What a handle names; one of another queue or of none is refused. */
export function receiptOf(
  handle: string,
  queueArn: string,
): { readonly messageId: string; readonly receiveCount: number } {
  const [messageId = "", arn, count] = Buffer.from(handle, "base64").toString().split(" ");
  if (arn === queueArn) return { messageId, receiveCount: Number(count) };
  throw new AwsError(
    "ReceiptHandleIsInvalid",
    `The input receipt handle "${handle}" is not a valid receipt handle.`,
  );
}

/** What a sender is told of its message. */
export function sentView({ messageId, body, attributes }: QueueMessage): object {
  return {
    MD5OfMessageBody: bodyDigest(body),
    MD5OfMessageAttributes: attributesDigest(attributes),
    MessageId: messageId,
  };
}
