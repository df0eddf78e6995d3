import { serviceShapes } from "./shapes.ts";

const STRUCTURES = {
  BatchResultErrorEntry: { Id: "string", SenderFault: "boolean", Code: "string", Message: "string" },
  DeleteEntry: { Id: "string", ReceiptHandle: "string" },
  DeletedEntry: { Id: "string" },
  Message: {
    MessageId: "string",
    ReceiptHandle: "string",
    MD5OfBody: "string",
    Body: "string",
    Attributes: "{string} as Attribute",
    MD5OfMessageAttributes: "string",
    MessageAttributes: "{MessageAttributeValue} as MessageAttribute",
  },
  MessageAttributeValue: { StringValue: "string", BinaryValue: "string", DataType: "string" },
  SendEntry: {
    Id: "string",
    MessageBody: "string",
    DelaySeconds: "integer",
    MessageAttributes: "{MessageAttributeValue} as MessageAttribute",
    MessageGroupId: "string",
  },
  SentEntry: {
    Id: "string",
    MessageId: "string",
    MD5OfMessageBody: "string",
    MD5OfMessageAttributes: "string",
  },
} as const;

const QUEUE = { QueueUrl: "string" } as const;
const FAILED = { Failed: "BatchResultErrorEntry[] as BatchResultErrorEntry" } as const;

const OPERATIONS = {
  CreateQueue: {
    input: { QueueName: "string", Attributes: "{string} as Attribute", tags: "{string} as Tag.Key" },
    output: QUEUE,
  },
  GetQueueUrl: { input: { QueueName: "string", QueueOwnerAWSAccountId: "string" }, output: QUEUE },
  ListQueues: {
    input: { QueueNamePrefix: "string", NextToken: "string", MaxResults: "integer" },
    output: { QueueUrls: "string[] as QueueUrl", NextToken: "string" },
  },
  GetQueueAttributes: {
    input: { ...QUEUE, AttributeNames: "string[] as AttributeName" },
    output: { Attributes: "{string} as Attribute" },
  },
  SetQueueAttributes: { input: { ...QUEUE, Attributes: "{string} as Attribute" } },
  DeleteQueue: { input: QUEUE },
  PurgeQueue: { input: QUEUE },
  SendMessage: {
    input: {
      ...QUEUE,
      MessageBody: "string",
      DelaySeconds: "integer",
      MessageAttributes: "{MessageAttributeValue} as MessageAttribute",
      MessageGroupId: "string",
    },
    output: { MD5OfMessageBody: "string", MD5OfMessageAttributes: "string", MessageId: "string" },
  },
  SendMessageBatch: {
    input: { ...QUEUE, Entries: "SendEntry[] as SendMessageBatchRequestEntry" },
    output: { Successful: "SentEntry[] as SendMessageBatchResultEntry", ...FAILED },
  },
  ReceiveMessage: {
    input: {
      ...QUEUE,
      AttributeNames: "string[] as AttributeName",
      MessageSystemAttributeNames: "string[] as MessageSystemAttributeName",
      MessageAttributeNames: "string[] as MessageAttributeName",
      MaxNumberOfMessages: "integer",
      VisibilityTimeout: "integer",
      WaitTimeSeconds: "integer",
    },
    output: { Messages: "Message[] as Message" },
  },
  ChangeMessageVisibility: {
    input: { ...QUEUE, ReceiptHandle: "string", VisibilityTimeout: "integer" },
  },
  DeleteMessage: { input: { ...QUEUE, ReceiptHandle: "string" } },
  DeleteMessageBatch: {
    input: { ...QUEUE, Entries: "DeleteEntry[] as DeleteMessageBatchRequestEntry" },
    output: { Successful: "DeletedEntry[] as DeleteMessageBatchResultEntry", ...FAILED },
  },
  TagQueue: { input: { ...QUEUE, Tags: "{string} as Tag.Key" } },
  UntagQueue: { input: { ...QUEUE, TagKeys: "string[] as TagKey" } },
  ListQueueTags: { input: QUEUE, output: { Tags: "{string} as Tag.Key" } },
} as const;

/**
 * The shapes of SQS, for JSON and for the query protocol, in which no list and no map has an element of its
 * own. https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_Operations.html
 */
export const SQS_SHAPES = serviceShapes(STRUCTURES, OPERATIONS);
