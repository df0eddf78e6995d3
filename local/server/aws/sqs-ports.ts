import type { Queue } from "../../assembly/queues.ts";
import type { TagsPort } from "./cloudwatch-ports.ts";
import type { QueueMessage, ReceivedMessage } from "./sqs-messages.ts";
import type { QueueCounts } from "./sqs-queues.ts";

/** What a call of ReceiveMessage asks for. */
export interface WantedMessages {
  readonly queue: Queue;
  readonly most: number;
  readonly visibilitySeconds: number;
  readonly waitSeconds: number;
  /** Aborted when nobody waits any more. */
  readonly signal: AbortSignal;
}

/** The queues of the account and what lies in them. */
export interface QueuesPort {
  readonly accountId: string;
  /** Where calls without a signature go. */
  readonly homeRegion: string;
  readonly tags: TagsPort;
  list(): readonly Queue[];
  put(queue: Queue): void;
  delete(queueArn: string): void;
  /** Whether a queue was deleted within the last minute. */
  isJustDeleted(queueArn: string): boolean;
  counts(queueArn: string): QueueCounts;
  send(queue: Queue, messages: readonly QueueMessage[]): void;
  /** Waits until there is a message, as long as it is asked to. */
  receive(wanted: WantedMessages): Promise<readonly ReceivedMessage[]>;
  /** Gives false for a message that nobody has received. */
  setVisibility(queue: Queue, messageId: string, seconds: number): boolean;
  remove(queue: Queue, messageIds: readonly string[]): void;
  /** Gives false within a minute of the purge before. */
  purge(queueArn: string): boolean;
  now(): number;
}
