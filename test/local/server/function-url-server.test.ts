import { request as httpRequest } from "node:http";
import { connect } from "node:net";
import { ManualClock } from "@wrist-agent/cloudwatch/clock";
import { afterEach, describe, expect, test } from "vitest";
import type { UrlRecord } from "../../../local/function/function-records.ts";
import type { CorsConfig, UrlEvent } from "../../../local/function/function-url-mapping.ts";
import type { Invocation } from "../../../local/function/lambda-function.ts";
import { type RunningServer, startFunctionUrl } from "../../../local/server/function-url-server.ts";
import { exampleDefinition } from "../function/function-bench.ts";

const NOW = Date.UTC(2026, 10, 23);
const running: RunningServer[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.stop()));
});

interface Bench {
  readonly server: RunningServer;
  readonly events: UrlEvent[];
  readonly urls: UrlRecord[];
}

async function serve(
  invocation: Invocation = { kind: "result", payload: '{"statusCode":200,"body":"ok","cookies":["a=1"]}' },
  { cors, isKept = true }: { readonly cors?: CorsConfig; readonly isKept?: boolean } = {},
): Promise<Bench> {
  const events: UrlEvent[] = [];
  const urls: UrlRecord[] = [];
  const server = await startFunctionUrl(
    {
      lambda: {
        definition: exampleDefinition("/nowhere"),
        invoke: (event) => {
          events.push(event as UrlEvent);
          return Promise.resolve(invocation);
        },
      },
      clock: new ManualClock(NOW),
      records: { url: (record) => urls.push(record) > 0 && isKept },
      syntheticHeader: "x-probe",
      ...(cors && { cors }),
    },
    { port: 0, option: "--url-port" },
  );
  running.push(server);
  return { server, events, urls };
}

describe("the Function URL", () => {
  test("writes down which requests carried the mark of those that nobody dictated", async () => {
    const { server, urls } = await serve();
    await fetch(server.url, { headers: { "X-Probe": "1" } });
    await fetch(server.url, { headers: { "X-Other": "1" } });
    expect(urls.map(({ isMarked }) => isMarked)).toEqual([true, undefined]);
  });

  test("hands the request to the function and its answer to the caller", async () => {
    const { server, events, urls } = await serve();
    const response = await fetch(`${server.url}ask?x=1`, {
      method: "POST",
      headers: { "content-type": "application/json", "X-Client-Token": "t" },
      body: '{"text":"hi"}',
    });
    expect(response.status).toBe(200);
    expect(await response.text()).toBe("ok");
    expect(response.headers.getSetCookie()).toEqual(["a=1"]);
    expect(events[0]).toMatchObject({
      rawPath: "/ask",
      body: '{"text":"hi"}',
      headers: { "x-client-token": "t" },
    });
    const requestId = response.headers.get("x-amzn-requestid");
    expect(events[0]?.requestContext).toMatchObject({ requestId });
    expect(response.headers.get("x-amzn-trace-id")).toMatch(/^Root=1-/);
    expect(urls).toEqual([
      {
        functionName: "wrist-agent-test",
        qualifier: "live",
        executedVersion: "1",
        requestId,
        startMs: NOW,
        latencyMs: expect.any(Number) as number,
        status: 200,
        method: "POST",
        path: "/ask",
      },
    ]);
  });

  test("answers 502 for a function error, and counts it", async () => {
    const { server, urls } = await serve({ kind: "error", error: { errorType: "Error", errorMessage: "x" } });
    const response = await fetch(server.url);
    expect(response.status).toBe(502);
    expect(await response.text()).toBe("Internal Server Error");
    expect(urls[0]).toMatchObject({ status: 502, requestId: expect.any(String) as string });
  });

  test("refuses 20 MB by the announced length, before it is sent", async () => {
    const { server, events, urls } = await serve();
    const socket = connect(server.port, "127.0.0.1");
    socket.write(
      `POST / HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: ${20 * 1024 * 1024}\r\n\r\n`,
    );
    const answer = await new Promise<string>((resolve) =>
      socket.once("data", (data) => resolve(data.toString())),
    );
    socket.destroy();
    expect(answer).toMatch(/^HTTP\/1.1 413 /);
    expect(answer).toContain("request must be smaller than 6291456 bytes");
    expect(events).toEqual([]);
    expect(urls[0]).toMatchObject({ status: 413 });
    expect(urls[0]).not.toHaveProperty("requestId");
  });

  test("refuses 20 MB sent in chunks once the limit is passed, without keeping them", async () => {
    const { server, events } = await serve();
    const before = process.memoryUsage().arrayBuffers;
    const status = await new Promise<number | undefined>((resolve, reject) => {
      let status: number | undefined;
      const request = httpRequest(server.url, { method: "POST" }, (response) => {
        response.resume();
        status = response.statusCode;
      });
      request.on("error", reject);
      // Not before everything is sent: a server that stops under a writing client breaks its connection.
      request.on("close", () => resolve(status));
      const megabyte = Buffer.alloc(1024 * 1024);
      for (let sent = 0; sent < 20; sent++) request.write(megabyte);
      request.end();
    });
    expect(status).toBe(413);
    expect(events).toEqual([]);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(40 * 1024 * 1024);
  });

  test("takes a body of just 6 MB", async () => {
    const { server, events } = await serve();
    const response = await fetch(server.url, { method: "POST", body: Buffer.alloc(6 * 1024 * 1024) });
    expect(response.status).toBe(200);
    expect(events).toHaveLength(1);
  });

  test("says so when a request cannot be written down", async () => {
    const { server, urls } = await serve(undefined, { isKept: false });
    const response = await fetch(server.url, { method: "POST", body: "{}" });
    expect(response.status).toBe(500);
    expect(await response.json()).toEqual({
      Message: "the local runtime could not write this request down: its terminal says why",
    });
    expect(urls).toHaveLength(1);
  });

  test("refuses a host name that is not this machine's", async () => {
    const { server, events } = await serve();
    const { status, body } = await new Promise<{ status: number | undefined; body: string }>(
      (resolve, reject) => {
        httpRequest(server.url, { headers: { host: "evil.example:7701" } }, (response) => {
          let body = "";
          response.on("data", (chunk: Buffer) => (body += chunk.toString()));
          response.on("end", () => resolve({ status: response.statusCode, body }));
        })
          .on("error", reject)
          .end();
      },
    );
    expect(status).toBe(403);
    expect(JSON.parse(body)).toEqual({
      Message: 'host "evil.example:7701" is not this machine: use 127.0.0.1 or localhost',
    });
    expect(events).toEqual([]);
  });

  test("forgets a caller that leaves before the request is complete", async () => {
    const { server, events, urls } = await serve();
    const socket = connect(server.port, "127.0.0.1");
    socket.write("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nabc");
    socket.end();
    socket.resume();
    await new Promise((resolve) => socket.once("close", resolve));
    expect((await fetch(server.url)).status).toBe(200);
    expect(events).toHaveLength(1);
    expect(urls.map(({ status }) => status)).toEqual([200]);
  });
});

