import { partitionOf } from "@wrist-agent/cloudwatch/region";
import type { Queue } from "../../assembly/queues.ts";
import { InputReader } from "./cloudwatch-input.ts";
import {
  type AwsCall,
  AwsError,
  credentialRegion,
  type Input,
  type JsonService,
  numberedPage,
  type Operation,
} from "./service.ts";
import { textMap } from "./sns-input.ts";
import { batchOperations } from "./sqs-batches.ts";
import { delayOf, invalidParameter, missing, ranged, requiredText } from "./sqs-input.ts";
import {
  attributesDigest,
  bodyDigest,
  messageContent,
  queueMessage,
  receiptHandle,
  receiptOf,
  type ReceivedMessage,
  sentView,
  wireAttributes,
} from "./sqs-messages.ts";
import type { QueuesPort } from "./sqs-ports.ts";
import {
  checkQueueAttributes,
  checkQueueName,
  namedAttributes,
  otherAttribute,
  queueAttributes,
  queueNumber,
} from "./sqs-queues.ts";
import { SQS_SHAPES } from "./sqs-shapes.ts";

/** Codes of the query protocol by error shape. */
const QUERY_ERROR_CODES: Readonly<Record<string, string>> = {
  InvalidParameterValueException: "InvalidParameterValue",
  MissingRequiredParameterException: "MissingParameter",
  QueueNameExists: "QueueAlreadyExists",
  QueueDoesNotExist: "AWS.SimpleQueueService.NonExistentQueue",
  ...Object.fromEntries(
    [
      "BatchEntryIdsNotDistinct",
      "BatchRequestTooLong",
      "EmptyBatchRequest",
      "InvalidBatchEntryId",
      "MessageNotInflight",
      "PurgeQueueInProgress",
      "QueueDeletedRecently",
      "TooManyEntriesInBatchRequest",
      "UnsupportedOperation",
    ].map((shape) => [shape, `AWS.SimpleQueueService.${shape}`]),
  ),
};

/** SQS with standard queues, in JSON and in the query protocol of older clients. */
export function sqsService(port: QueuesPort): JsonService {
  return {
    protocol: "json",
    version: "1.0",
    targetPrefix: "AmazonSQS",
    queryErrorCodes: QUERY_ERROR_CODES,
    model: {
      shapes: SQS_SHAPES,
      version: "2012-11-05",
      xmlNamespace: "http://queue.amazonaws.com/doc/2012-11-05/",
      errorNamespace: "com.amazonaws.sqs",
      syntheticErrors: new Set(["InvalidParameterValueException", "MissingRequiredParameterException"]),
    },
    operations: {
      ...queueOperations(port),
      ...messageOperations(port),
      ...batchOperations(port, (input, call) => queueOf(port, input, call)),
      ...tagOperations(port),
    },
  };
}

type Table = Readonly<Record<string, Operation>>;

function queueOperations(port: QueuesPort): Table {
  const queue = (input: Input, call: AwsCall): Queue => queueOf(port, input, call);
  return {
    CreateQueue: (input, call) => createQueue(port, input, call),
    GetQueueUrl: (input, call) => {
      const name = requiredText(input, "QueueName");
      return { QueueUrl: queueUrl(existing(port, arnOf(port, name, call), call), call) };
    },
    ListQueues: (input, call) => listQueues(port, input, call),
    GetQueueAttributes: (input, call) => {
      const found = queue(input, call);
      const names = new InputReader(input).texts("AttributeNames") ?? [];
      const all = queueAttributes(found, port.counts(found.queueArn));
      const Attributes = namedAttributes(all, names);
      return Object.keys(Attributes).length === 0 ? {} : { Attributes };
    },
    SetQueueAttributes: (input, call) => {
      const found = queue(input, call);
      const attributes = textMap(input, "Attributes");
      if (Object.hasOwn(attributes, "FifoQueue"))
        throw new AwsError("InvalidAttributeName", "Unknown Attribute FifoQueue.");
      checkQueueAttributes(attributes, (arn) => isThere(port, arn));
      const changed = { ...found.attributes, ...attributes };
      port.put({ ...found, attributes: changed, modifiedMs: port.now() });
      return {};
    },
    DeleteQueue: (input, call) => {
      const { queueArn } = queue(input, call);
      port.delete(queueArn);
      if (Object.keys(port.tags.of(queueArn)).length > 0) port.tags.put(queueArn, {});
      return {};
    },
    PurgeQueue: (input, call) => {
      const { queueArn } = queue(input, call);
      if (port.purge(queueArn)) return {};
      throw new AwsError(
        "PurgeQueueInProgress",
        `Only one PurgeQueue operation on ${nameOf(queueArn)} is allowed every 60 seconds.`,
        403,
      );
    },
  };
}

