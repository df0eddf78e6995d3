import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  readSync,
  rmSync,
} from "node:fs";
import { dirname } from "node:path";
import { openDraft, openOwnFile, publishDraft, writeWhole } from "../own-file.ts";
import type { JournalEntry } from "./journal-entry.ts";
import { isStateEntry, JournalStates } from "./journal-states.ts";
import { EventBlocks, type JournalPast, type JournalRetention, pastLines } from "./past-entries.ts";

/** Two weeks, as far back as CloudWatch takes data in. */
export const JOURNAL_RETENTION: JournalRetention = { keepMs: 14 * 86_400_000, maxBytes: 32 * 1024 * 1024 };

/** What a compaction leaves of the allowed size, so that the next one is a while away. */
const LEFT_BY_COMPACTION = 0.75;
/** What overwritten states may take of the allowed size, beside the events. */
const STATES_SHARE = 1 / 8;

/** How to open a journal. */
export interface JournalOptions {
  readonly file: string;
  readonly nowMs: number;
  readonly retention: JournalRetention;
  /**
   * Takes each event of before, oldest first; what it throws at is set aside like a line that cannot be read.
   */
  readonly apply: (entry: JournalEntry) => void;
  /** Hears when lines cannot be written any more, on a full disk for instance. */
  readonly failed: (cause: unknown) => void;
}

/** What opening a journal found. */
export interface OpenedJournal {
  readonly journal: Journal;
  /** The last word of before on everything that has a state. */
  readonly states: JournalStates;
  /** The same file as it was, to be read once more elsewhere. */
  readonly past: JournalPast;
  /** What could not be read, for the user. */
  readonly notices: readonly string[];
}

/**
 * Opens a journal, however its last writer ended: a torn last line is cut off, lines that are none go into a
 * file beside it, and what is too old or too much is dropped. Memory stays bounded whatever the size of the
 * file.
 */
export function openJournal(options: JournalOptions): OpenedJournal {
  const { file, nowMs, retention } = options;
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const descriptor = openOwnFile(file, constants.O_RDWR | constants.O_CREAT | constants.O_APPEND);
  const past = { descriptor: openOwnFile(file, constants.O_RDONLY), size: fstatSync(descriptor).size, nowMs };
  const states = new JournalStates();
  const blocks = new EventBlocks(retention);
  const read = readWholeLines(descriptor, options, { states, blocks });
  if (fstatSync(descriptor).size > read.end) ftruncateSync(descriptor, read.end);
  const journal = new Journal({ ...options, descriptor, states, blocks, size: read.end });
  const notices = read.bad === 0 ? [] : [badLinesNotice(file, read.bad)];
  if (read.bad > 0 || read.isTooMuch || blocks.isOver(nowMs)) journal.compact(nowMs);
  return { journal, states, past: { ...past, retention }, notices };
}

/** Where lines go that are no entries. */
function badLinesFile(file: string): string {
  return `${file}.unreadable`;
}

function badLinesNotice(file: string, count: number): string {
  return `${file}: ${count} line(s) could not be read and stand in ${badLinesFile(file)} now; nothing else is lost`;
}

interface Read {
  /** Behind the last whole line. */
  readonly end: number;
  readonly bad: number;
  /** Whether there are events that are not kept. */
  readonly isTooMuch: boolean;
}

function readWholeLines(
  descriptor: number,
  { file, nowMs, retention, apply }: JournalOptions,
  { states, blocks }: { readonly states: JournalStates; readonly blocks: EventBlocks },
): Read {
  const { size } = fstatSync(descriptor);
  const aside = new AsideFile(badLinesFile(file));
  let end = 0;
  let isTooMuch = false;
  for (const { line, entry, isKept } of pastLines({ descriptor, size, nowMs, retention })) {
    end = line.end;
    if (!isKept) isTooMuch = true;
    else if (entry === undefined || !isApplied(entry, apply)) aside.copy(descriptor, line);
    else if (isStateEntry(entry)) states.add(entry);
    else blocks.add({ start: line.start, end: line.end, atMs: entry.atMs });
  }
  aside.close();
  return { end, bad: aside.lines, isTooMuch };
}

function isApplied(entry: JournalEntry, apply: (entry: JournalEntry) => void): boolean {
  try {
    apply(entry);
    return true;
  } catch {
    return false;
  }
}

/** A file that comes into being with its first line. */
class AsideFile {
  readonly #file: string;
  #descriptor: number | undefined;
  lines = 0;

  constructor(file: string) {
    this.#file = file;
  }