describe("CORS", () => {
  const CORS: CorsConfig = {
    AllowOrigins: ["https://a.example"],
    AllowMethods: ["POST"],
    AllowHeaders: ["content-type", "x-client-token"],
    ExposeHeaders: ["x-request-id"],
    MaxAge: 3600,
  };
  const preflight = (origin: string, method: string): RequestInit => ({
    method: "OPTIONS",
    headers: { origin, "access-control-request-method": method },
  });

  test("answers a preflight without the function", async () => {
    const { server, events } = await serve(undefined, { cors: CORS });
    const response = await fetch(server.url, preflight("https://a.example", "POST"));
    expect(response.status).toBe(200);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      "access-control-allow-origin": "https://a.example",
      "access-control-allow-methods": "POST",
      "access-control-allow-headers": "content-type,x-client-token",
      "access-control-max-age": "3600",
      vary: "Origin",
    });
    expect(events).toEqual([]);
  });

  test.each([
    ["https://b.example", "POST"],
    ["https://a.example", "DELETE"],
  ])("allows %s nothing with %s", async (origin, method) => {
    const { server } = await serve(undefined, { cors: CORS });
    const response = await fetch(server.url, preflight(origin, method));
    expect(response.status).toBe(200);
    expect([...response.headers.keys()].filter((name) => name.startsWith("access-control"))).toEqual([]);
  });

  test.each([
    [{ AllowOrigins: ["*"] }, "*"],
    [{ AllowOrigins: ["*"], AllowCredentials: true }, "https://c.example"],
  ])("of %j lets a page read the answer", async (cors, origin) => {
    const { server } = await serve(undefined, { cors });
    const response = await fetch(server.url, { headers: { origin: "https://c.example" } });
    expect(response.headers.get("access-control-allow-origin")).toBe(origin);
  });

  test("passes OPTIONS on where the URL has no configuration", async () => {
    const { server, events } = await serve();
    await fetch(server.url, preflight("https://a.example", "POST"));
    expect(events).toHaveLength(1);
  });
});
