import type { ServerOptions } from "node:http";
import { constants, type ServerHttp2Session } from "node:http2";

/** How long a caller may take before its connection is closed; without them, a few open sockets occupy a port for ever. */
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

/** Closes a session of HTTP/2 on which nothing moves and nobody waits, and a request whose body does not end. */
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
