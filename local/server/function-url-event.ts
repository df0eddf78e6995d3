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
    ...body(request.body, received),
  };
}

function splitTarget(target: string): string[] {
  const at = target.indexOf("?");
  return at < 0 ? [target] : [target.slice(0, at), target.slice(at + 1)];
}

type Headers = Readonly<Record<string, string>> & { readonly cookie?: string; readonly host?: string };

function joinedHeaders(raw: readonly string[]): Headers {
  const joined: Record<string, string> = {};
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
  const joined: Record<string, string> = {};
  for (const [name, value] of new URLSearchParams(query)) {
    const before = joined[name];
    joined[name] = before === undefined ? value : `${before},${value}`;
  }
  return joined;
}

function requestContext(request: UrlRequest, path: string, headers: Headers): object {
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

function body(bytes: Buffer, headers: Headers): { body?: string; isBase64Encoded: boolean } {
  if (bytes.length === 0) return { isBase64Encoded: false };
  const isBase64Encoded = !isText(headers);
  return { body: bytes.toString(isBase64Encoded ? "base64" : "utf8"), isBase64Encoded };
}

const TEXT_TYPE = /^(text\/.*|application\/(json|javascript|xml|.+\+(json|xml)))$/;

/** Lambda takes few types for text; a form or a body without a type arrives in base64. */
function isText(headers: Headers): boolean {
  const type = headers["content-type"]?.split(";")[0]?.trim().toLowerCase() ?? "";
  return headers["content-encoding"] === undefined && TEXT_TYPE.test(type);
}
