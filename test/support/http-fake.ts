import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** A request as the fake received it. */
export interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** What the fake answers: a string is sent as it is, anything else as JSON. */
export interface FakeAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** A small HTTP server on a free loopback port that answers by a function and keeps what it received. */
export interface HttpFake {
  readonly url: string;
  readonly received: Received[];
  readonly stop: () => Promise<void>;
}

/** Starts an {@link HttpFake}. */
export async function httpFake(answer: (request: Received) => FakeAnswer): Promise<HttpFake> {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { method = "", url = "", headers } = request;
      const whole: Received = { method, path: url, headers, body: Buffer.concat(chunks).toString() };
      received.push(whole);
      const { status = 200, headers: extra = {}, body } = answer(whole);
      response.writeHead(status, { "content-type": "application/json", ...extra });
      response.end(typeof body === "string" ? body : JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${portOf(server)}/`, received, stop: () => stop(server) };
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

function stop(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}
