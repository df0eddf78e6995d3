import { randomBytes } from "node:crypto";
import { chmodSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";

/** The file that holds the current token in clear, for its owner's eyes and for the commands. */
export class TokenFile {
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
  }

  /** `undefined` before there is a token. */
  read(): string | undefined {
    try {
      chmodSync(this.#file, 0o600);
      const token = readFileSync(this.#file, "utf8").trim();
      return token === "" ? undefined : token;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw error;
    }
  }

  /** Replaces the file as a whole; without a token there is no file. */
  write(token: string | undefined): void {
    if (token === undefined) {
      rmSync(this.#file, { force: true });
      return;
    }
    writeFileSync(`${this.#file}.new`, `${token}\n`, { mode: 0o600 });
    renameSync(`${this.#file}.new`, this.#file);
  }
}

/** A token that nobody can guess. */
export function newToken(): string {
  return randomBytes(32).toString("base64");
}

/** The current token in a parameter's value: member `current` of a JSON object, or else the value itself. */
export function currentToken(value: string): string {
  try {
    const parsed: unknown = JSON.parse(value);
    if (typeof parsed === "object" && parsed !== null && "current" in parsed)
      return typeof parsed.current === "string" ? parsed.current : "";
  } catch {
    // A bare token is no JSON.
  }
  return value.trim();
}
