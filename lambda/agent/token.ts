import { createHash, timingSafeEqual } from "node:crypto";
import { graceEndMs, type TokenDocument, tokenDocumentOf } from "../contract/token.ts";
import type { ReadToken, TokenFault, TokenReading } from "../ssm/read-token.ts";

/** Which token a caller presented: the current one, the one before it within its grace time, or that one after it. */
export type TokenAge = "current" | "previous" | "expired";

/**
 * Compares a presented token in constant time; `undefined` when the document does not know it.
 *
 * Digests are compared because `timingSafeEqual` throws on unequal lengths, and both always, so that a token that was never valid
 * takes the same time whatever the document holds. A previous token without a readable end of its grace time is expired: the
 * document says that it was replaced, and nobody promised it anything.
 */
export function tokenAgeOf(presented: string, document: TokenDocument, nowMs: number): TokenAge | undefined {
  const given = digestOf(presented);
  const isCurrent = timingSafeEqual(given, digestOf(document.current));
  const isPrevious = timingSafeEqual(given, digestOf(document.previous ?? ""));
  if (isCurrent) return "current";
  if (!isPrevious || document.previous === undefined) return undefined;
  return nowMs < graceEndMs(document) ? "previous" : "expired";
}

function digestOf(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}

/** What {@link TokenCache.get} answers. */
export type TokenState = { readonly document: TokenDocument } | { readonly fault: TokenFault };

interface Cached {
  readonly document: TokenDocument;
  readonly readMs: number;
}

/** Shortest time between two readings while no token was ever read: a wrong deployment must not hammer SSM with every request. */
const RETRY_MS = 1_000;

/** Shortest time between two readings that refused tokens cause, so that a scanner cannot hammer SSM through us. */
const RECHECK_MS = 10_000;

/**
 * Keeps the token for a TTL. After it, callers get the old value at once while a new one is read in the background, so that
 * no request waits for SSM except the first, and an outage of SSM is not one of ours.
 */
export class TokenCache {
  readonly #read: ReadToken;
  readonly #ttlMs: number;
  readonly #now: () => number;
  #cached: Cached | undefined;
  #lastReadingMs = Number.NEGATIVE_INFINITY;
  #lastFault: TokenFault | undefined;
  #reading: Promise<TokenFault | undefined> | undefined;

  /** `now` is epoch milliseconds. */
  constructor(read: ReadToken, ttlMs: number, now: () => number) {
    this.#read = read;
    this.#ttlMs = ttlMs;
    this.#now = now;
  }

  /** The token to compare with. */
  async get(): Promise<TokenState> {
    if (this.#cached === undefined) return this.#withoutToken();
    if (this.#now() - this.#cached.readMs >= this.#ttlMs) void this.#refresh();
    return { document: this.#cached.document };
  }

  /** The token for a second look at one that was refused: it may have been rotated a moment ago. */
  async recheck(): Promise<TokenState> {
    const isRecent = this.#now() - this.#lastReadingMs < RECHECK_MS;
    // A reading that is under way may bring the very token that was refused.
    return isRecent && this.#reading === undefined ? this.get() : this.#afterReading();
  }

  async #withoutToken(): Promise<TokenState> {
    const isRecent = this.#now() - this.#lastReadingMs < RETRY_MS;
    if (isRecent && this.#reading === undefined && this.#lastFault !== undefined)
      return { fault: this.#lastFault };
    return this.#afterReading();
  }

  async #afterReading(): Promise<TokenState> {
    const fault = await this.#refresh();
    return this.#cached === undefined
      ? { fault: fault ?? "token_unavailable" }
      : { document: this.#cached.document };
  }

  /** One reading at a time, shared by everybody who waits. */
  #refresh(): Promise<TokenFault | undefined> {
    this.#reading ??= this.#readOnce().finally(() => (this.#reading = undefined));
    return this.#reading;
  }

  async #readOnce(): Promise<TokenFault | undefined> {
    this.#lastReadingMs = this.#now();
    this.#lastFault = this.#take(await this.#read());
    return this.#lastFault;
  }

  #take(reading: TokenReading): TokenFault | undefined {
    if ("fault" in reading) return reading.fault;
    const document = tokenDocumentOf(reading.value);
    this.#cached = document === undefined ? undefined : { document, readMs: this.#now() };
    return document === undefined ? "token_empty" : undefined;
  }
}
