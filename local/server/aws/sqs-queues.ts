import { parseJsonObject } from "@wrist-agent/cloudwatch/json";
import type { Queue } from "../../assembly/queues.ts";
import { AwsError } from "./service.ts";
import { invalidParameter } from "./sqs-input.ts";

interface NumberRule {
  readonly least: number;
  readonly most: number;
  readonly preset: number;
}

/**
 * Attributes that are numbers.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html
 */
const NUMBERS: Readonly<Record<string, NumberRule>> = {
  DelaySeconds: { least: 0, most: 900, preset: 0 },
  MaximumMessageSize: { least: 1024, most: 1_048_576, preset: 1_048_576 },
  MessageRetentionPeriod: { least: 60, most: 1_209_600, preset: 345_600 },
  ReceiveMessageWaitTimeSeconds: { least: 0, most: 20, preset: 0 },
  VisibilityTimeout: { least: 0, most: 43_200, preset: 30 },
};

/** A queue's number, or what SQS takes where none was set. */
export function queueNumber({ attributes }: Pick<Queue, "attributes">, name: keyof typeof NUMBERS): number {
  return Number(attributes[name] ?? NUMBERS[name]?.preset);
}

/** Where messages go that were received too often. */
export interface Redrive {
  readonly deadLetterTargetArn: string;
  readonly maxReceiveCount: number;
}

/** The redrive policy of a queue, if it has one. */
export function redriveOf({ attributes }: Pick<Queue, "attributes">): Redrive | undefined {
  const policy = parseJsonObject(attributes.RedrivePolicy ?? "");
  if (policy === undefined) return undefined;
  return {
    deadLetterTargetArn: String(policy.deadLetterTargetArn),
    maxReceiveCount: Number(policy.maxReceiveCount),
  };
}

/** Attributes of FIFO queues with SQS's refusal for a standard one. */
const FIFO_ONLY: Readonly<Record<string, string>> = {
  ContentBasedDeduplication: "Unknown Attribute ContentBasedDeduplication.",
  DeduplicationScope: "You can specify the DeduplicationScope only when FifoQueue is set to true.",
  FifoThroughputLimit: "You can specify the FifoThroughputLimit only when FifoQueue is set to true.",
  FifoQueue: "Unknown Attribute FifoQueue.",
};

/** Attributes that would be kept without effect. */
const UNSUPPORTED = ["KmsMasterKeyId", "KmsDataKeyReusePeriodSeconds", "RedriveAllowPolicy"];

/** Checks attributes before they are set; `exists` says whether a queue is there. */
export function checkQueueAttributes(
  attributes: Readonly<Record<string, string>>,
  exists: (queueArn: string) => boolean,
): void {
  for (const [name, value] of Object.entries(attributes)) {
    const rule = Object.hasOwn(NUMBERS, name) ? NUMBERS[name] : undefined;
    if (rule !== undefined) checkNumber(name, value, rule);
    else if (name === "RedrivePolicy") checkRedrive(value, exists);
    else checkOther(name, value);
  }
}

function checkNumber(name: string, value: string, { least, most }: NumberRule): void {
  if (/^\d+$/.test(value) && Number(value) >= least && Number(value) <= most) return;
  throw new AwsError("InvalidAttributeValue", `Invalid value for the parameter ${name}.`);
}

function checkRedrive(value: string, exists: (queueArn: string) => boolean): void {
  if (value === "") return;
  const { deadLetterTargetArn, maxReceiveCount } = redriveOf({ attributes: { RedrivePolicy: value } }) ?? {};
  const refuse = (reason: string): AwsError =>
    invalidParameter(`Value ${value} for parameter RedrivePolicy is invalid. Reason: ${reason}`);
  if (deadLetterTargetArn === undefined || maxReceiveCount === undefined)
    throw refuse("Amazon SQS can't create the redrive policy, as it isn't in JSON format.");
  if (!Number.isInteger(maxReceiveCount) || maxReceiveCount < 1 || maxReceiveCount > 1000)
    throw refuse("Invalid value for maxReceiveCount: must be between 1 and 1000, both inclusive.");
  if (!exists(deadLetterTargetArn)) throw refuse("Dead letter target does not exist.");
}

/** IAM is not checked here, so a policy is only shown again; messages on one machine are not encrypted. */
function checkOther(name: string, value: string): void {
  if (name === "Policy" || (name === "SqsManagedSseEnabled" && /^(?:true|false)$/.test(value))) return;
  if (UNSUPPORTED.includes(name))
    throw new AwsError("InvalidAttributeName", `the local runtime keeps no ${name}: leave it out`);
  const message = Object.hasOwn(FIFO_ONLY, name) ? FIFO_ONLY[name] : `Unknown Attribute ${name}.`;
  throw new AwsError("InvalidAttributeName", message ?? "");
}

/** The first attribute in which a wanted queue is not the one that is there. */
export function otherAttribute(queue: Queue, wanted: Readonly<Record<string, string>>): string | undefined {
  const held = shownAttributes(queue);
  return Object.keys(wanted).find((name) => wanted[name] !== held[name]);
}

/** What a queue holds, by the state of its messages. */
export interface QueueCounts {
  readonly visible: number;
  readonly inFlight: number;
  readonly delayed: number;
}

function shownAttributes({ attributes }: Queue): Readonly<Record<string, string>> {
  const presets = Object.entries(NUMBERS).map(([name, { preset }]) => [name, String(preset)] as const);
  const shown: Readonly<Record<string, string>> = {
    ...Object.fromEntries(presets),
    SqsManagedSseEnabled: "true",
    ...attributes,
  };
  return Object.fromEntries(Object.entries(shown).filter(([, value]) => value !== ""));
}

/** Every attribute as GetQueueAttributes shows it. */
export function queueAttributes(queue: Queue, counts: QueueCounts): Readonly<Record<string, string>> {
  const { queueArn, createdMs, modifiedMs } = queue;
  return {
    ...shownAttributes(queue),
    QueueArn: queueArn,
    ApproximateNumberOfMessages: String(counts.visible),
    ApproximateNumberOfMessagesNotVisible: String(counts.inFlight),
    ApproximateNumberOfMessagesDelayed: String(counts.delayed),
    CreatedTimestamp: String(Math.floor(createdMs / 1000)),
    LastModifiedTimestamp: String(Math.floor(modifiedMs / 1000)),
  };
}

const ATTRIBUTE_NAMES: ReadonlySet<string> = new Set([
  "All",
  "Policy",
  "RedrivePolicy",
  "RedriveAllowPolicy",
  "KmsMasterKeyId",
  "KmsDataKeyReusePeriodSeconds",
  ...Object.keys(FIFO_ONLY),
]);

/** The attributes that a call names. */
export function namedAttributes(
  all: Readonly<Record<string, string>>,
  names: readonly string[],
): Readonly<Record<string, string>> {
  const unknown = names.find((name) => !Object.hasOwn(all, name) && !ATTRIBUTE_NAMES.has(name));
  if (unknown !== undefined) throw new AwsError("InvalidAttributeName", `Unknown Attribute ${unknown}.`);
  if (names.includes("All")) return all;
  return Object.fromEntries(Object.entries(all).filter(([name]) => names.includes(name)));
}

/** What a queue's name may be made of; FIFO queues are refused by name. */
export function checkQueueName(name: string): void {
  if (name.endsWith(".fifo"))
    throw new AwsError(
      "UnsupportedOperation",
      "the local runtime has standard queues only: leave .fifo and FifoQueue out",
    );
  if (/^[\w-]{1,80}$/.test(name)) return;
  throw invalidParameter(
    "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length",
  );
}
