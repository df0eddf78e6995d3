import type { Cancel, Clock } from "@wrist-agent/cloudwatch/clock";
import type { Datum } from "@wrist-agent/cloudwatch/metric";
import type { Queue, QueueSource } from "../assembly/queues.ts";
import type { JournalEntry } from "../journal/journal-entry.ts";
import { messageBytes, type QueueMessage, type ReceivedMessage } from "../server/aws/sqs-messages.ts";
import type { QueuesPort, WantedMessages } from "../server/aws/sqs-ports.ts";
import { type QueueCounts, queueNumber, redriveOf } from "../server/aws/sqs-queues.ts";

/**
 * A message and what became of it since it came; the latter is forgotten at a stop, and it can be received
 * again.
 */
interface HeldMessage {
  readonly message: QueueMessage;
  visibleMs: number;
  receiveCount: number;
  firstReceivedMs: number;
}

/** What is written down of queues and their messages; without a state or a message something is gone. */
type QueueEntry = Extract<JournalEntry, { readonly kind: "queue" | "queue-message" }>;

const MINUTE_MS = 60_000;

/**
 * The queues of the account and what lies in them: those of the templates, and what the API made of them
 * since.
 */
export class MessageQueues {
  readonly #queues: Map<string, Queue>;
  readonly #messages = new Map<string, Map<string, HeldMessage>>();
  readonly #deletedMs = new Map<string, number>();

