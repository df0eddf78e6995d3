import { randomBytes } from "node:crypto";
import type { Socket } from "node:dgram";

/** Runs work and times it under a name. */
export type Span = <T>(name: string, work: () => Promise<T>) => Promise<T>;

/** The trace of one request. */
interface Traced {
  /** Missing when the request is not traced. */
  readonly traceId?: string;
  readonly span: Span;
  /** Sends what was timed; it never rejects. */
  readonly end: () => Promise<void>;
}

/** Begins the trace of a request. */
export type Trace = () => Traced;

/** A request that is not traced costs nothing. */
export const UNTRACED: Traced = {
  span: (_name, work) => work(),
  end: () => Promise.resolve(),
};

/** Sends one datagram to the X-Ray daemon; it never rejects. */
type SendDatagram = (text: string) => Promise<void>;

/** What the trace is made with. */
interface TraceParts {
  /** Lambda's trace header of the current invocation: `Root=…;Parent=…;Sampled=1`. */
  readonly header: () => string | undefined;
  readonly send: SendDatagram;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/**
 * First line of every datagram: https://docs.aws.amazon.com/xray/latest/devguide/xray-api-sendingdata.html
 */
const DAEMON_HEADER = '{"format":"json","version":1}\n';

/** Times the spans of sampled requests as X-Ray subsegments under the segment that Lambda made. */
export function xrayTrace(parts: TraceParts): Trace {
  return () => {
    const header = fieldsOf(parts.header() ?? "");
    const traceId = header.get("Root");
    const parentId = header.get("Parent");
    if (traceId === undefined) return UNTRACED;
    if (parentId === undefined || header.get("Sampled") !== "1") return { ...UNTRACED, traceId };
    return traced(traceId, parentId, parts);
  };
}

function fieldsOf(header: string): ReadonlyMap<string, string> {
  return new Map(
    header.split(";").flatMap((field) => {
      const [name, value] = field.trim().split("=");
      return name === undefined || value === undefined ? [] : [[name, value] as const];
    }),
  );
}

function traced(traceId: string, parentId: string, parts: TraceParts): Traced {
  const sendings: Promise<void>[] = [];
  return {
    traceId,
    span: async (name, work) => {
      const startMs = parts.now();
      let isFault = true;
      try {
        const result = await work();
        isFault = false;
        return result;
      } finally {
        const subsegment = {
          type: "subsegment",
          trace_id: traceId,
          parent_id: parentId,
          id: randomBytes(8).toString("hex"),
          name,
          start_time: startMs / 1000,
          end_time: parts.now() / 1000,
          ...(isFault ? { fault: true } : {}),
        };
        sendings.push(parts.send(DAEMON_HEADER + JSON.stringify(subsegment)));
      }
    },
    end: async () => {
      await Promise.allSettled(sendings);
    },
  };
}

/**
 * Sends to the daemon at `host:port`; the socket is opened with the first datagram and never keeps the
 * process alive.
 */
export function xrayDaemon(address: string): SendDatagram {
  const [, host = "127.0.0.1", port = "2000"] = /(?:^|:)([^:\s]+):(\d+)$/.exec(address) ?? [];
  const opened = open();
  return async (text) => {
    const socket = await opened;
    await new Promise<void>((resolve) => socket.send(text, Number(port), host, () => resolve()));
  };
}

/** Loaded only where traced, since every module costs a cold start. */
async function open(): Promise<Socket> {
  const { createSocket } = await import("node:dgram");
  const socket = createSocket("udp4");
  socket.unref();
  socket.on("error", () => undefined);
  return socket;
}
