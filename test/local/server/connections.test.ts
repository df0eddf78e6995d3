import { connect as connectHttp2, constants } from "node:http2";
import { connect } from "node:net";
import { ManualClock } from "@wrist-agent/cloudwatch/clock";
import { afterEach, describe, expect, test } from "vitest";
import { startAwsEndpoint } from "../../../local/server/aws/aws-endpoint.ts";
import { type ConnectionLimits, CONNECTION_LIMITS } from "../../../local/server/caller-limits.ts";
import { startFunctionUrl } from "../../../local/server/function-url-server.ts";
import { startPageServer } from "../../../local/server/page-server.ts";
import { sendSplit, startSplittingProxy } from "../../../torture/split-bytes.ts";
import { fakePage, quietState } from "../../support/fake-page.ts";
import { exampleDefinition } from "../function/function-bench.ts";

interface Started {
  readonly port: number;
  stop(): Promise<void>;
}

const running: Started[] = [];

afterEach(async () => {
  for (const server of running.splice(0).reverse()) await server.stop();
});

const NOW = Date.UTC(2026, 10, 22, 18);

type Start = (limits?: ConnectionLimits) => Promise<Started>;

const startAws: Start = (limits) =>
  startAwsEndpoint(
    {
      services: [
        {
          protocol: "json",
          version: "1.0",
          targetPrefix: "Test",
          operations: { Echo: (input) => input },
        },
      ],
      bug: (error) => expect.unreachable(String(error)),
    },
    { port: 0, option: "--aws-port" },
    limits,
  );

const startUrl: Start = (limits) =>
  startFunctionUrl(
    {
      lambda: {
        definition: exampleDefinition("/nowhere"),
        invoke: (event) =>
          Promise.resolve({
            kind: "result",
            payload: JSON.stringify({ statusCode: 200, body: (event as { body: string }).body }),
          }),
      },
      clock: new ManualClock(NOW),
      records: { url: () => true },
    },
    { port: 0, option: "--url-port" },
    limits,
  );

const startPage: Start = (limits) => {
  const { api, subscribe, setFault, setAlarmState, changeSubscription, feedMetrics } = fakePage(
    quietState(NOW),
  );
  const log = (message: string): void => expect.unreachable(message);
  return startPageServer({
    port: 0,
    api,
    subscribe,
    setFault,
    setAlarmState,
    changeSubscription,
    feedMetrics,
    log,
    ...(limits && { limits }),
  });
};

async function started(start: Start, limits?: ConnectionLimits): Promise<Started> {
  const server = await start(limits);
  running.push(server);
  return server;
}

const post = (path: string, headers: string, body: string): string =>
  `POST ${path} HTTP/1.1\r\nHost: localhost\r\n${headers}Content-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`;

const ECHO = post("/", "X-Amz-Target: Test.Echo\r\n", '{"text":"hello"}');
const PORTS: readonly (readonly [string, Start, string, string])[] = [
  ["AWS", startAws, ECHO, '{"text":"hello"}'],
  [
    "Function URL",
    startUrl,
    post("/", "Content-Type: application/json\r\n", '{"text":"hi"}'),
    '{"text":"hi"}',
  ],
  [
    "page",
    startPage,
    post("/api/fault", "Content-Type: application/json\r\n", '{"kind":"off"}'),
    '"kind":"off"',
  ],
];

describe("a request that comes in two parts", () => {
  test.each(PORTS)("is answered by the %s port, wherever it is split", async (...[, start, text, part]) => {
    const { port } = await started(start);
    const bytes = Buffer.from(text);
    for (let at = 1; at < bytes.length; at += 1) {
      const answer = await sendSplit(port, bytes, at);
      expect([at, answer.slice(0, 15), answer.includes(part)]).toEqual([at, "HTTP/1.1 200 OK", true]);
    }
  });

  test("is answered over HTTP/2, wherever it is split", async () => {
    const aws = await started(startAws);
    let at = 1;
    const proxy = await startSplittingProxy(aws.port, () => at);
    running.push(proxy);
    for (let whole = Infinity; at < whole; at += 1) {
      expect([at, await echoOverHttp2(proxy.port)]).toEqual([at, '{"text":"hello"}']);
      whole = proxy.sentBytes();
    }
    expect(at).toBeGreaterThan(100);
  });
});

function echoOverHttp2(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const session = connectHttp2(`http://127.0.0.1:${port}`);
    session.on("error", reject);
    const stream = session.request({ ":method": "POST", "x-amz-target": "Test.Echo" });
    let text = "";
    stream.on("data", (part) => (text += String(part)));
    stream.on("end", () => {
      session.destroy();
      resolve(text);
    });
    stream.end('{"text":"hello"}');
  });
}

/** Sends `bytes` and keeps the connection; resolves with what came back once the server closed it. */
function closedByServer(port: number, bytes: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    let text = "";
    socket.on("data", (part) => (text += part.toString("latin1")));
    socket.on("error", () => undefined);
    socket.on("close", () => resolve(text));
    socket.write(bytes);
  });
}

describe("a caller that does not go on", () => {
  const SHORT: ConnectionLimits = { headersMs: 30, requestMs: 60, idleMs: 30 };
  const STARTS = PORTS.map(([name, start]) => [name, start] as const);

  test.each(STARTS)("loses its connection to the %s port in the headers", async (_name, start) => {
    const { port } = await started(start, SHORT);
    expect(await closedByServer(port, "POST / HTTP/1.1\r\nHost: loc")).toMatch(/^HTTP\/1.1 408 /);
  });

  test.each(STARTS)("loses its connection to the %s port in the body", async (_name, start) => {
    const { port } = await started(start, SHORT);
    const partial = "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nhalf";
    const answer = await closedByServer(port, partial);
    expect(answer.startsWith("HTTP/1.1 408 ") || answer.startsWith("HTTP/1.1 405 ")).toBe(true);
  });

  test.each(STARTS)("loses its connection to the %s port after an answer", async (_name, start) => {
    const { port } = await started(start, SHORT);
    expect(await closedByServer(port, "GET /nothing HTTP/1.1\r\nHost: localhost\r\n\r\n")).toMatch(
      /^HTTP\/1.1 (?:404|200) /,
    );
  });

  test.each([
    ["nothing", ""],
    ["the first byte of two protocols", "P"],
    ["half a preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nS"],
    ["a preface of HTTP/2 alone", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"],
  ])("loses its connection to the AWS port after %s", async (_name, bytes) => {
    const { port } = await started(startAws, SHORT);
    expect(await closedByServer(port, bytes)).not.toContain("200 OK");
  });

  test("leaves the AWS port to others", async () => {
    const { port } = await started(startAws);
    const hanging = connect(port, "127.0.0.1");
    hanging.write("P");
    expect(await sendSplit(port, Buffer.from(ECHO), 10)).toContain("200 OK");
    hanging.destroy();
  });

  test("loses its HTTP/2 stream when the body does not end", async () => {
    const { port } = await started(startAws, { ...SHORT, idleMs: 60_000 });
    const session = connectHttp2(`http://127.0.0.1:${port}`);
    const stream = session.request({ ":method": "POST", "x-amz-target": "Test.Echo" });
    stream.on("error", () => undefined);
    stream.write("{");
    await new Promise((resolve) => stream.once("close", resolve));
    expect(stream.rstCode).toBe(constants.NGHTTP2_CANCEL);
    session.destroy();
  });

  test("may take longer than a moment on every port by default", () => {
    expect(CONNECTION_LIMITS).toEqual({ headersMs: 10_000, requestMs: 60_000, idleMs: 30_000 });
  });
});
