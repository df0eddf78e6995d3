import { createHash } from "node:crypto";

const WINDOW_MS = 60_000;
const REMEMBERED_MOST = 256;

/** Remembers by hash what was asked in the last minute; the asked text itself is not kept. */
export class Duplicates {
  readonly #seenMs = new Map<string, number>();

  /** Whether the same token sent the same body within the last 60 s; each question counts as the newest. */
  isRepeated(token: string, body: Uint8Array, nowMs: number): boolean {
    const key = createHash("sha256").update(token).update("\n").update(body).digest("base64");
    const lastMs = this.#seenMs.get(key);
    this.#seenMs.delete(key);
    this.#seenMs.set(key, nowMs);
    this.#forgetOldest();
    return lastMs !== undefined && nowMs - lastMs <= WINDOW_MS;
  }

  #forgetOldest(): void {
    if (this.#seenMs.size <= REMEMBERED_MOST) return;
    for (const key of this.#seenMs.keys()) {
      this.#seenMs.delete(key);
      return;
    }
  }
}
