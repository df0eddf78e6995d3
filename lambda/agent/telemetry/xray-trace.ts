import { randomBytes } from "node:crypto";
import { UNTRACED, type Trace, type Traced } from "./span.ts";

/** Sends one datagram to the X-Ray daemon; it never rejects. */
export type SendDatagram = (text: string) => Promise<void>;

/** What the trace is made with. */
export interface TraceParts {
  /** Lambda's trace header of the current invocation: `Root=…;Parent=…;Sampled=1`. */
  readonly header: () => string | undefined;
  readonly send: SendDatagram;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/** First line of every datagram: https://docs.aws.amazon.com/xray/latest/devguide/xray-api-sendingdata.html */
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
