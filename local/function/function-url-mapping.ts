import { isJsonObject } from "@wrist-agent/cloudwatch/json";
import type { Invocation } from "./lambda-function.ts";

/** An HTTP request as it came in, before Lambda's mapping. */
export interface UrlRequest {
  readonly method: string;
  /** Path and query as on the request line. */
  readonly target: string;
  /** Names and values in turn, as received: Node's `rawHeaders`. */
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
  readonly sourceIp: string;
  /** `HTTP/1.1`. */
  readonly protocol: string;
  readonly requestId: string;
  readonly traceId: string;
  readonly nowMs: number;
}

/** The event that a Function URL hands to the handler, payload format 2.0. */
export interface UrlEvent {
  readonly version: "2.0";
  readonly routeKey: "$default";
  readonly rawPath: string;
  readonly rawQueryString: string;
  readonly cookies?: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
  readonly queryStringParameters?: Readonly<Record<string, string>>;
  readonly requestContext: object;
  readonly body?: string;
  readonly isBase64Encoded: boolean;
}

/** @see https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-payloads */
export function urlEvent(request: UrlRequest): UrlEvent {
  const [rawPath = "/", rawQueryString = ""] = splitTarget(request.target);
  const { cookie, ...received } = joinedHeaders(request.rawHeaders);
  const headers = { ...received, ...forwardedHeaders(request, received.host) };
  const query = queryParameters(rawQueryString);
  return {
    version: "2.0",
    routeKey: "$default",
    rawPath,
    rawQueryString,
    ...(cookie !== undefined && { cookies: cookie.split(/;\s*|,/).filter((item) => item !== "") }),
    headers,
    ...(query !== undefined && { queryStringParameters: query }),
    requestContext: requestContext(request, rawPath, received),
    ...eventBody(request.body, received),
  };
}

function splitTarget(target: string): string[] {
  const at = target.indexOf("?");
  return at < 0 ? [target] : [target.slice(0, at), target.slice(at + 1)];
}

type EventHeaders = Readonly<Record<string, string>> & { readonly cookie?: string; readonly host?: string };

function joinedHeaders(raw: readonly string[]): EventHeaders {
  const joined = Object.create(null) as Record<string, string>;
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = raw[at]?.toLowerCase() ?? "";
    const value = raw[at + 1] ?? "";
    const before = joined[name];
    joined[name] = before === undefined ? value : `${before}${name === "cookie" ? "; " : ","}${value}`;
  }
  return joined;
}

function forwardedHeaders(request: UrlRequest, host: string | undefined): Record<string, string> {
  return {
    "x-amzn-trace-id": request.traceId,
    "x-forwarded-for": request.sourceIp,
    "x-forwarded-port": /:(\d+)$/.exec(host ?? "")?.[1] ?? "80",
    "x-forwarded-proto": "http",
  };
}

function queryParameters(query: string): Record<string, string> | undefined {
  if (query === "") return undefined;
  const joined = Object.create(null) as Record<string, string>;
  for (const [name, value] of new URLSearchParams(query)) {
    const before = joined[name];
    joined[name] = before === undefined ? value : `${before},${value}`;
  }
  return joined;
}

function requestContext(request: UrlRequest, path: string, headers: EventHeaders): object {
  const domainName = headers.host ?? "localhost";
  return {
    accountId: "anonymous",
    apiId: "local",
    domainName,
    domainPrefix: domainName.split(/[.:]/)[0],
    http: {
      method: request.method,
      path,
      protocol: request.protocol,
      sourceIp: request.sourceIp,
      userAgent: headers["user-agent"] ?? "",
    },
    requestId: request.requestId,
    routeKey: "$default",
    stage: "$default",
    time: commonLogTime(request.nowMs),
    timeEpoch: request.nowMs,
  };
}

/** `12/Mar/2020:19:03:58 +0000`. */
function commonLogTime(nowMs: number): string {
  const [, day, month, year, time] = new Date(nowMs).toUTCString().split(" ");
  return `${day}/${month}/${year}:${time} +0000`;
}

function eventBody(bytes: Buffer, headers: EventHeaders): { body?: string; isBase64Encoded: boolean } {
  if (bytes.length === 0) return { isBase64Encoded: false };
  const isBase64Encoded = !isTextBody(headers);
  return { body: bytes.toString(isBase64Encoded ? "base64" : "utf8"), isBase64Encoded };
}

