import type { LambdaFunctionURLEvent } from "aws-lambda";
import { PROBE_HEADER, TOKEN_HEADER, VERIFICATION_MARK } from "../../contract/request.ts";

/** What the agent needs of a Function URL event, whatever shape the event really had. */
export interface Incoming {
  readonly method: string;
  readonly path: string;
  readonly sourceIp: string;
  /** The presented token, trimmed; missing when neither header carries one. */
  readonly token?: string;
  readonly isProbe: boolean;
  /** Whether the pre-traffic hook asks; no caller of the URL can say so. */
  readonly isVerification: boolean;
  /** Decoded bytes of the body; empty when there is none. */
  readonly body: Uint8Array;
}

/** Reads a payload 2.0 event without trusting it: a missing or odd member becomes an empty value. */
export function incomingOf(event: unknown): Incoming {
  const given = (isRecord(event) ? event : {}) as Partial<LambdaFunctionURLEvent>;
  const http: Partial<Record<string, unknown>> = isRecord(given.requestContext?.http)
    ? { ...given.requestContext.http }
    : {};
  const headers = lowerCased(given.headers);
  const token = tokenOf(headers);
  return {
    method: textOf(http.method).toUpperCase(),
    path: textOf(given.rawPath) || "/",
    sourceIp: textOf(http.sourceIp),
    ...(token === undefined ? {} : { token }),
    isProbe: headers.has(PROBE_HEADER),
    isVerification: isRecord(event) && event[VERIFICATION_MARK] === true,
    body: bodyOf(given),
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function lowerCased(headers: unknown): ReadonlyMap<string, string> {
  const pairs = isRecord(headers) ? Object.entries(headers) : [];
  return new Map(pairs.map(([name, value]) => [name.toLowerCase(), textOf(value).trim()]));
}

function tokenOf(headers: ReadonlyMap<string, string>): string | undefined {
  const own = headers.get(TOKEN_HEADER);
  if (own !== undefined && own !== "") return own;
  const bearer = /^bearer[ \t]+(\S.*)$/i.exec(headers.get("authorization") ?? "");
  return bearer?.[1];
}

function bodyOf(event: Partial<LambdaFunctionURLEvent>): Uint8Array {
  return Buffer.from(textOf(event.body), event.isBase64Encoded === true ? "base64" : "utf8");
}
