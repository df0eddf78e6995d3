import { type JournalEntry, parseJournalEntry } from "./journal-entry.ts";
import type { JournalRetention } from "./journal-blocks.ts";
import { isStateEntry } from "./journal-states.ts";
import { type FileLine, fileLines } from "./line-reader.ts";

/** What a journal held when it was opened, for another thread to read too; whoever gets it closes the descriptor. */
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
    // What came behind it since is told as it comes.
    if (line.start >= size) return;
    const entry = line.bytes && parseJournalEntry(line.bytes.toString("utf8"));
    const isKept =
      entry === undefined ||
      isStateEntry(entry) ||
      (entry.atMs >= nowMs - retention.keepMs && size - line.start <= retention.maxBytes);
    yield { line, entry, isKept };
  }
}