function createQueue(port: QueuesPort, input: Input, call: AwsCall): object {
  const name = requiredText(input, "QueueName");
  const attributes = textMap(input, "Attributes");
  checkQueueName(attributes.FifoQueue === "true" ? `${name}.fifo` : name);
  checkQueueAttributes(attributes, (arn) => isThere(port, arn));
  const queueArn = arnOf(port, name, call);
  const found = port.list().find((each) => each.queueArn === queueArn);
  const other = found && otherAttribute(found, attributes);
  if (other !== undefined)
    throw new AwsError(
      "QueueNameExists",
      `A queue already exists with the same name and a different value for attribute ${other}`,
    );
  if (found !== undefined) return { QueueUrl: queueUrl(found, call) };
  if (port.isJustDeleted(queueArn))
    throw new AwsError(
      "QueueDeletedRecently",
      "You must wait 60 seconds after deleting a queue before you can create another with the same name.",
    );
  const made = { queueArn, attributes, createdMs: port.now(), modifiedMs: port.now() };
  port.put(made);
  const tags = textMap(input, "tags");
  if (Object.keys(tags).length > 0) port.tags.put(queueArn, tags);
  return { QueueUrl: queueUrl(made, call) };
}

const MAX_LISTED = 1000;

function listQueues(port: QueuesPort, input: Input, call: AwsCall): object {
  const read = new InputReader(input);
  const prefix = read.text("QueueNamePrefix") ?? "";
  const region = regionOf(port, call);
  const urls = port
    .list()
    .filter(({ queueArn }) => queueArn.split(":")[3] === region && nameOf(queueArn).startsWith(prefix))
    .map((queue) => queueUrl(queue, call))
    .toSorted();
  const page = numberedPage(urls, {
    token: read.text("NextToken"),
    size: read.number("MaxResults") ?? MAX_LISTED,
  });
  if (page === undefined) throw invalidParameter("Invalid or expired next token.");
  const { items: QueueUrls, ...next } = page;
  return QueueUrls.length === 0 ? {} : { QueueUrls, ...next };
}

function messageOperations(port: QueuesPort): Table {
  return {
    SendMessage: (input, call) => {
      const queue = queueOf(port, input, call);
      const timing = { nowMs: port.now(), ...delayOf(new InputReader(input)) };
      const message = queueMessage(queue, messageContent(queue, input), timing);
      port.send(queue, [message]);
      return sentView(message);
    },
    ReceiveMessage: (input, call) => receive(port, input, call),
    DeleteMessage: (input, call) => {
      const queue = queueOf(port, input, call);
      port.remove(queue, [receiptOf(requiredText(input, "ReceiptHandle"), queue.queueArn).messageId]);
      return {};
    },
    ChangeMessageVisibility: (input, call) => {
      const queue = queueOf(port, input, call);
      const { messageId } = receiptOf(requiredText(input, "ReceiptHandle"), queue.queueArn);
      const seconds = ranged(new InputReader(input), "VisibilityTimeout", { least: 0, most: 43_200 });
      if (seconds === undefined) throw missing("VisibilityTimeout");
      if (port.setVisibility(queue, messageId, seconds)) return {};
      throw invalidParameter(
        `Value ${requiredText(input, "ReceiptHandle")} for parameter ReceiptHandle is invalid. Reason: Message does not exist or is not available for visibility timeout change.`,
      );
    },
  };
}

async function receive(port: QueuesPort, input: Input, call: AwsCall): Promise<object> {
  const queue = queueOf(port, input, call);
  const read = new InputReader(input);
  const found = await port.receive({
    queue,
    most: ranged(read, "MaxNumberOfMessages", { least: 1, most: 10, words: "between 1 and 10" }) ?? 1,
    visibilitySeconds:
      ranged(read, "VisibilityTimeout", { least: 0, most: 43_200 }) ??
      queueNumber(queue, "VisibilityTimeout"),
    waitSeconds:
      ranged(read, "WaitTimeSeconds", { least: 0, most: 20 }) ??
      queueNumber(queue, "ReceiveMessageWaitTimeSeconds"),
    signal: call.signal,
  });
  if (found.length === 0) return {};
  const system = [
    ...(read.texts("AttributeNames") ?? []),
    ...(read.texts("MessageSystemAttributeNames") ?? []),
  ];
  const own = read.texts("MessageAttributeNames") ?? [];
  return { Messages: found.map((each) => receivedView(each, queue.queueArn, { system, own })) };
}

