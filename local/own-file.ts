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

/** A file of the data directory that cannot be used: something else has its name, or another user has it. */
export class OwnFileError extends Error {
  override readonly name = "OwnFileError";

  constructor(file: string, cause: unknown) {
    const why = cause instanceof Error ? cause.message : String(cause);
    super(`${file} cannot be used: move it away, or choose another directory with --data (${why})`, {
      cause,
    });
  }
}

/** The text of a file; `undefined` where there is none. */
export function readOwnFile(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new OwnFileError(file, error);
  }
}

/** Removes a file that may be there. */
export function removeOwnFile(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch (error) {
    throw new OwnFileError(file, error);
  }
}

/** Opens a file for its owner alone; a symbolic link in its place is refused, not followed. */
export function openOwnFile(file: string, flags: number): number {
  try {
    return openSync(file, flags | constants.O_NOFOLLOW, 0o600);
  } catch (error) {
    throw new OwnFileError(file, error);
  }
}

const NEW_FILE = constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | constants.O_APPEND;

/**
 * Begins the file that is to replace `file`; what an earlier attempt left, or somebody put there, is removed.
 */
export function openDraft(file: string): number {
  removeOwnFile(`${file}.new`);
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