  copy(from: number, line: { readonly start: number; readonly end: number }): void {
    this.lines += 1;
    this.#descriptor ??= openOwnFile(this.#file, constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND);
    copyBytes(from, this.#descriptor, line);
  }

  close(): void {
    if (this.#descriptor === undefined) return;
    fsyncSync(this.#descriptor);
    closeSync(this.#descriptor);
  }
}

const COPY_BYTES = 1024 * 1024;

function copyBytes(
  from: number,
  to: number,
  { start, end }: { readonly start: number; readonly end: number },
): void {
  const chunk = Buffer.allocUnsafe(Math.min(COPY_BYTES, end - start));
  for (let at = start; at < end;) {
    const read = readSync(from, chunk, 0, Math.min(chunk.length, end - at), at);
    if (read === 0) return;
    writeWhole(to, chunk.subarray(0, read));
    at += read;
  }
}

interface JournalParts extends Pick<JournalOptions, "file" | "retention" | "failed"> {
  readonly descriptor: number;
  readonly states: JournalStates;
  readonly blocks: EventBlocks;
  readonly size: number;
}

/** An append-only file of JSON lines. Each entry is handed to the system before `append` returns. */
export class Journal {
  readonly #parts: JournalParts;
  #descriptor: number | undefined;
  #size: number;
  /** Bytes of the states that the last compaction wrote. */
  #headBytes = 0;
  #quietUntilSize = 0;
  #failure: unknown;

  constructor(parts: JournalParts) {
    this.#parts = parts;
    this.#descriptor = parts.descriptor;
    this.#size = parts.size;
  }

  /** Why the last entry could not be written; `undefined` while all is well. */
  get failure(): unknown {
    return this.#failure;
  }

  /** Bytes of the file. */
  get size(): number {
    return this.#size;
  }

  /**
   * Writes entries down, in one piece, so that a kill leaves all of them or none; false when they could not
   * be written, and then the file is as it was before.
   */
  append(...entries: readonly JournalEntry[]): boolean {
    if (this.#descriptor === undefined) return false;
    const start = this.#size;
    let lines: readonly Buffer[] = [];
    try {
      lines = entries.map((entry) => Buffer.from(`${JSON.stringify(entry)}\n`));
      writeWhole(this.#descriptor, lines.length === 1 ? (lines[0] ?? Buffer.alloc(0)) : Buffer.concat(lines));
    } catch (cause) {
      this.#cutTo(start);
      this.#fail(cause);
      return false;
    }
    this.#failure = undefined;
    entries.forEach((entry, at) => this.#note(entry, lines[at]?.length ?? 0));
    const nowMs = entries.at(-1)?.atMs ?? 0;
    if (this.#isOver(nowMs)) this.#tryToCompact(nowMs);
    return true;
  }

  #note(entry: JournalEntry, bytes: number): void {
    const { states, blocks } = this.#parts;
    const start = this.#size;
    this.#size += bytes;
    if (isStateEntry(entry)) states.add(entry);
    else blocks.add({ start, end: this.#size, atMs: entry.atMs });
  }

  /** Closes the file; what is appended afterwards is lost. Safe to call twice. */
  close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }

  /**
   * Writes states and kept events again. Through a file beside it, so that a kill leaves either the old
   * journal or the new one.
   */
  compact(nowMs: number): void {
    const { file, states, blocks, retention } = this.#parts;
    if (this.#descriptor === undefined) return;
    const isOverSize = blocks.bytes > retention.maxBytes;
    const kept = blocks.drop(nowMs, retention.maxBytes * (isOverSize ? LEFT_BY_COMPACTION : 1));
    const draft = openDraft(file);
    try {
      for (const entry of states.entries(nowMs)) writeWhole(draft, Buffer.from(`${JSON.stringify(entry)}\n`));
      this.#headBytes = fstatSync(draft).size;
      for (const block of kept) copyBytes(this.#descriptor, draft, block);
      publishDraft(file, draft);
      blocks.moveTo(this.#headBytes);
      this.#size = this.#headBytes + blocks.bytes;
      closeSync(this.#descriptor);
      this.#descriptor = draft;
    } catch (error) {
      closeSync(draft);
      rmSync(`${file}.new`, { force: true });
      throw error;
    }
  }

  /**
   * Also when states of before take more than the events may: each change of an alarm writes its state again.
   */
  #isOver(nowMs: number): boolean {
    if (this.#size < this.#quietUntilSize) return false;
    const { blocks, retention } = this.#parts;
    return (
      blocks.isOver(nowMs) ||
      this.#size - blocks.bytes > 2 * this.#headBytes + retention.maxBytes * STATES_SHARE
    );
  }

  /** A journal that cannot be compacted, on a full disk for instance, grows and tries again later. */
  #tryToCompact(nowMs: number): void {
    try {
      this.compact(nowMs);
      this.#quietUntilSize = 0;
    } catch (cause) {
      this.#quietUntilSize = this.#size + this.#parts.retention.maxBytes * STATES_SHARE;
      this.#fail(cause);
    }
  }

  #cutTo(size: number): void {
    this.#size = size;
    try {
      if (this.#descriptor !== undefined) ftruncateSync(this.#descriptor, size);
    } catch {
      // The start after next sets the torn line aside.
    }
  }

  #fail(cause: unknown): void {
    if (this.#failure === undefined) this.#parts.failed(cause);
    this.#failure = cause;
  }
}
