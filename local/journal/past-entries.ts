import { readSync } from "node:fs";
import type { JournalEntry } from "./journal-entry.ts";
import { parseJournalEntry } from "./read-journal-entry.ts";
import { isStateEntry } from "./journal-states.ts";

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

/**
 * What a journal held when it was opened, for another thread to read too; whoever gets it closes the
 * descriptor.
 */
export interface JournalPast {
  /** Reads the file of then, also when a compaction has put another in its place. */
  readonly descriptor: number;
  readonly size: number;
  readonly nowMs: number;
  readonly retention: JournalRetention;
}

/** A line of the past; without an entry when it is none. */
interface PastLine {
  readonly line: FileLine;
  readonly entry: JournalEntry | undefined;
  /** Whether it is neither too old nor too much. */
  readonly isKept: boolean;
}

/** Every whole line, oldest first. */
export function* pastLines({ descriptor, size, nowMs, retention }: JournalPast): Generator<PastLine> {
  for (const line of fileLines(descriptor)) {
    // What came behind it since is reported as it comes.
    if (line.start >= size) return;
    const entry = line.bytes && parseJournalEntry(line.bytes.toString("utf8"));
    const isKept =
      entry === undefined ||
      isStateEntry(entry) ||
      (entry.atMs >= nowMs - retention.keepMs && size - line.start <= retention.maxBytes);
    yield { line, entry, isKept };
  }
}

/** A line of a file, without its end. */
interface FileLine {
  /** `undefined` for a line too long to be held in memory. */
  readonly bytes: Buffer | undefined;
  /** Offset of its first byte. */
  readonly start: number;
  /** Offset behind its newline. */
  readonly end: number;
}

const NEWLINE = 0x0a;
const CHUNK_BYTES = 1024 * 1024;
const MAX_LINE_BYTES = 64 * 1024 * 1024;

/**
 * Reads a file line by line in bounded memory, whatever its size; a last line without its end is left out.
 */
export function* fileLines(descriptor: number): Generator<FileLine> {
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  let open: Buffer[] = [];
  let openBytes = 0;
  let start = 0;
  for (let offset = 0; ;) {
    const read = readSync(descriptor, chunk, 0, CHUNK_BYTES, offset);
    if (read === 0) return;
    const bytes = chunk.subarray(0, read);
    let from = 0;
    for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, from)) {
      const last = bytes.subarray(from, at);
      const end = offset + at + 1;
      const isHeld = openBytes + last.length <= MAX_LINE_BYTES;
      yield { bytes: isHeld ? joined(open, last) : undefined, start, end };
      open = [];
      openBytes = 0;
      start = end;
      from = at + 1;
    }
    openBytes += read - from;
    if (openBytes > MAX_LINE_BYTES) open = [];
    else open.push(Buffer.from(bytes.subarray(from)));
    offset += read;
  }
}

function joined(open: readonly Buffer[], last: Buffer): Buffer {
  return open.length === 0 ? last : Buffer.concat([...open, last]);
}
