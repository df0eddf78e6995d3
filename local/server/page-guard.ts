import type { IncomingMessage } from "node:http";
import { refuse, type JsonAnswer } from "./page-routes.ts";

const LOCAL_NAMES: ReadonlySet<string> = new Set(["localhost", "127.0.0.1", "[::1]"]);

/** Headers of every answer: nothing from elsewhere runs in the page, and nobody frames it or keeps it. */
export const PAGE_HEADERS: Readonly<Record<string, string>> = {
  "content-security-policy": [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join("; "),
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-resource-policy": "same-origin",
  "cross-origin-opener-policy": "same-origin",
};

/** Why a request is refused whatever it asks for: a name that is not this machine's is another site's page asking. */
export function refuseForeignHost(request: IncomingMessage): JsonAnswer | undefined {
  const host = request.headers.host ?? "";
  const name = URL.canParse(`http://${host}`) ? new URL(`http://${host}`).hostname : "";
  return LOCAL_NAMES.has(name)
    ? undefined
    : refuse(403, `host ${JSON.stringify(host)} is not this machine: use localhost or 127.0.0.1`);
}

/** Why a request may not change anything: another site's page could send it without asking first. */
export function refuseForeignChange(request: IncomingMessage): JsonAnswer | undefined {
  const { origin, host } = request.headers;
  if (origin !== undefined && origin !== `http://${host ?? ""}`)
    return refuse(
      403,
      `origin ${JSON.stringify(origin)} is another site: only this page may change anything`,
    );
  const type = (request.headers["content-type"] ?? "").split(";")[0]?.trim().toLowerCase();
  return type === "application/json"
    ? undefined
    : refuse(415, `content type must be application/json; got ${JSON.stringify(type)}`);
}
