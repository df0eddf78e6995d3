import { createHash, createHmac } from "node:crypto";

const DUPLICATE_WINDOW_MS = 60_000;
const MAX_REMEMBERED = 256;

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
    return lastMs !== undefined && nowMs - lastMs <= DUPLICATE_WINDOW_MS;
  }

  #forgetOldest(): void {
    if (this.#seenMs.size <= MAX_REMEMBERED) return;
    for (const key of this.#seenMs.keys()) {
      this.#seenMs.delete(key);
      return;
    }
  }
}

/**
 * Names a caller's address by a short hash that stays the same over days, so that one stale Shortcut can be
 * told from many.
 *
 * The key is the deployment's parameter name: it keeps hashes of different deployments apart and is no
 * secret, so the hash hides an address from a reader of the log, not from somebody who tries every address.
 */
export function clientHash(
  sourceIp: string,
  settings: { readonly stage: string; readonly tokenParameterName: string },
): string {
  const key = `${settings.stage}\n${settings.tokenParameterName}`;
  return createHmac("sha256", key).update(sourceIp).digest("hex").slice(0, 12);
}