const TEXT_TYPE = /^(text\/.*|application\/(json|javascript|xml|.+\+(json|xml)))$/;

/** Lambda takes few types for text; a form or a body without a type arrives in base64. */
function isTextBody(headers: EventHeaders): boolean {
  const type = headers["content-type"]?.split(";")[0]?.trim().toLowerCase() ?? "";
  return headers["content-encoding"] === undefined && TEXT_TYPE.test(type);
}

/** What a Function URL answers; header names in lower case, `set-cookie` apart. */
export interface UrlAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly cookies: readonly string[];
  readonly body: Buffer;
}

const JSON_TYPE = "application/json";
/** @see https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const MAX_RESULT_BYTES = 6_291_556;

/** The HTTP answer that Lambda makes of an invocation's end. */
export function urlAnswer(invocation: Invocation): UrlAnswer {
  if (invocation.kind === "throttled") return throttled();
  if (invocation.kind !== "result" || Buffer.byteLength(invocation.payload) > MAX_RESULT_BYTES)
    return badGateway();
  return mapResult(invocation.payload) ?? badGateway();
}

/** An answer that the URL itself makes, without the function. */
export function urlOwnAnswer(
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
  return urlOwnAnswer(
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
  if (!isJsonObject(result) || !("statusCode" in result))
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
  if (!isJsonObject(headers)) return undefined;
  const texts = Object.create(null) as Record<string, string>;
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

/** The `Cors` property of a Function URL, as its template spells it. */
export interface CorsConfig {
  readonly AllowOrigins?: readonly string[];
  readonly AllowMethods?: readonly string[];
  readonly AllowHeaders?: readonly string[];
  readonly ExposeHeaders?: readonly string[];
  /** Seconds. */
  readonly MaxAge?: number;
  readonly AllowCredentials?: boolean;
}

/** What CORS asks about a request. */
export interface CorsRequest {
  readonly method: string;
  readonly origin: string | undefined;
  /** `Access-Control-Request-Method`. */
  readonly requestMethod: string | undefined;
}

/** True for a question that the Function URL answers itself, without the function. */
export function isCorsPreflight(cors: CorsConfig | undefined, request: CorsRequest): boolean {
  const asks = request.origin !== undefined && request.requestMethod !== undefined;
  return cors !== undefined && request.method === "OPTIONS" && asks;
}

/** Headers of the answer to a preflight; none where the configuration allows nothing of it. */
export function corsPreflightHeaders(cors: CorsConfig, request: CorsRequest): Record<string, string> {
  const origin = allowedOrigin(cors, request.origin);
  const methods = cors.AllowMethods ?? [];
  const allowed = methods.includes("*") || methods.includes(request.requestMethod ?? "");
  if (origin === undefined || !allowed) return {};
  return {
    ...originHeaders(cors, origin),
    "access-control-allow-methods": methods.join(","),
    ...(cors.AllowHeaders && { "access-control-allow-headers": cors.AllowHeaders.join(",") }),
    ...(cors.MaxAge !== undefined && { "access-control-max-age": String(cors.MaxAge) }),
  };
}

/** Headers that the URL adds to the function's answer; they replace those of the function. */
export function corsAnswerHeaders(
  cors: CorsConfig | undefined,
  origin: string | undefined,
): Record<string, string> {
  const allowed = cors && allowedOrigin(cors, origin);
  if (cors === undefined || allowed === undefined) return {};
  return {
    ...originHeaders(cors, allowed),
    ...(cors.ExposeHeaders && { "access-control-expose-headers": cors.ExposeHeaders.join(",") }),
  };
}

function originHeaders(cors: CorsConfig, origin: string): Record<string, string> {
  return {
    "access-control-allow-origin": origin,
    ...(origin !== "*" && { vary: "Origin" }),
    ...(cors.AllowCredentials === true && { "access-control-allow-credentials": "true" }),
  };
}

function allowedOrigin(cors: CorsConfig, origin: string | undefined): string | undefined {
  const origins = cors.AllowOrigins ?? [];
  if (origin === undefined) return undefined;
  if (origins.includes("*")) return cors.AllowCredentials === true ? origin : "*";
  return origins.includes(origin) ? origin : undefined;
}
