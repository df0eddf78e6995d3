import { createHmac } from "node:crypto";

/**
 * Names a caller's address by a short hash that stays the same over days, so that one stale Shortcut can be told from many.
 *
 * The key is the deployment's parameter name: it keeps hashes of different deployments apart and is no secret, so the
 * hash hides an address from a reader of the log, not from somebody who tries every address.
 */
export function clientOf(
  sourceIp: string,
  settings: { readonly stage: string; readonly tokenParameterName: string },
): string {
  const key = `${settings.stage}\n${settings.tokenParameterName}`;
  return createHmac("sha256", key).update(sourceIp).digest("hex").slice(0, 12);
}
