import { createServer, type Server } from "node:http";
import {
  createServer as createHttp2Server,
  type Http2Server,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from "node:http2";
import type { AddressInfo, Socket } from "node:net";

/** A server on loopback that a test stops when it is done. */
export interface TestServer {
  readonly endpoint: string;
  readonly stop: () => Promise<void>;
}

/** What the model's server does with a call. */
export type Respond = (stream: ServerHttp2Stream, body: string, path: string) => void;

/**
 * A Bedrock Runtime endpoint over h2c, as the SDK's client wants it; `onConnection` may keep or break its
 * sockets.
 */
export async function bedrockServer(
  respond: Respond,
  onConnection: (socket: Socket) => void = () => undefined,
): Promise<TestServer> {
  const server = createHttp2Server();
  server.on("connection", onConnection);
  const sessions = new Set<ServerHttp2Session>();
  server.on("session", (session) => {
    sessions.add(session);
    session.on("error", () => undefined);
  });
  server.on("stream", (stream, headers) => {
    const chunks: Buffer[] = [];
    stream.on("error", () => undefined);
    stream.on("data", (chunk: Buffer) => chunks.push(chunk));
    stream.on("end", () => respond(stream, Buffer.concat(chunks).toString(), headers[":path"] ?? ""));
  });
  return listening(server, () => sessions.forEach((session) => session.destroy()));
}

/**
 * Refuses every stream of the connection, as a server does that goes away before it began on them.
 *
 * Node's own `goaway` counts begun streams as accepted, so the frame is written by hand:
 * https://www.rfc-editor.org/rfc/rfc9113#name-goaway
 */
export function refuseStreams(socket: Socket): void {
  const frame = Buffer.alloc(17);
  frame.writeUIntBE(8, 0, 3);
  frame.writeUInt8(7, 3);
  socket.write(frame);
}

/** Answers 200 with frames, then ends the stream. */
export function sendFrames(stream: ServerHttp2Stream, frames: readonly Uint8Array[]): void {
  stream.respond({ ":status": 200, "content-type": "application/vnd.amazon.eventstream" });
  stream.end(Buffer.concat(frames));
}

/** Answers an error as AWS does: its name in a header, its message in JSON. */
export function sendError(
  stream: ServerHttp2Stream,
  status: number,
  [name, message]: [string, string],
): void {
  stream.respond({
    ":status": status,
    "content-type": "application/json",
    "x-amzn-errortype": `${name}:http://internal.amazon.com/coral/com.amazon.bedrock/`,
  });
  stream.end(JSON.stringify({ message }));
}

/**
 * An SSM endpoint over HTTP/1.1 that answers every call with one status and JSON body, or keeps it waiting.
 */
export async function ssmServer(
  answer: (body: string) => { readonly status: number; readonly body: object } | undefined,
): Promise<TestServer> {
  const sockets = new Set<Socket>();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const answered = answer(Buffer.concat(chunks).toString());
      if (answered === undefined) return;
      const { status, body } = answered;
      response.writeHead(status, { "content-type": "application/x-amz-json-1.1" });
      response.end(JSON.stringify(body));
    });
  });
  server.on("connection", (socket) => sockets.add(socket));
  return listening(server, () => sockets.forEach((socket) => socket.destroy()));
}

async function listening(server: Server | Http2Server, hangUp: () => void): Promise<TestServer> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        hangUp();
      }),
  };
}
