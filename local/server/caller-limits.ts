import type { ServerOptions } from "node:http";
import { constants, type ServerHttp2Session } from "node:http2";
import type { Readable } from "node:stream";

const LOCAL_NAMES: readonly string[] = ["127.0.0.1", "localhost", "[::1]"];

/**
 * Why a `Host` header is refused, or undefined for one of this machine.
 *
 * A web page elsewhere can make a browser call a loopback port under a name of its own (DNS rebinding).
 */
export function foreignHost(host: string | undefined): string | undefined {
  const name = host?.toLowerCase().replace(/:\d+$/, "");
  if (name !== undefined && LOCAL_NAMES.includes(name)) return undefined;
  return `host ${JSON.stringify(host ?? "")} is not this machine: use 127.0.0.1 or localhost`;
}

/** What a browser says of the page that makes a request. */
interface BrowserHeaders {
  readonly origin?: string | undefined;
  readonly "sec-fetch-site"?: string | string[] | undefined;
}

/**
 * Why a request that a web page makes is refused, or undefined for one that no page makes: no client of AWS
 * sends these headers, and a page anywhere can have a browser post a form to a loopback port without asking
 * first.
 */
export function browserRequest(headers: BrowserHeaders): string | undefined {
  const { origin, "sec-fetch-site": site } = headers;
  if (origin !== undefined)
    return `origin ${JSON.stringify(origin)} is a web page: the AWS endpoint answers AWS clients only`;
  if (site === undefined || site === "none") return undefined;
  return `a ${String(site)} web page asks: the AWS endpoint answers AWS clients only`;
}

/**
 * How long a caller may take before its connection is closed; without them, a few open sockets occupy a port
 * for ever.
 */
export interface ConnectionLimits {
  /** From the connection (or the answer before) to the end of the headers. */
  readonly headersMs: number;
  /** From the first byte of a request to the end of its body. */
  readonly requestMs: number;
  /** Between an answer and the next request. */
  readonly idleMs: number;
}

/** Generous for a person behind a debugger, bounded for everybody. */
export const CONNECTION_LIMITS: ConnectionLimits = { headersMs: 10_000, requestMs: 60_000, idleMs: 30_000 };

/** The limits as Node's HTTP/1.1 server takes them. */
export function http1Limits({ headersMs, requestMs, idleMs }: ConnectionLimits): ServerOptions {
  return {
    headersTimeout: headersMs,
    requestTimeout: requestMs,
    keepAliveTimeout: idleMs,
    connectionsCheckingInterval: Math.max(1, Math.floor(headersMs / 10)),
  };
}

/**
 * Closes a session of HTTP/2 on which nothing moves and nobody waits, and a request whose body does not end.
 */
export function limitHttp2Session(
  session: ServerHttp2Session,
  { requestMs, idleMs }: ConnectionLimits,
): void {
  let openStreams = 0;
  session.on("stream", (stream) => {
    openStreams += 1;
    const tooLate = setTimeout(() => {
      if (!stream.readableEnded) stream.close(constants.NGHTTP2_CANCEL);
    }, requestMs);
    stream.once("close", () => {
      openStreams -= 1;
      clearTimeout(tooLate);
    });
  });
  session.setTimeout(idleMs, () => {
    if (openStreams === 0) session.destroy();
  });
}

/** The whole body, or the word that it is longer than allowed. */
export type BoundedBody = { readonly kind: "body"; readonly bytes: Buffer } | { readonly kind: "too-large" };

const DISCARD_LIMIT_MS = 10_000;

/** A request whose body is read, whichever HTTP version it came by. */
export type BodyStream = Readable & { readonly headers: { readonly "content-length"?: string | undefined } };

/** True when the announced length alone exceeds `limitBytes`. */
export function announcesTooLargeBody(request: BodyStream, limitBytes: number): boolean {
  return Number(request.headers["content-length"] ?? 0) > limitBytes;
}

/** Reads a body of at most `limitBytes`; of a longer one nothing is kept. */
export function readBody(request: BodyStream, limitBytes: number): Promise<BoundedBody> {
  if (announcesTooLargeBody(request, limitBytes)) return Promise.resolve({ kind: "too-large" });
  return new Promise((resolve, reject) => {
    let chunks: Buffer[] = [];
    let length = 0;
    const onData = (chunk: Buffer): void => {
      length += chunk.length;
      if (length <= limitBytes) return void chunks.push(chunk);
      chunks = [];
      request.off("data", onData);
      request.pause();
      resolve({ kind: "too-large" });
    };
    request.on("data", onData);
    request.once("end", () => resolve({ kind: "body", bytes: Buffer.concat(chunks) }));
    request.once("error", reject);
    request.once("close", () => reject(new Error("the caller went away before the request was complete")));
  });
}

/** Lets the caller finish sending, so that it gets to read the refusal, and keeps none of it. */
export function discardBody(request: Readable): void {
  const giveUp = setTimeout(() => request.destroy(), DISCARD_LIMIT_MS);
  request.once("close", () => clearTimeout(giveUp));
  request.once("error", () => clearTimeout(giveUp));
  request.resume();
}
