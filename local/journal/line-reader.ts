import { readSync } from "node:fs";

/** A line of a file, without its end. */
export interface FileLine {
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

/** Reads a file line by line in bounded memory, whatever its size; a last line without its end is left out. */
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
