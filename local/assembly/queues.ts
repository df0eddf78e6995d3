import { readProperties } from "cw-alarm-test/property-reader";
import type { ResolvedResource } from "cw-alarm-test/resolved-stack";
import { AssemblyError } from "cw-alarm-test/template";

/** An SQS queue of the templates or of the API. */
export interface Queue {
  readonly queueArn: string;
  /** Those that were set, as SQS names them; it knows what the others are. */
  readonly attributes: Readonly<Record<string, string>>;
  /** Epoch milliseconds. */
  readonly createdMs: number;
  /** When attributes were last set, epoch milliseconds. */
  readonly modifiedMs: number;
}

/** A queue as the templates have it, which say nothing of times. */
export type QueueSource = Pick<Queue, "queueArn" | "attributes">;

/** Properties that are numbers and have an effect here. */
const NUMBERS = [
  "DelaySeconds",
  "MaximumMessageSize",
  "MessageRetentionPeriod",
  "ReceiveMessageWaitTimeSeconds",
  "VisibilityTimeout",
];

/** Reads an `AWS::SQS::Queue`. */
export function queueOf(resource: ResolvedResource): QueueSource {
  const read = readProperties(resource);
  if (read.flag("FifoQueue") === true)
    throw new AssemblyError("FIFO queues are not emulated, only standard ones");
  const { RedrivePolicy: redrive } = resource.properties();
  const numbers = NUMBERS.flatMap((name): (readonly [string, string])[] => {
    const value = read.number(name);
    return value === undefined ? [] : [[name, String(value)]];
  });
  return {
    queueArn: resource.attribute("Arn"),
    attributes: {
      ...Object.fromEntries(numbers),
      ...(redrive !== undefined && {
        RedrivePolicy: typeof redrive === "string" ? redrive : JSON.stringify(redrive),
      }),
    },
  };
}
