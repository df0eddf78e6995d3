/** Stops what {@link Clock.every} started; calling it twice does nothing more. */
export type Cancel = () => void;

/** Work that falls due at `nowMs`, epoch milliseconds. */
export type Task = (nowMs: number) => void | Promise<void>;

/** Time as an argument: the local runtime asks this port and never the system. */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
  /** Runs `task` at every multiple of `periodMs` since 1970, so that minutes start at second zero. */
  every(periodMs: number, task: Task): Cancel;
}

interface Scheduled {
  readonly periodMs: number;
  readonly task: Task;
  nextMs: number;
}

/** A clock that stands still until it is advanced: for tests and rehearsals. */
export class ManualClock implements Clock {
  #nowMs: number;
  readonly #scheduled = new Set<Scheduled>();

  /** Starts at `startMs`, epoch milliseconds. */
  constructor(startMs: number) {
    this.#nowMs = startMs;
  }

  now(): number {
    return this.#nowMs;
  }

  every(periodMs: number, task: Task): Cancel {
    const entry: Scheduled = { periodMs, task, nextMs: nextMultiple(this.#nowMs, periodMs) };
    this.#scheduled.add(entry);
    return () => this.#scheduled.delete(entry);
  }

  /** Moves time forward by `ms`, running each task at its due time, in order, one after the other. */
  async advance(ms: number): Promise<void> {
    const endMs = this.#nowMs + ms;
    for (let due = this.#earliest(endMs); due !== undefined; due = this.#earliest(endMs)) {
      this.#nowMs = due.nextMs;
      due.nextMs += due.periodMs;
      await due.task(this.#nowMs);
    }
    this.#nowMs = endMs;
  }

  #earliest(endMs: number): Scheduled | undefined {
    let earliest: Scheduled | undefined;
    for (const entry of this.#scheduled) {
      if (entry.nextMs <= endMs && (earliest === undefined || entry.nextMs < earliest.nextMs))
        earliest = entry;
    }
    return earliest;
  }
}

function nextMultiple(nowMs: number, periodMs: number): number {
  return (Math.floor(nowMs / periodMs) + 1) * periodMs;
}
