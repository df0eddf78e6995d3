import type { Invocation } from "../function/lambda-function.ts";

/** What a Function URL answers; header names in lower case, `set-cookie` apart. */
export interface UrlAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly cookies: readonly string[];
  readonly body: Buffer;
}

const JSON_TYPE = "application/json";
/** @see https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const RESULT_BYTES_MOST = 6_291_556;

/** The HTTP answer that Lambda makes of an invocation's end. */
export function urlAnswer(invocation: Invocation): UrlAnswer {
  if (invocation.kind === "throttled") return throttled();
  if (invocation.kind !== "result" || Buffer.byteLength(invocation.payload) > RESULT_BYTES_MOST)
    return badGateway();
  return mapResult(invocation.payload) ?? badGateway();
}

/** An answer that the URL itself makes, without the function. */
export function ownAnswer(
  status: number,
  members: object,
  headers: Readonly<Record<string, string>> = {},
): UrlAnswer {
  return {
    status,
    headers: { "content-type": JSON_TYPE, ...headers },
    cookies: [],
    body: Buffer.from(JSON.stringify(members)),
  };
}

function throttled(): UrlAnswer {
  const reason = "ReservedFunctionConcurrentInvocationLimitExceeded";
  return ownAnswer(
    429,
    { Reason: reason, Type: "User", message: "Rate Exceeded." },
    { "x-amzn-errortype": "TooManyRequestsException" },
  );
}

function badGateway(): UrlAnswer {
  return {
    status: 502,
    headers: { "content-type": JSON_TYPE },
    cookies: [],
    body: Buffer.from("Internal Server Error"),
  };
}

/** @see https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-response-payload */
function mapResult(payload: string): UrlAnswer | undefined {
  const result = JSON.parse(payload) as unknown;
  if (!isRecord(result) || !("statusCode" in result))
    return { status: 200, headers: { "content-type": JSON_TYPE }, cookies: [], body: Buffer.from(payload) };
  const status = httpStatus(result.statusCode);
  const headers = headerTexts(result.headers);
  const cookies = cookieTexts(result.cookies);
  const body = bodyBytes(result.body, result.isBase64Encoded);
  if (status === undefined || headers === undefined || cookies === undefined || body === undefined)
    return undefined;
  return { status, headers: { "content-type": JSON_TYPE, ...headers }, cookies, body };
}

function httpStatus(statusCode: unknown): number | undefined {
  const status = Number(statusCode);
  return Number.isInteger(status) && status >= 200 && status <= 599 ? status : undefined;
}

function headerTexts(headers: unknown): Record<string, string> | undefined {
  if (isMissing(headers)) return {};
  if (!isRecord(headers)) return undefined;
  const texts: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (typeof value !== "string" && typeof value !== "number" && typeof value !== "boolean")
      return undefined;
    if (!isHeader(name, String(value))) return undefined;
    texts[name.toLowerCase()] = String(value);
  }
  return texts;
}

function cookieTexts(cookies: unknown): readonly string[] | undefined {
  if (isMissing(cookies)) return [];
  if (!Array.isArray(cookies)) return undefined;
  return cookies.every((item) => typeof item === "string" && isHeader("cookie", item)) ? cookies : undefined;
}

function bodyBytes(body: unknown, isBase64Encoded: unknown): Buffer | undefined {
  if (isMissing(body)) return Buffer.alloc(0);
  if (typeof body !== "string") return undefined;
  return Buffer.from(body, isBase64Encoded === true ? "base64" : "utf8");
}

function isMissing(value: unknown): value is null | undefined {
  return value === null || value === undefined;
}

/** @see https://www.rfc-editor.org/rfc/rfc9110#name-field-values */
function isHeader(name: string, value: string): boolean {
  return /^[\w!#$%&'*+.^`|~-]+$/.test(name) && /^[\t\x20-\x7e\x80-\xff]*$/.test(value);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