interface WantedAttributes {
  readonly system: readonly string[];
  readonly own: readonly string[];
}

function receivedView(received: ReceivedMessage, queueArn: string, wanted: WantedAttributes): object {
  const { message, receiveCount, firstReceivedMs } = received;
  const system = {
    SenderId: "AROALOCAL00000000000:local",
    ApproximateFirstReceiveTimestamp: String(firstReceivedMs),
    ApproximateReceiveCount: String(receiveCount),
    SentTimestamp: String(message.sentMs),
  };
  const Attributes = Object.fromEntries(
    Object.entries(system).filter(([name]) => wanted.system.includes("All") || wanted.system.includes(name)),
  );
  const own = Object.fromEntries(
    Object.entries(message.attributes).filter(([name]) => wanted.own.some((asked) => isNamed(name, asked))),
  );
  return {
    MessageId: message.messageId,
    ReceiptHandle: receiptHandle(received, queueArn),
    MD5OfBody: bodyDigest(message.body),
    Body: message.body,
    ...(Object.keys(Attributes).length > 0 && { Attributes }),
    ...(Object.keys(own).length > 0 && {
      MD5OfMessageAttributes: attributesDigest(own),
      MessageAttributes: wireAttributes(own),
    }),
  };
}

/** `All` and `.*` name every attribute, `foo.*` those that begin so. */
function isNamed(name: string, asked: string): boolean {
  if (asked === "All" || asked === ".*") return true;
  return asked.endsWith(".*") ? name.startsWith(asked.slice(0, -1)) : name === asked;
}

function tagOperations(port: QueuesPort): Table {
  const { tags } = port;
  return {
    ListQueueTags: (input, call) => {
      const Tags = tags.of(queueOf(port, input, call).queueArn);
      return Object.keys(Tags).length === 0 ? {} : { Tags };
    },
    TagQueue: (input, call) => {
      const { queueArn } = queueOf(port, input, call);
      tags.put(queueArn, { ...tags.of(queueArn), ...textMap(input, "Tags") });
      return {};
    },
    UntagQueue: (input, call) => {
      const { queueArn } = queueOf(port, input, call);
      const gone = new InputReader(input).texts("TagKeys") ?? [];
      const left = Object.entries(tags.of(queueArn)).filter(([key]) => !gone.includes(key));
      tags.put(queueArn, Object.fromEntries(left));
      return {};
    },
  };
}

function regionOf({ homeRegion }: QueuesPort, call: AwsCall): string {
  return credentialRegion(call) ?? homeRegion;
}

function arnOf(port: QueuesPort, name: string, call: AwsCall): string {
  const region = regionOf(port, call);
  return `arn:${partitionOf(region)}:sqs:${region}:${port.accountId}:${name}`;
}

function nameOf(queueArn: string): string {
  return queueArn.split(":").at(-1) ?? "";
}

function isThere(port: QueuesPort, queueArn: string): boolean {
  return port.list().some((each) => each.queueArn === queueArn);
}

/** The queue that a call's URL names, in the Region that the call is signed for. */
function queueOf(port: QueuesPort, input: Input, call: AwsCall): Queue {
  const name = requiredText(input, "QueueUrl").split("/").at(-1) ?? "";
  return existing(port, arnOf(port, name, call), call);
}

function existing(port: QueuesPort, queueArn: string, call: AwsCall): Queue {
  const found = port.list().find((each) => each.queueArn === queueArn);
  if (found !== undefined) return found;
  const isQuery = call.headers["x-amz-target"] === undefined;
  throw new AwsError(
    "QueueDoesNotExist",
    `The specified queue does not exist${isQuery ? " for this wsdl version" : ""}.`,
  );
}

/** A queue's URL leads to whichever address the caller has used. */
function queueUrl({ queueArn }: Queue, { headers }: AwsCall): string {
  const [, , , , accountId, name] = queueArn.split(":");
  return `http://${headers.host ?? headers[":authority"] ?? "localhost"}/${accountId}/${name}`;
}
