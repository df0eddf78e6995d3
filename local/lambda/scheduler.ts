import { randomUUID } from "node:crypto";
import type { Cancel, Clock } from "@wrist-agent/cloudwatch/clock";
import { nextRun } from "@wrist-agent/cloudwatch/schedule-expression";
import type { ScheduleSource } from "../assembly/schedules.ts";
import type { ScheduleRow } from "../server/wire.ts";

/** One run of a schedule. */
interface ScheduledRun {
  readonly id: string;
  /** When it was due, epoch milliseconds. */
  readonly timeMs: number;
}

/** The event that a schedule's function gets: its input, or the one that EventBridge makes up. */
function scheduledEvent(source: ScheduleSource, run: ScheduledRun): unknown {
  if (source.input === undefined) return defaultScheduledEvent(source, run);
  const text = withAttributes(source.input, source, run);
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html */
function withAttributes(
  input: string,
  { scheduleArn }: ScheduleSource,
  { id, timeMs }: ScheduledRun,
): string {
  const attributes: Readonly<Record<string, string>> = {
    "<aws.scheduler.schedule-arn>": scheduleArn,
    "<aws.scheduler.scheduled-time>": isoSeconds(timeMs),
    "<aws.scheduler.execution-id>": id,
    "<aws.scheduler.attempt-number>": "1",
  };
  return Object.entries(attributes).reduce((text, [name, value]) => text.replaceAll(name, value), input);
}

/** EventBridge Scheduler writes the empty detail as text, rules of EventBridge as an object. */
function defaultScheduledEvent({ scheduleArn }: ScheduleSource, { id, timeMs }: ScheduledRun): unknown {
  const [, , service = "", region = "", account = ""] = scheduleArn.split(":");
  return {
    version: "0",
    id,
    "detail-type": "Scheduled Event",
    source: `aws.${service}`,
    account,
    time: isoSeconds(timeMs),
    region,
    resources: [scheduleArn],
    detail: service === "scheduler" ? "{}" : {},
  };
}

function isoSeconds(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d{3}Z$/, "Z");
}

/** What schedules need of the world. */
interface SchedulerPorts {
  readonly clock: Clock;
  /**
   * When a schedule ran last, in this run or an earlier one, epoch milliseconds; `undefined` before the
   * first.
   */
  readonly lastRunMs: (scheduleArn: string) => number | undefined;
  /** Told of every run. */
  readonly ran: (scheduleArn: string, atMs: number) => void;
  /** Resolves when the function has answered, however it did. */
  readonly invoke: (functionArn: string, event: unknown) => Promise<void>;
  /** Told when a schedule's last run lies in the future, so that its next one is set again. */
  readonly clockWentBack?: (scheduleArn: string) => void;
}

interface ScheduleEntry {
  readonly source: ScheduleSource;
  nextMs: number | undefined;
}

const MINUTE_MS = 60_000;

/**
 * Invokes functions as their schedules say, by the minute. A schedule whose time went by while the system was
 * stopped, or the machine asleep, runs once; one that never ran does so at the start.
 */
export class Scheduler {
  readonly #ports: SchedulerPorts;
  readonly #sources: readonly ScheduleSource[];
  readonly #late = new Set<Promise<void>>();
  #entries: readonly ScheduleEntry[] = [];
  #cancels: readonly Cancel[] = [];

  constructor(sources: readonly ScheduleSource[], ports: SchedulerPorts) {
    this.#ports = ports;
    this.#sources = sources;
  }

  /** Runs what is overdue, and from now on everything at its time. */
  start(): void {
    this.#entries = this.#sources.map((source) => ({ source, nextMs: this.#firstRun(source) }));
    this.#runLate(this.#ports.clock.now(), 0);
    this.#cancels = this.#entries.map((entry) =>
      this.#ports.clock.every(MINUTE_MS, (nowMs) => this.#turn(entry, nowMs)),
    );
  }

  /**
   * Makes up for what is overdue by a minute or more; gives when the last such run came back, if one was
   * awaited.
   */
  async caughtUp(nowMs: number): Promise<number | undefined> {
    this.#runLate(nowMs, MINUTE_MS);
    if (this.#late.size === 0) return undefined;
    await Promise.all(this.#late);
    return this.#ports.clock.now();
  }

  /** Every schedule with its next run. */
  rows(): readonly ScheduleRow[] {
    return this.#entries.map(({ source: { scheduleArn, functionArn, expression }, nextMs = null }) => ({
      name: lastPart(scheduleArn, "/"),
      functionName: functionArn.split(":").slice(6).join(":"),
      expression,
      nextMs,
    }));
  }

  stop(): void {
    for (const cancel of this.#cancels) cancel();
  }

  #firstRun(source: ScheduleSource): number | undefined {
    const nowMs = this.#ports.clock.now();
    const { scheduleArn, startMs = -Infinity } = source;
    const lastMs = this.#ports.lastRunMs(scheduleArn);
    if (lastMs !== undefined && lastMs > nowMs) this.#ports.clockWentBack?.(scheduleArn);
    if (lastMs !== undefined) return this.#after(source, Math.min(lastMs, nowMs));
    return withinEnd(source, Math.max(nowMs, startMs));
  }

  #after(source: ScheduleSource, lastMs: number): number | undefined {
    const { times, startMs = -Infinity } = source;
    const fromMs = Math.max(lastMs, startMs - 1);
    return withinEnd(source, nextRun(times, fromMs));
  }

  /** What is overdue is a run to make up for here too: after a pause it is chance which timer comes first. */
  #turn(entry: ScheduleEntry, nowMs: number): Promise<void> | undefined {
    this.#heal(entry, nowMs);
    if (!isDue(entry, nowMs)) return undefined;
    return isDue(entry, nowMs - MINUTE_MS) ? this.#makeUp(entry) : this.#run(entry);
  }

  #runLate(nowMs: number, graceMs: number): void {
    for (const entry of this.#entries) if (isDue(entry, nowMs - graceMs)) void this.#makeUp(entry);
  }

  #makeUp(entry: ScheduleEntry): Promise<void> {
    const run = this.#run(entry).finally(() => this.#late.delete(run));
    this.#late.add(run);
    return run;
  }

  /** A clock that was ahead and went back leaves a next run too far away. */
  #heal(entry: ScheduleEntry, nowMs: number): void {
    const { nextMs, source } = entry;
    const soonestMs = this.#after(source, nowMs);
    if (nextMs === undefined || soonestMs === undefined || nextMs <= soonestMs) return;
    entry.nextMs = soonestMs;
    this.#ports.clockWentBack?.(source.scheduleArn);
  }

  #run(entry: ScheduleEntry): Promise<void> {
    const { source } = entry;
    const nowMs = this.#ports.clock.now();
    const event = scheduledEvent(source, { id: randomUUID(), timeMs: entry.nextMs ?? nowMs });
    this.#ports.ran(source.scheduleArn, nowMs);
    entry.nextMs = this.#after(source, nowMs);
    return this.#ports.invoke(source.functionArn, event);
  }
}

function isDue({ nextMs }: ScheduleEntry, nowMs: number): boolean {
  return nextMs !== undefined && nextMs <= nowMs;
}

function withinEnd({ endMs = Infinity }: ScheduleSource, nextMs: number | undefined): number | undefined {
  return nextMs !== undefined && nextMs < endMs ? nextMs : undefined;
}

function lastPart(text: string, separator: string): string {
  return text.slice(text.lastIndexOf(separator) + 1);
}
