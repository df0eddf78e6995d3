import { createHash, timingSafeEqual } from "node:crypto";
import { graceEndMs, type TokenDocument } from "../../contract/token.ts";

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
