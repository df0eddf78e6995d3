/** How much of the past is kept. */
export interface JournalRetention {
  /** Events older than this are dropped. */
  readonly keepMs: number;
  /** The oldest events are dropped beyond this size. */
  readonly maxBytes: number;
}

/** A piece of the journal's file that holds events and nothing else. */
export interface EventBlock {
  readonly start: number;
  end: number;
  /** Of its newest event, epoch milliseconds. */
  lastMs: number;
}

const HOUR_MS = 3_600_000;
/** A block is dropped as a whole: small ones keep the bounds exact. */
const SPLIT_PARTS = 64;

/** Where the events lie in the journal's file, oldest first, in pieces that are dropped one by one. */
export class EventBlocks {
  #blocks: EventBlock[] = [];
  #bytes = 0;
  readonly #retention: JournalRetention;

  constructor(retention: JournalRetention) {
    this.#retention = retention;
  }

  /** Bytes of all events. */
  get bytes(): number {
    return this.#bytes;
  }

  add(event: { readonly start: number; readonly end: number; readonly atMs: number }): void {
    const { start, end, atMs } = event;
    this.#bytes += end - start;
    const last = this.#blocks.at(-1);
    const goesOn =
      last?.end === start &&
      end - last.start <= this.#retention.maxBytes / SPLIT_PARTS &&
      Math.floor(last.lastMs / HOUR_MS) === Math.floor(atMs / HOUR_MS);
    if (last === undefined || !goesOn) this.#blocks.push({ start, end, lastMs: atMs });
    else last.end = end;
    if (last !== undefined && goesOn) last.lastMs = Math.max(last.lastMs, atMs);
  }

  /** Whether events are kept that should not be: beyond the size, or older than the time by an hour. */
  isOver(nowMs: number): boolean {
    const { keepMs, maxBytes } = this.#retention;
    const [oldest] = this.#blocks;
    return this.#bytes > maxBytes || (oldest !== undefined && oldest.lastMs < nowMs - keepMs - HOUR_MS);
  }

  /** Drops what is too old, then the oldest until the rest takes `maxBytes`; gives what stays. */
  drop(nowMs: number, maxBytes: number): readonly EventBlock[] {
    const { keepMs } = this.#retention;
    this.#blocks = this.#blocks.filter(({ lastMs }) => lastMs >= nowMs - keepMs);
    this.#bytes = this.#blocks.reduce((bytes, { start, end }) => bytes + end - start, 0);
    let dropped = 0;
    for (const { start, end } of this.#blocks) {
      if (this.#bytes <= maxBytes) break;
      this.#bytes -= end - start;
      dropped += 1;
    }
    this.#blocks = this.#blocks.slice(dropped);
    return this.#blocks;
  }

  /** Takes note that the blocks lie elsewhere now, one behind the other from `start` on. */
  moveTo(start: number): void {
    let at = start;
    this.#blocks = this.#blocks.map((block) => {
      const moved = { start: at, end: at + block.end - block.start, lastMs: block.lastMs };
      at = moved.end;
      return moved;
    });
  }
}
