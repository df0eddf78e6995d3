import { createHash, timingSafeEqual } from "node:crypto";
import { graceEndMs, type TokenDocument, tokenDocumentOf } from "../contract/token.ts";
import type { ReadToken, TokenFault, TokenReading } from "../read-token.ts";

/**
 * Which token a caller presented: the current one, the one before it within its grace time, or that one after
 * it.
 */
export type TokenAge = "current" | "previous" | "expired";

/**
 * Compares a presented token in constant time; `undefined` when the document does not know it.
 *
 * Digests are compared because `timingSafeEqual` throws on unequal lengths, and both always, so that a token
 * that was never valid takes the same time whatever the document holds. A previous token without a readable
 * end of its grace time is expired: the document says that it was replaced, and nobody promised it anything.
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

/**
 * Shortest time between two readings while no token was ever read: a wrong deployment must not hammer SSM
 * with every request.
 */
const RETRY_MS = 1_000;

/**
 * From this share of the TTL on a token is read again in the background, so that an environment in use never
 * waits for SSM.
 */
const EARLY_SHARE = 0.8;

/**
 * So long a token is believed while SSM cannot be reached; a revocation meanwhile takes effect after it at
 * the latest.
 */
export const MAX_STALE_MS = 3_600_000;

/**
 * Shortest time between two readings that refused tokens cause, so that a scanner cannot hammer SSM through
 * us.
 */
const RECHECK_MS = 10_000;

/**
 * Keeps the token for a TTL and reads it again towards its end, in the background. After the TTL, as in an
 * environment that was idle, a request waits for the new reading: it must not pass with a token that was
 * revoked meanwhile.
 *
 * Only while SSM cannot be reached is an older token believed, for {@link MAX_STALE_MS} at most: an outage of
 * SSM is not one of ours. A parameter that is gone, denied or empty closes the agent at once.
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
    const ageMs = this.#now() - this.#cached.readMs;
    if (ageMs < this.#ttlMs * EARLY_SHARE) return { document: this.#cached.document };
    if (ageMs < this.#ttlMs || this.#isOutageUnderWay(ageMs)) {
      void this.#refresh();
      return { document: this.#cached.document };
    }
    return this.#afterReading();
  }

  /**
   * Whether the last reading failed for want of SSM, so that waiting for the next one would only cost time.
   */
  #isOutageUnderWay(ageMs: number): boolean {
    return this.#lastFault === "token_unavailable" && ageMs < MAX_STALE_MS;
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
    const cached = this.#cached;
    if (cached === undefined) return { fault: fault ?? "token_unavailable" };
    const isTooOld = fault !== undefined && this.#now() - cached.readMs >= MAX_STALE_MS;
    return isTooOld ? { fault } : { document: cached.document };
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
    if ("fault" in reading) {
      // "Not there" and "denied" are answers: whoever took the parameter away wants nobody to pass.
      if (reading.fault !== "token_unavailable") this.#cached = undefined;
      return reading.fault;
    }
    const document = tokenDocumentOf(reading.value);
    this.#cached = document === undefined ? undefined : { document, readMs: this.#now() };
    return document === undefined ? "token_empty" : undefined;
  }
}
