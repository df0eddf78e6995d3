import {
  closeSync,
  constants,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";

/** The text of a file; `undefined` where there is none. */
export function readOwnFile(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** Opens a file for its owner alone; a symbolic link in its place is refused, not followed. */
export function openOwnFile(file: string, flags: number): number {
  return openSync(file, flags | constants.O_NOFOLLOW, 0o600);
}

const NEW_FILE = constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | constants.O_APPEND;

/** Begins the file that is to replace `file`; what an earlier attempt left, or somebody put there, is removed. */
export function openDraft(file: string): number {
  rmSync(`${file}.new`, { force: true });
  return openOwnFile(`${file}.new`, NEW_FILE);
}

/** Puts a finished draft in the place of `file`: a kill leaves either the old file or the new one. */
export function publishDraft(file: string, draft: number): void {
  fsyncSync(draft);
  renameSync(`${file}.new`, file);
}

/** Replaces a file as a whole, readable by its owner only. */
export function replaceOwnFile(file: string, text: string): void {
  const draft = openDraft(file);
  try {
    writeWhole(draft, Buffer.from(text));
    publishDraft(file, draft);
  } finally {
    closeSync(draft);
  }
}

/** Writes all of `bytes`: one call of the system may take a part only. */
export function writeWhole(descriptor: number, bytes: Buffer): void {
  let written = 0;
  while (written < bytes.length) written += writeSync(descriptor, bytes, written);
}
