import { isJsonObject } from "@wrist-agent/cloudwatch/json";
import type { LambdaFunctionURLEvent, LambdaFunctionURLResult } from "aws-lambda";
import {
  type Mode,
  MODES,
  OUTCOME_HEADER,
  PROBE_HEADER,
  PROBE_MODE_HEADER,
  REQUEST_ID_HEADER,
  TOKEN_HEADER,
  VERIFICATION_MARK,
} from "../contract/request.ts";

/** What the agent needs of a Function URL event, whatever shape the event really had. */
export interface HttpRequest {
  readonly method: string;
  readonly path: string;
  readonly sourceIp: string;
  /** The presented token, trimmed; missing when neither header carries one. */
  readonly token?: string;
  readonly isProbe: boolean;
  /** The mode that the probe wants asked in full; missing where it names none. */
  readonly probeMode?: Mode;
  /** Whether the pre-traffic hook asks; no caller of the URL can say so. */
  readonly isVerification: boolean;
  /** Decoded bytes of the body; empty when there is none. */
  readonly body: Uint8Array;
}

/** Reads a payload 2.0 event without trusting it: a missing or odd member becomes an empty value. */
export function readFunctionUrlEvent(event: unknown): HttpRequest {
  const given = (isJsonObject(event) ? event : {}) as Partial<LambdaFunctionURLEvent>;
  const http: Partial<Record<string, unknown>> = isJsonObject(given.requestContext?.http)
    ? { ...given.requestContext.http }
    : {};
  const headers = lowerCaseHeaders(given.headers);
  const token = tokenOf(headers);
  const probeMode = MODES.find((mode) => mode === headers.get(PROBE_HEADER));
  return {
    method: stringOrEmpty(http.method).toUpperCase(),
    path: stringOrEmpty(given.rawPath) || "/",
    sourceIp: stringOrEmpty(http.sourceIp),
    ...(token === undefined ? {} : { token }),
    isProbe: headers.has(PROBE_HEADER),
    ...(probeMode === undefined ? {} : { probeMode }),
    isVerification: isJsonObject(event) && event[VERIFICATION_MARK] === true,
    body: bodyOf(given),
  };
}

function stringOrEmpty(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function lowerCaseHeaders(headers: unknown): ReadonlyMap<string, string> {
  const pairs = isJsonObject(headers) ? Object.entries(headers) : [];
  return new Map(pairs.map(([name, value]) => [name.toLowerCase(), stringOrEmpty(value).trim()]));
}

function tokenOf(headers: ReadonlyMap<string, string>): string | undefined {
  const own = headers.get(TOKEN_HEADER);
  if (own !== undefined && own !== "") return own;
  const bearer = /^bearer[ \t]+(\S.*)$/i.exec(headers.get("authorization") ?? "");
  return bearer?.[1];
}

function bodyOf(event: Partial<LambdaFunctionURLEvent>): Uint8Array {
  return Buffer.from(stringOrEmpty(event.body), event.isBase64Encoded === true ? "base64" : "utf8");
}

/** What the agent answers, before it becomes a Lambda result. */
export interface HttpResponse {
  readonly status: number;
  readonly body: object;
  /** Seconds after which asking again makes sense; sent with 429 and 503. */
  readonly retryAfterSeconds?: number;
  /** Methods that would have been accepted; sent with 405. */
  readonly allow?: string;
  /** Outcome and reason, for the probe alone. */
  readonly outcome?: string;
  /** Mode of a full question, for the probe alone. */
  readonly probeMode?: string;
}

/** A Lambda result of payload 2.0 in its long form. */
export type AgentResult = Exclude<LambdaFunctionURLResult, string>;

/** The Lambda result of an answer: JSON, never cached, with the request id that the log has. */
export function functionUrlResult(answer: HttpResponse, requestId: string): AgentResult {
  return {
    statusCode: answer.status,
    headers: {
      "content-type": "application/json",
      "cache-control": "no-store",
      [REQUEST_ID_HEADER]: requestId,
      ...(answer.retryAfterSeconds === undefined ? {} : { "retry-after": String(answer.retryAfterSeconds) }),
      ...(answer.allow === undefined ? {} : { allow: answer.allow }),
      ...(answer.outcome === undefined ? {} : { [OUTCOME_HEADER]: answer.outcome }),
      ...(answer.probeMode === undefined ? {} : { [PROBE_MODE_HEADER]: answer.probeMode }),
    },
    body: JSON.stringify(answer.body),
  };
}
