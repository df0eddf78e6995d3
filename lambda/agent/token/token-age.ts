import { createHash, timingSafeEqual } from "node:crypto";
import type { TokenDocument } from "../../contract/token.ts";

/** Which of the two valid tokens a caller presented. */
export type TokenAge = "current" | "previous";

/**
 * Compares a presented token in constant time; `undefined` when it is neither valid one.
 *
 * Digests are compared because `timingSafeEqual` throws on unequal lengths. The previous token needs an end of its
 * grace time that is still ahead: without one it is refused.
 */
export function tokenAgeOf(presented: string, document: TokenDocument, nowMs: number): TokenAge | undefined {
  const given = digestOf(presented);
  const isCurrent = timingSafeEqual(given, digestOf(document.current));
  const isPrevious = timingSafeEqual(given, digestOf(document.previous ?? ""));
  if (isCurrent) return "current";
  const graceEndMs = Date.parse(document.previousValidUntil ?? "");
  return isPrevious && document.previous !== undefined && nowMs < graceEndMs ? "previous" : undefined;
}

function digestOf(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}
