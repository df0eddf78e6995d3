import { closeSync, openSync, writeSync } from "node:fs";
import { mkdir, open, readFile, rename, truncate, writeFile } from "node:fs/promises";
import { dirname } from "node:path";

import { compact, type Retention } from "./compact.ts";
import { entryOf, type JournalEntry } from "./entry.ts";

/** What opening a journal found. */
export interface OpenedJournal {
  readonly journal: Journal;
  /** Everything of before, oldest first. */
  readonly entries: readonly JournalEntry[];
  /** What could not be read, for the user. */
  readonly notices: readonly string[];
}

/** How to open a journal. */
export interface JournalOptions {
  readonly file: string;
  readonly nowMs: number;
  readonly retention: Retention;
  /** Told once when a line cannot be written, a full disk for instance; the system goes on without it. */
  readonly failed: (cause: unknown) => void;
}

/** Opens a journal, however its last writer ended: a torn last line is cut off, what is too old is dropped. */
export async function openJournal(options: JournalOptions): Promise<OpenedJournal> {
  const { file, nowMs, retention } = options;
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const { entries, unreadable } = await readWholeLines(file);
  const compacted = compact(entries, nowMs, retention);
  if (compacted.isSmaller) await rewrite(file, compacted.entries);
  return {
    journal: new Journal(file, options.failed),
    entries: compacted.entries,
    notices:
      unreadable === 0 ? [] : [`${file}: ${unreadable} unreadable line(s) are left out of the history`],
  };
}

const NEWLINE = 0x0a;

async function readWholeLines(file: string) {
  const bytes = await readFile(file).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return Buffer.alloc(0);
    throw error;
  });
  const wholeBytes = bytes.lastIndexOf(NEWLINE) + 1;
  if (wholeBytes < bytes.length) await truncate(file, wholeBytes);
  const lines = bytes.subarray(0, wholeBytes).toString("utf8").split("\n").slice(0, -1);
  const entries = lines.map(entryOf).filter((entry) => entry !== undefined);
  return { entries, unreadable: lines.length - entries.length };
}

/** Through a file beside it, so that a kill leaves either the old journal or the new one. */
async function rewrite(file: string, entries: readonly JournalEntry[]): Promise<void> {
  const text = entries.map((entry) => `${JSON.stringify(entry)}\n`).join("");
  await writeFile(`${file}.new`, text, { mode: 0o600 });
  const written = await open(`${file}.new`);
  try {
    await written.sync();
  } finally {
    await written.close();
  }
  await rename(`${file}.new`, file);
}

/** An append-only file of JSON lines. Each entry is handed to the system before `append` returns. */
export class Journal {
  readonly #failed: (cause: unknown) => void;
  #descriptor: number | undefined;
  #hasFailed = false;

  constructor(file: string, failed: (cause: unknown) => void) {
    this.#failed = failed;
    this.#descriptor = openSync(file, "a", 0o600);
  }

  /** Never throws: what cannot be written down must not fail the request that it is about. */
  append(entry: JournalEntry): void {
    if (this.#descriptor === undefined) return;
    try {
      writeWhole(this.#descriptor, Buffer.from(`${JSON.stringify(entry)}\n`));
    } catch (cause) {
      if (!this.#hasFailed) this.#failed(cause);
      this.#hasFailed = true;
    }
  }

  /** Closes the file; what is appended afterwards is lost. Safe to call twice. */
  close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }
}

function writeWhole(descriptor: number, bytes: Buffer): void {
  let written = 0;
  while (written < bytes.length) written += writeSync(descriptor, bytes, written);
}
