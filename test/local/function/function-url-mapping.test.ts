import { describe, expect, test } from "vitest";
import { urlAnswer, urlEvent, type UrlRequest } from "../../../local/function/function-url-mapping.ts";
import type { Invocation } from "../../../local/function/lambda-function.ts";

const REQUEST: UrlRequest = {
  method: "POST",
  target: "/",
  rawHeaders: ["Host", "127.0.0.1:7701", "Content-Type", "application/json"],
  body: Buffer.from("{}"),
  sourceIp: "127.0.0.1",
  protocol: "HTTP/1.1",
  requestId: "id-1",
  traceId: "Root=1-0-0",
  nowMs: Date.UTC(2020, 2, 12, 19, 3, 58),
};

describe("a request becomes an event of payload format 2.0", () => {
  test("with its context complete", () => {
    const event = urlEvent({
      ...REQUEST,
      target: "/a%20b/c?x=1&y=2&x=3%20z",
      rawHeaders: [...REQUEST.rawHeaders, "User-Agent", "curl/8"],
    });
    expect(event).toEqual({
      version: "2.0",
      routeKey: "$default",
      rawPath: "/a%20b/c",
      rawQueryString: "x=1&y=2&x=3%20z",
      headers: {
        host: "127.0.0.1:7701",
        "content-type": "application/json",
        "user-agent": "curl/8",
        "x-amzn-trace-id": "Root=1-0-0",
        "x-forwarded-for": "127.0.0.1",
        "x-forwarded-port": "7701",
        "x-forwarded-proto": "http",
      },
      queryStringParameters: { x: "1,3 z", y: "2" },
      requestContext: {
        accountId: "anonymous",
        apiId: "local",
        domainName: "127.0.0.1:7701",
        domainPrefix: "127",
        http: {
          method: "POST",
          path: "/a%20b/c",
          protocol: "HTTP/1.1",
          sourceIp: "127.0.0.1",
          userAgent: "curl/8",
        },
        requestId: "id-1",
        routeKey: "$default",
        stage: "$default",
        time: "12/Mar/2020:19:03:58 +0000",
        timeEpoch: 1584039838000,
      },
      body: "{}",
      isBase64Encoded: false,
    });
  });

  test("with repeated headers joined by commas and cookies apart", () => {
    const event = urlEvent({
      ...REQUEST,
      rawHeaders: ["X-A", "1", "x-a", "2", "Cookie", "a=1; b=2", "cookie", "c=3"],
    });
    expect(event.headers["x-a"]).toBe("1,2");
    expect(event.headers).not.toHaveProperty("cookie");
    expect(event.cookies).toEqual(["a=1", "b=2", "c=3"]);
  });

  test("without a body or query when there is none", () => {
    const event = urlEvent({ ...REQUEST, body: Buffer.alloc(0) });
    expect(event).not.toHaveProperty("body");
    expect(event).not.toHaveProperty("queryStringParameters");
    expect(event).not.toHaveProperty("cookies");
    expect(event.isBase64Encoded).toBe(false);
  });

  test.each([
    ["application/json; charset=utf-8", false],
    ["Text/Plain", false],
    ["application/vnd.api+json", false],
    ["application/xml", false],
    ["application/x-www-form-urlencoded", true],
    ["application/octet-stream", true],
    ["image/png", true],
    [undefined, true],
  ])("of type %s has a body in base64: %s", (type, encoded) => {
    const rawHeaders = type === undefined ? [] : ["content-type", type];
    const event = urlEvent({ ...REQUEST, rawHeaders, body: Buffer.from("äb") });
    expect(event.isBase64Encoded).toBe(encoded);
    expect(event.body).toBe(encoded ? Buffer.from("äb").toString("base64") : "äb");
  });
});

describe("an invocation becomes an HTTP answer", () => {
  const answer = (result: unknown) => urlAnswer({ kind: "result", payload: JSON.stringify(result) });

  test.each([
    [{ statusCode: 201, body: "made" }, 201, "made"],
    [{ statusCode: "204" }, 204, ""],
    [{ statusCode: 200, body: null, headers: null, cookies: null }, 200, ""],
    [{ statusCode: 200, body: "aGk=", isBase64Encoded: true }, 200, "hi"],
    [{ message: "bare" }, 200, '{"message":"bare"}'],
    ["text", 200, '"text"'],
    [null, 200, "null"],
    [[1], 200, "[1]"],
  ])("for the result %j", (result, status, body) => {
    expect(answer(result)).toMatchObject({ status, headers: { "content-type": "application/json" } });
    expect(answer(result).body.toString()).toBe(body);
  });

  test("with the handler's headers in lower case and its cookies", () => {
    expect(
      answer({
        statusCode: 200,
        headers: { "Content-Type": "text/plain", "X-N": 5 },
        cookies: ["a=1", "b=2"],
      }),
    ).toMatchObject({ headers: { "content-type": "text/plain", "x-n": "5" }, cookies: ["a=1", "b=2"] });
  });

  test.each([
    { statusCode: "x" },
    { statusCode: 99 },
    { statusCode: 600 },
    { statusCode: 200, body: {} },
    { statusCode: 200, headers: [] },
    { statusCode: 200, headers: { a: { b: 1 } } },
    { statusCode: 200, headers: { "bad name": "x" } },
    { statusCode: 200, headers: { a: "x\r\ny: z" } },
    { statusCode: 200, cookies: "a=1" },
    { statusCode: 200, cookies: [1] },
  ])("that is 502 for the malformed %j", (result) => {
    expect(answer(result).status).toBe(502);
  });

  const error = { errorType: "Error", errorMessage: "x" };
  test.each<[Invocation, number, string]>([
    [{ kind: "error", error }, 502, "Internal Server Error"],
    [{ kind: "timeout", error }, 502, "Internal Server Error"],
    [{ kind: "result", payload: JSON.stringify("x".repeat(6_291_556)) }, 502, "Internal Server Error"],
    [
      { kind: "throttled" },
      429,
      '{"Reason":"ReservedFunctionConcurrentInvocationLimitExceeded","Type":"User","message":"Rate Exceeded."}',
    ],
  ])("for an invocation without a usable result (case %#)", (invocation, status, body) => {
    expect(urlAnswer(invocation).status).toBe(status);
    expect(urlAnswer(invocation).body.toString()).toBe(body);
  });
});
