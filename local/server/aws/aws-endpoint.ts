import { randomUUID } from "node:crypto";
import {
  createServer as createHttpServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import {
  createServer as createHttp2Server,
  type Http2ServerRequest,
  type Http2ServerResponse,
} from "node:http2";
import type { Socket } from "node:net";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import {
  discardBody,
  readBody,
  CONNECTION_LIMITS,
  type ConnectionLimits,
  http1Limits,
  limitHttp2Session,
  browserRequest,
  foreignHost,
} from "../caller-limits.ts";
import type { RunningServer } from "../function-url-server.ts";
import { listen, type WantedPort } from "../listen.ts";
import { restError, routeAwsCall } from "./protocols.ts";
import { type AwsCall, AwsError, type AwsReply, type AwsService } from "./service.ts";

/** What the endpoint serves. */
export interface AwsEndpoint {
  readonly services: readonly AwsService[];
  /** Hears of errors that are no answer of AWS: bugs of the local runtime. */
  readonly bug: (error: unknown) => void;
}

type Request = IncomingMessage | Http2ServerRequest;
type Response = ServerResponse | Http2ServerResponse;

const MAX_BODY_BYTES = 20 * 1024 * 1024;
const HTTP2_PREFACE = "PRI";
const inflate = promisify(gunzip);

/** Serves AWS APIs on one port, to clients of HTTP/1.1 and of HTTP/2 without TLS alike. */
export async function startAwsEndpoint(
  endpoint: AwsEndpoint,
  wanted: WantedPort,
  limits: ConnectionLimits = CONNECTION_LIMITS,
): Promise<RunningServer> {
  const handle = (request: Request, response: Response): void => void serve(endpoint, request, response);
  const http2 = createHttp2Server(handle);
  http2.on("session", (session) => limitHttp2Session(session, limits));
  const front = createHttpServer(http1Limits(limits), handle);
  const sockets = beforeHttp1(front, (socket, serveHttp1) => {
    socket.on("error", () => socket.destroy());
    sniff(socket, limits, (isHttp2) => (isHttp2 ? http2.emit("connection", socket) : serveHttp1()));
  });
  const port = await listen(front, wanted);
  return {
    port,
    url: `http://127.0.0.1:${port}/`,
    stop: () =>
      new Promise((resolve) => {
        front.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

/**
 * Puts `accept` between a listening HTTP/1.1 server and its own handling of a connection. The server itself
 * listens, for only then does Node enforce its time limits. Gives the connections that are open.
 */
function beforeHttp1(
  server: Server,
  accept: (socket: Socket, serveHttp1: () => void) => void,
): ReadonlySet<Socket> {
  const open = new Set<Socket>();
  const own = server.listeners("connection");
  server.removeAllListeners("connection");
  server.on("connection", (socket: Socket) => {
    open.add(socket);
    socket.once("close", () => open.delete(socket));
    accept(socket, () => {
      for (const listener of own) listener.call(server, socket);
    });
  });
  return open;
}

/** Looks at the first bytes and puts them back once they tell, so that none is read twice. */
function sniff(socket: Socket, { headersMs }: ConnectionLimits, decide: (isHttp2: boolean) => void): void {
  const tooLate = setTimeout(() => socket.destroy(), headersMs);
  socket.once("close", () => clearTimeout(tooLate));
  let seen = Buffer.alloc(0);
  const look = (): void => {
    const bytes = socket.read() as Buffer | null;
    if (bytes !== null) seen = Buffer.concat([seen, bytes]);
    const start = seen.toString("latin1", 0, HTTP2_PREFACE.length);
    if (start.length < HTTP2_PREFACE.length && HTTP2_PREFACE.startsWith(start))
      return void socket.once("readable", look);
    clearTimeout(tooLate);
    socket.unshift(seen);
    decide(start === HTTP2_PREFACE);
  };
  socket.once("readable", look);
}

async function serve(endpoint: AwsEndpoint, request: Request, response: Response): Promise<void> {
  const requestId = randomUUID();
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  try {
    const reply = await replyTo(endpoint, request, { requestId, signal: gone.signal });
    await send(response, reply, requestId);
    if (!request.complete) discardBody(request);
  } catch (error) {
    if (!gone.signal.aborted) endpoint.bug(error);
    response.destroy();
  }
}

async function replyTo(
  endpoint: AwsEndpoint,
  request: Request,
  { requestId, signal }: { readonly requestId: string; readonly signal: AbortSignal },
): Promise<AwsReply> {
  const headers = plainHeaders(request);
  const foreign = foreignHost(headers[":authority"] ?? headers.host) ?? browserRequest(headers);
  if (foreign !== undefined) return restError(new AwsError("AccessDeniedException", foreign, 403));
  try {
    const body = await wholeBody(request);
    const [path = "/", query = ""] = (request.url ?? "/").split("?");
    if (!isPercentEncoded(path))
      throw new AwsError("MalformedHttpRequestException", `the path ${path} is not percent-encoded UTF-8`);
    const call: AwsCall = {
      method: request.method ?? "GET",
      path,
      query: new URLSearchParams(query),
      headers,
      body: await inflated(body, headers["content-encoding"]),
      sentBytes: body.length,
      requestId,
      signal,
    };
    return await routeAwsCall(endpoint.services, call);
  } catch (error) {
    if (error instanceof AwsError) return restError(error);
    if (signal.aborted) throw error;
    endpoint.bug(error);
    return restError(new AwsError("InternalFailure", "the local runtime failed; its log says why", 500));
  }
}

function isPercentEncoded(path: string): boolean {
  try {
    decodeURIComponent(path);
    return true;
  } catch {
    return false;
  }
}

function plainHeaders(request: Request): Record<string, string> {
  return Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(",") : (value ?? ""),
    ]),
  );
}

async function wholeBody(request: Request): Promise<Buffer> {
  const body = await readBody(request, MAX_BODY_BYTES);
  if (body.kind === "too-large")
    throw new AwsError(
      "RequestEntityTooLargeException",
      `request must be smaller than ${MAX_BODY_BYTES} bytes`,
      413,
    );
  return body.bytes;
}

async function inflated(bytes: Buffer, encoding: string | undefined): Promise<Buffer> {
  if (encoding !== "gzip") return bytes;
  return inflate(bytes, { maxOutputLength: MAX_BODY_BYTES }).catch((error: unknown) => {
    const message = error instanceof Error ? error.message : String(error);
    throw new AwsError("SerializationException", `the body cannot be inflated: ${message}`);
  });
}

async function send(response: Response, reply: AwsReply, requestId: string): Promise<void> {
  response.statusCode = reply.status;
  for (const [name, value] of Object.entries(reply.headers)) response.setHeader(name, value);
  response.setHeader("x-amzn-RequestId", requestId);
  if (Buffer.isBuffer(reply.body)) {
    response.setHeader("content-length", reply.body.length);
    response.end(reply.body);
    return;
  }
  for await (const part of reply.body) (response as ServerResponse).write(part);
  response.end();
}
