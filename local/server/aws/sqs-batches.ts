import type { Queue } from "../../assembly/queues.ts";
import { InputReader } from "./cloudwatch-input.ts";
import { type AwsCall, AwsError, type Input, type Operation } from "./service.ts";
import { delayOf } from "./sqs-input.ts";
import {
  messageBytes,
  messageContent,
  queueMessage,
  type QueueMessage,
  receiptOf,
  sentView,
} from "./sqs-messages.ts";
import type { QueuesPort } from "./sqs-ports.ts";

type Table = Readonly<Record<string, Operation>>;

/** Sending and deleting up to ten messages at once; one that is refused keeps no other back. */
export function batchOperations(port: QueuesPort, queueOf: (input: Input, call: AwsCall) => Queue): Table {
  return {
    SendMessageBatch: (input, call) => {
      const queue = queueOf(input, call);
      const entries = batchEntries(input);
      checkBatchSize(entries);
      const { done, Failed } = eachEntry(entries, (entry) => {
        const timing = { nowMs: port.now(), ...delayOf(new InputReader(entry)) };
        return queueMessage(queue, messageContent(queue, entry), timing);
      });
      port.send(
        queue,
        done.map(({ result }) => result),
      );
      return { Successful: done.map(({ Id, result }) => ({ Id, ...sentView(result) })), Failed };
    },
    DeleteMessageBatch: (input, call) => {
      const queue = queueOf(input, call);
      const { done, Failed } = eachEntry(
        batchEntries(input),
        (entry) => receiptOf(new InputReader(entry).text("ReceiptHandle") ?? "", queue.queueArn).messageId,
      );
      port.remove(
        queue,
        done.map(({ result }) => result),
      );
      return { Successful: done.map(({ Id }) => ({ Id })), Failed };
    },
  };
}

const MAX_ENTRIES = 10;
const MAX_BYTES = 1_048_576;

function batchEntries(input: Input): readonly Input[] {
  const entries = (input.Entries ?? []) as readonly Input[];
  if (entries.length === 0)
    throw new AwsError(
      "EmptyBatchRequest",
      "There should be at least one SendMessageBatchRequestEntry in the request.",
    );
  if (entries.length > MAX_ENTRIES)
    throw new AwsError(
      "TooManyEntriesInBatchRequest",
      `Maximum number of entries per request are ${MAX_ENTRIES}. You have sent ${entries.length}.`,
    );
  const ids = entries.map((entry) => new InputReader(entry).text("Id") ?? "");
  if (ids.some((id) => !/^[\w-]{1,80}$/.test(id)))
    throw new AwsError(
      "InvalidBatchEntryId",
      "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.",
    );
  const repeated = ids.find((id, at) => ids.indexOf(id) < at);
  if (repeated !== undefined) throw new AwsError("BatchEntryIdsNotDistinct", `Id ${repeated} repeated.`);
  return entries;
}

function checkBatchSize(entries: readonly Input[]): void {
  const bytes = entries.reduce((sum, entry) => sum + entryBytes(entry), 0);
  if (bytes <= MAX_BYTES) return;
  throw new AwsError(
    "BatchRequestTooLong",
    `Batch requests cannot be longer than ${MAX_BYTES} bytes. You have sent ${bytes} bytes.`,
  );
}

function entryBytes(entry: Input): number {
  const body = new InputReader(entry).text("MessageBody") ?? "";
  const attributes = (entry.MessageAttributes ?? {}) as Readonly<Record<string, Input>>;
  const read = Object.entries(attributes).map(([name, { DataType: type, StringValue, BinaryValue }]) => [
    name,
    { type: String(type), value: [BinaryValue, StringValue].find(isText) ?? "" },
  ]);
  return messageBytes({ body, attributes: Object.fromEntries(read) as QueueMessage["attributes"] });
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

interface Outcomes<Result> {
  readonly done: readonly { readonly Id: string; readonly result: Result }[];
  readonly Failed: readonly object[];
}

function eachEntry<Result>(entries: readonly Input[], act: (entry: Input) => Result): Outcomes<Result> {
  const done: { readonly Id: string; readonly result: Result }[] = [];
  const Failed: object[] = [];
  for (const entry of entries) {
    const Id = String(entry.Id);
    try {
      done.push({ Id, result: act(entry) });
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      const Code = error.code.replace(/Exception$/, "");
      Failed.push({ Id, SenderFault: true, Code, Message: error.message });
    }
  }
  return { done, Failed };
}
