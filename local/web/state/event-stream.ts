import type { PagePart } from "../../server/wire.ts";

/** What the server says of itself. */
export type StreamEvent =
  | { readonly kind: "changed"; readonly parts: readonly PagePart[] }
  | { readonly kind: "heartbeat"; readonly nowMs: number }
  /** Listening begins: what changed before was not heard. */
  | { readonly kind: "joined" }
  /** The connection is broken. */
  | { readonly kind: "lost" };

type Hear = (event: StreamEvent) => void;

const RECONNECT_MS = 1000;
const NAME = "wrist-agent-events";

/**
 * Hears the server's events. All tabs of the page share one connection, because a browser opens six to a server at most:
 * the tab that holds the lock listens and passes every event on, and when it goes the next one takes over.
 */
export function hearEvents(hear: Hear): () => void {
  const channel = new BroadcastChannel(NAME);
  channel.onmessage = (message: MessageEvent<StreamEvent>) => {
    hear(message.data);
  };
  const leaving = new AbortController();
  const pass = (event: StreamEvent): void => {
    channel.postMessage(event);
    hear(event);
  };
  const lead = (): Promise<void> => listenUntil(leaving.signal, pass);
  navigator.locks.request(NAME, { signal: leaving.signal }, lead).catch(() => undefined);
  return () => {
    leaving.abort();
    channel.close();
  };
}

/** Listens and reconnects, until the signal fires. */
function listenUntil(signal: AbortSignal, hear: Hear): Promise<void> {
  let source: EventSource | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const connect = (): void => {
    source = new EventSource("/api/events");
    source.addEventListener("changed", ({ data }: MessageEvent<string>) =>
      hear({ kind: "changed", parts: JSON.parse(data) as PagePart[] }),
    );
    source.addEventListener("joined", () => hear({ kind: "joined" }));
    source.addEventListener("heartbeat", ({ data }: MessageEvent<string>) =>
      hear({ kind: "heartbeat", nowMs: Number(data) }),
    );
    source.addEventListener("error", () => {
      hear({ kind: "lost" });
      if (source?.readyState === EventSource.CLOSED) timer = setTimeout(connect, RECONNECT_MS);
    });
  };
  connect();
  return new Promise((resolve) => {
    signal.addEventListener("abort", () => {
      source?.close();
      clearTimeout(timer);
      resolve();
    });
  });
}
