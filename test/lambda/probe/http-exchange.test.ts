import { createServer, type Server, type Socket } from "node:net";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import type { ExchangeRequest, ExchangeResult } from "../../../lambda/probe/http-exchange.ts";
import { httpExchange } from "../../../lambda/probe/http-exchange.ts";
import { exchangeVerdict } from "../../../lambda/probe/tries.ts";
import { SOUND_REPLY } from "../../support/agent-under-test.ts";
import { httpFake, type FakeAnswer, type HttpFake } from "../../support/http-fake.ts";

const servers: { readonly stop: () => Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop()));
});

const elapsed = (): number => performance.now();
const exchange = httpExchange({ elapsed });

function asking(url: string, withinMs = 60_000): ExchangeRequest {
  const headers = { "x-client-token": "t" };
  return { url, method: "POST", headers, body: '{"text":"ok"}', timeoutMs: withinMs };
}

async function fake(answer: () => FakeAnswer): Promise<HttpFake> {
  const server = await httpFake(answer);
  servers.push(server);
  return server;
}

/** A TCP server that treats its connections as told; gives its port. */
async function rawServer(onConnection: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    onConnection(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  servers.push({
    stop: () => {
      sockets.forEach((socket) => socket.destroy());
      return new Promise((resolve) => server.close(() => resolve()));
    },
  });
  return (server.address() as AddressInfo).port;
}

function failureOf(exchanged: ExchangeResult): string | undefined {
  return exchangeVerdict(exchanged, "model").failure;
}

describe("a question over the network", () => {
  test("about the agent's health is a GET without a body", async () => {
    const server = await fake(() => ({ body: { status: "ok" } }));
    const exchanged = await exchange({ ...asking(server.url), method: "GET", body: "" });
    expect(server.received).toMatchObject([{ method: "GET", path: "/", headers: { "x-client-token": "t" } }]);
    expect(server.received[0]?.headers).not.toHaveProperty("content-length");
    expect(exchangeVerdict(exchanged, "health")).toEqual({ status: 200 });
  });

  test("arrives as a POST, and the answer comes with the times of its steps", async () => {
    const server = await fake(() => ({ headers: { "x-request-id": "id-1" }, body: SOUND_REPLY }));
    const exchanged = await exchange(asking(server.url.replace("127.0.0.1", "localhost")));
    expect(server.received).toMatchObject([
      { method: "POST", path: "/", headers: { "x-client-token": "t", "content-length": "13" } },
    ]);
    expect(exchanged).toMatchObject({
      answered: { status: 200, headers: { "x-request-id": "id-1" }, body: JSON.stringify(SOUND_REPLY) },
      travel: { reached: "done", address: "127.0.0.1" },
    });
    const { lookupMs = NaN, connectMs = NaN, firstByteMs = NaN, latencyMs } = exchanged.travel;
    expect([lookupMs, connectMs, firstByteMs, latencyMs].toSorted((a, b) => a - b)).toEqual([
      lookupMs,
      connectMs,
      firstByteMs,
      latencyMs,
    ]);
  });

  test("uses a connection of its own each time", async () => {
    let connections = 0;
    const port = await rawServer((socket) => {
      connections += 1;
      socket.on("data", () => socket.write("HTTP/1.1 204 No Content\r\nconnection: keep-alive\r\n\r\n"));
    });
    await exchange(asking(`http://127.0.0.1:${port}/`));
    await exchange(asking(`http://127.0.0.1:${port}/`));
    expect(connections).toBe(2);
  });

  test("to a name without an address is a failure of DNS", async () => {
    const missing = httpExchange({
      elapsed,
      lookup: (_name, _options, found) =>
        found(Object.assign(new Error("not found"), { code: "ENOTFOUND" }), ""),
    });
    const exchanged = await missing(asking("https://agent.example/"));
    expect(exchanged).toMatchObject({ broken: "ENOTFOUND", travel: { reached: "lookup" } });
    expect(failureOf(exchanged)).toBe("dns");
  });

  test("to a port where nobody listens is a failure of the connection", async () => {
    const server = await httpFake(() => ({ body: "" }));
    await server.stop();
    const exchanged = await exchange(asking(server.url));
    expect(exchanged).toMatchObject({ broken: "ECONNREFUSED", travel: { reached: "connect" } });
    expect(failureOf(exchanged)).toBe("connection");
  });

  test("to a server that hangs up is a failure of the connection", async () => {
    const port = await rawServer((socket) => socket.once("data", () => socket.resetAndDestroy()));
    const exchanged = await exchange(asking(`http://127.0.0.1:${port}/`));
    expect(exchanged).toMatchObject({ broken: "ECONNRESET", travel: { reached: "answer" } });
    expect(failureOf(exchanged)).toBe("connection");
  });

  test("whose answer breaks off is a failure of the connection", async () => {
    const port = await rawServer((socket) =>
      socket.once("data", () => socket.end("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{")),
    );
    expect(failureOf(await exchange(asking(`http://127.0.0.1:${port}/`)))).toBe("connection");
  });

  test("to a server that speaks no TLS is a failure of TLS", async () => {
    const server = await fake(() => ({ body: "" }));
    const exchanged = await exchange(asking(server.url.replace("http:", "https:")));
    expect(exchanged.travel).toMatchObject({ reached: "handshake", address: "127.0.0.1" });
    expect(failureOf(exchanged)).toBe("tls");
  });

  test.each([
    ["at all", ""],
    ["to its end", "HTTP/1.1 200 OK\r\n"],
  ])("that is not answered %s in time is given up, and says how far it came", async (_how, begun) => {
    const clock = new AbortController();
    const allowed: number[] = [];
    const port = await rawServer((socket) =>
      socket.once("data", () => socket.write(begun, () => clock.abort())),
    );
    const impatient = httpExchange({
      elapsed,
      timeUp: (milliseconds) => {
        allowed.push(milliseconds);
        return clock.signal;
      },
    });
    const exchanged = await impatient(asking(`http://127.0.0.1:${port}/`, 29.6));
    expect(exchanged).toMatchObject({ timedOut: true, travel: { reached: "answer" } });
    expect(failureOf(exchanged)).toBe("timeout");
    expect(allowed).toEqual([30]);
  });

  test("is given up by the system's clock", async () => {
    const silent = await rawServer(() => undefined);
    expect(failureOf(await exchange(asking(`http://127.0.0.1:${silent}/`, 0)))).toBe("timeout");
  });

  test("does not follow a redirection, as no Function URL redirects", async () => {
    const server = await fake(() => ({ status: 302, headers: { location: "/elsewhere" }, body: "" }));
    expect(failureOf(await exchange(asking(server.url)))).toBe("wrong_shape");
    expect(server.received).toHaveLength(1);
  });

  test("is answered by too much: the rest is not read", async () => {
    const server = await fake(() => ({ body: "x".repeat(3_000_000) }));
    const exchanged = await exchange(asking(server.url));
    expect("answered" in exchanged && exchanged.answered.body.length).toBeLessThan(200_000);
    expect(failureOf(exchanged)).toBe("wrong_shape");
  });

  test("that cannot be sent at all is the probe's own fault", async () => {
    await expect(
      exchange({ ...asking("http://127.0.0.1:1/"), headers: { "x-client-token": "a\nb" } }),
    ).rejects.toThrow(expect.objectContaining({ code: "ERR_INVALID_CHAR" }));
    await expect(exchange(asking("no address"))).rejects.toMatchObject({ code: "ERR_INVALID_URL" });
  });
});