  constructor(templates: readonly QueueSource[]) {
    this.#queues = new Map(
      templates.map((source) => [source.queueArn, { ...source, createdMs: 0, modifiedMs: 0 }]),
    );
  }

  /** Takes a change that is written down. */
  apply(entry: QueueEntry): void {
    const { queueArn } = entry;
    if (entry.kind === "queue-message") this.#applyMessage(entry);
    else if (entry.queue !== undefined) this.#queues.set(queueArn, entry.queue);
    else {
      this.#queues.delete(queueArn);
      this.#messages.delete(queueArn);
      this.#deletedMs.set(queueArn, entry.atMs);
    }
  }

  #applyMessage({ queueArn, messageId, message }: Extract<QueueEntry, { kind: "queue-message" }>): void {
    const held = this.#messages.get(queueArn) ?? new Map<string, HeldMessage>();
    this.#messages.set(queueArn, held);
    if (message === undefined) held.delete(messageId);
    else
      held.set(messageId, { message, visibleMs: message.availableMs, receiveCount: 0, firstReceivedMs: 0 });
  }

  list(): readonly Queue[] {
    return [...this.#queues.values()];
  }

  find(queueArn: string): Queue | undefined {
    return this.#queues.get(queueArn);
  }

  /** SQS lets a name rest for a minute. */
  isJustDeleted(queueArn: string, nowMs: number): boolean {
    return nowMs - (this.#deletedMs.get(queueArn) ?? -Infinity) < MINUTE_MS;
  }

  /** What lies in a queue, oldest first. */
  held(queueArn: string): readonly HeldMessage[] {
    return [...(this.#messages.get(queueArn)?.values() ?? [])];
  }

  heldMessage(queueArn: string, messageId: string): HeldMessage | undefined {
    return this.#messages.get(queueArn)?.get(messageId);
  }

  counts(queueArn: string, nowMs: number): QueueCounts {
    const held = this.held(queueArn);
    const hidden = held.filter(({ visibleMs }) => visibleMs > nowMs);
    const delayed = hidden.filter(({ receiveCount }) => receiveCount === 0).length;
    return { visible: held.length - hidden.length, inFlight: hidden.length - delayed, delayed };
  }
}

/** Entries that put messages into a queue, with what `AWS/SQS` counts of it. */
export function sentEntries(
  queueArn: string,
  messages: readonly QueueMessage[],
  atMs: number,
): readonly JournalEntry[] {
  const data = messages.flatMap((message): readonly Datum[] => [
    queueDatum(queueArn, "NumberOfMessagesSent", { value: 1, atMs }),
    { ...queueDatum(queueArn, "SentMessageSize", { value: messageBytes(message), atMs }), unit: "Bytes" },
  ]);
  return [
    ...messages.map(
      (message) =>
        ({ kind: "queue-message", atMs, queueArn, messageId: message.messageId, message }) as const,
    ),
    metricsEntry(queueArn, data, atMs),
  ];
}

interface Measured {
  readonly value: number;
  readonly atMs: number;
}

/**
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
 */
function queueDatum(queueArn: string, metricName: string, { value, atMs }: Measured): Datum {
  const dimensions = { QueueName: queueArn.split(":").at(-1) ?? "" };
  return { namespace: "AWS/SQS", metricName, dimensions, unit: "Count", timestampMs: atMs, values: [value] };
}

function metricsEntry(queueArn: string, data: readonly Datum[], atMs: number): JournalEntry {
  return { kind: "metrics", atMs, region: queueArn.split(":")[3] ?? "", data };
}

/** What the queues need of the running system. */
interface QueuePorts {
  readonly clock: Clock;
  /** Writes entries down and applies them. */
  readonly record: (...entries: readonly JournalEntry[]) => void;
}

interface Waiting {
  readonly wanted: WantedMessages;
  readonly untilMs: number;
  readonly resolve: (received: readonly ReceivedMessage[]) => void;
  readonly reject: (cause: unknown) => void;
}

const ACTIVE_MS = 6 * 60 * MINUTE_MS;

/** How often those who wait are looked at: a message becomes visible again, or their time is over. */
const LOOK_MS = 100;

/** Changes queues and hands messages out; whatever must survive a stop is written down. */
export class QueueOperations {
  readonly #queues: MessageQueues;
  readonly #ports: QueuePorts;
  readonly #waiting = new Set<Waiting>();
  readonly #purgedMs = new Map<string, number>();
  readonly #askedMs = new Map<string, number>();
  #looking: Cancel | undefined;

  constructor(queues: MessageQueues, ports: QueuePorts) {
    this.#queues = queues;
    this.#ports = ports;
  }

  get #nowMs(): number {
    return this.#ports.clock.now();
  }

  put(queue: Queue): void {
    this.#ports.record({ kind: "queue", atMs: this.#nowMs, queueArn: queue.queueArn, queue });
  }

  delete(queueArn: string): void {
    this.#ports.record(
      ...this.#removals(
        queueArn,
        this.#queues.held(queueArn).map(({ message }) => message.messageId),
      ),
      { kind: "queue", atMs: this.#nowMs, queueArn },
    );
  }

  send({ queueArn }: Queue, messages: readonly QueueMessage[]): void {
    if (messages.length > 0) this.#ports.record(...sentEntries(queueArn, messages, this.#nowMs));
  }

  remove({ queueArn }: Queue, messageIds: readonly string[]): void {
    const there = messageIds.filter((id) => this.#queues.heldMessage(queueArn, id) !== undefined);
    if (there.length === 0) return;
    const atMs = this.#nowMs;
    const deleted = queueDatum(queueArn, "NumberOfMessagesDeleted", { value: there.length, atMs });
    this.#ports.record(...this.#removals(queueArn, there), metricsEntry(queueArn, [deleted], atMs));
  }

  purge(queueArn: string): boolean {
    const nowMs = this.#nowMs;
    if (nowMs - (this.#purgedMs.get(queueArn) ?? -Infinity) < MINUTE_MS) return false;
    this.#purgedMs.set(queueArn, nowMs);
    const ids = this.#queues.held(queueArn).map(({ message }) => message.messageId);
    if (ids.length > 0) this.#ports.record(...this.#removals(queueArn, ids));
    return true;
  }

  setVisibility({ queueArn }: Queue, messageId: string, seconds: number): boolean {
    const held = this.#queues.heldMessage(queueArn, messageId);
    if (held === undefined || held.receiveCount === 0 || held.visibleMs <= this.#nowMs) return false;
    held.visibleMs = this.#nowMs + seconds * 1000;
    return true;
  }

  receive(wanted: WantedMessages): Promise<readonly ReceivedMessage[]> {
    this.#askedMs.set(wanted.queue.queueArn, this.#nowMs);
    const taken = this.#take(wanted);
    if (taken.length > 0 || wanted.waitSeconds === 0) return Promise.resolve(this.#counted(wanted, taken));
    return new Promise((resolve, reject) => {
      const untilMs = this.#nowMs + wanted.waitSeconds * 1000;
      const waiting = { wanted, untilMs, resolve, reject };
      this.#waiting.add(waiting);
      wanted.signal.addEventListener("abort", () => this.#end(waiting, []), { once: true });
      this.#looking ??= this.#ports.clock.every(LOOK_MS, () => this.#look());
    });
  }

  /** Looks whether there is something for those who wait. */
  #look(): void {
    for (const waiting of this.#waiting) {
      const { wanted, untilMs, reject } = waiting;
      try {
        const taken = this.#take(wanted);
        if (taken.length > 0 || this.#nowMs >= untilMs) this.#end(waiting, this.#counted(wanted, taken));
      } catch (error) {
        this.#waiting.delete(waiting);
        reject(error);
      }
    }
  }

  #end(waiting: Waiting, received: readonly ReceivedMessage[]): void {
    if (!this.#waiting.delete(waiting)) return;
    waiting.resolve(received);
    if (this.#waiting.size > 0) return;
    this.#looking?.();
    this.#looking = undefined;
  }

  /**
   * Takes what is visible, oldest first; what was received too often goes to the dead-letter queue instead.
   */
  #take({ queue, most, visibilitySeconds }: WantedMessages): readonly ReceivedMessage[] {
    const nowMs = this.#nowMs;
    const { maxReceiveCount = Infinity, deadLetterTargetArn = "" } = redriveOf(queue) ?? {};
    const visible = this.#queues.held(queue.queueArn).filter(({ visibleMs }) => visibleMs <= nowMs);
    const dead = visible.filter(({ receiveCount }) => receiveCount >= maxReceiveCount);
    if (dead.length > 0) this.#redrive(queue, dead, deadLetterTargetArn);
    return visible
      .filter((held) => !dead.includes(held))
      .slice(0, most)
      .map((held) => {
        held.visibleMs = nowMs + visibilitySeconds * 1000;
        held.receiveCount += 1;
        if (held.receiveCount === 1) held.firstReceivedMs = nowMs;
        const { message, receiveCount, firstReceivedMs } = held;
        return { message, receiveCount, firstReceivedMs };
      });
  }

  #redrive({ queueArn }: Queue, dead: readonly HeldMessage[], target: string): void {
    const atMs = this.#nowMs;
    const moved = dead.map(({ message }) => message);
    this.#ports.record(
      ...this.#removals(
        queueArn,
        moved.map(({ messageId }) => messageId),
      ),
      ...moved.map(
        (message) =>
          ({ kind: "queue-message", atMs, queueArn: target, messageId: message.messageId, message }) as const,
      ),
    );
  }

  #counted({ queue }: WantedMessages, taken: readonly ReceivedMessage[]): readonly ReceivedMessage[] {
    const atMs = this.#nowMs;
    const [name, value] =
      taken.length === 0
        ? (["NumberOfEmptyReceives", 1] as const)
        : (["NumberOfMessagesReceived", taken.length] as const);
    const datum = queueDatum(queue.queueArn, name, { value, atMs });
    this.#ports.record(metricsEntry(queue.queueArn, [datum], atMs));
    return taken;
  }

  #removals(queueArn: string, messageIds: readonly string[]): readonly JournalEntry[] {
    const atMs = this.#nowMs;
    return messageIds.map((messageId) => ({ kind: "queue-message", atMs, queueArn, messageId }));
  }

  /** Forgets messages that are too old and measures the queues, as SQS does every minute. */
  everyMinute(): void {
    const atMs = this.#nowMs;
    const entries = this.#queues.list().flatMap((queue) => {
      const keepMs = queueNumber(queue, "MessageRetentionPeriod") * 1000;
      const old = this.#queues.held(queue.queueArn).filter(({ message }) => message.sentMs + keepMs <= atMs);
      const ids = old.map(({ message }) => message.messageId);
      return [
        ...this.#removals(queue.queueArn, ids),
        ...(this.#isActive(queue, atMs) ? [this.#depth(queue)] : []),
      ];
    });
    if (entries.length > 0) this.#ports.record(...entries);
  }

  /** SQS measures a queue that holds messages, or that somebody has asked within six hours. */
  #isActive({ queueArn }: Queue, nowMs: number): boolean {
    const isAsked = nowMs - (this.#askedMs.get(queueArn) ?? -Infinity) < ACTIVE_MS;
    return isAsked || this.#queues.held(queueArn).length > 0;
  }

  #depth({ queueArn }: Queue): JournalEntry {
    const atMs = this.#nowMs;
    const { visible, inFlight, delayed } = this.#queues.counts(queueArn, atMs);
    const oldest = this.#queues.held(queueArn)[0]?.message.sentMs ?? atMs;
    const rows = {
      ApproximateNumberOfMessagesVisible: visible,
      ApproximateNumberOfMessagesNotVisible: inFlight,
      ApproximateNumberOfMessagesDelayed: delayed,
    };
    const age = (atMs - oldest) / 1000;
    return metricsEntry(
      queueArn,
      [
        ...Object.entries(rows).map(([name, value]) => queueDatum(queueArn, name, { value, atMs })),
        { ...queueDatum(queueArn, "ApproximateAgeOfOldestMessage", { value: age, atMs }), unit: "Seconds" },
      ],
      atMs,
    );
  }
}

/** The queues as the API shows and changes them. */
export function queuesPort(
  queues: MessageQueues,
  operations: QueueOperations,
  { clock, ...account }: Pick<QueuesPort, "accountId" | "homeRegion" | "tags"> & { readonly clock: Clock },
): QueuesPort {
  return {
    ...account,
    list: () => queues.list(),
    put: (queue) => operations.put(queue),
    delete: (queueArn) => operations.delete(queueArn),
    isJustDeleted: (queueArn) => queues.isJustDeleted(queueArn, clock.now()),
    counts: (queueArn) => queues.counts(queueArn, clock.now()),
    send: (queue, messages) => operations.send(queue, messages),
    receive: (wanted) => operations.receive(wanted),
    setVisibility: (queue, messageId, seconds) => operations.setVisibility(queue, messageId, seconds),
    remove: (queue, messageIds) => operations.remove(queue, messageIds),
    purge: (queueArn) => operations.purge(queueArn),
    now: () => clock.now(),
  };
}
