import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import {
  type AlarmRow,
  type Mail,
  type Overview,
  PAGE_PARTS,
  type PageApi,
  type PagePart,
  type RequestRow,
} from "../../server/wire.ts";

/** A dashboard with its data. */
export type DashboardView = PageApi["/api/dashboard"]["view"] & {
  readonly widgets: readonly WidgetView[];
};
/** Any widget. */
export type WidgetView = NonNullable<PageApi["/api/dashboard"]["widgets"][number]>;
/** A widget made of metrics. */
export type MetricWidget = Extract<WidgetView, { readonly type: "metric" }>;
/** A widget that lists log rows. */
export type LogWidget = Extract<WidgetView, { readonly type: "log" }>;
/** A widget of alarms' states. */
export type AlarmWidget = Extract<WidgetView, { readonly type: "alarm" }>;
/** One line, bar, slice or number. */
export type Series = MetricWidget["series"][number];
/** The state of an alarm, as CloudWatch spells it. */
export type AlarmState = AlarmRow["state"];

/** Everything that the page knows of the running system. */
export interface Live {
  /** `undefined` until the first answer. */
  readonly overview?: Overview;
  readonly alarms: readonly AlarmRow[];
  /** Newest first; read while a section shows them. */
  readonly requests: readonly RequestRow[];
  readonly mails: readonly Mail[];
  /** Set while the server does not answer. */
  readonly disconnectedSinceMs?: number;
  /** How often each part has changed since the page was opened. */
  readonly changes: Readonly<Record<PagePart, number>>;
  /** The system's clock minus this browser's. */
  readonly clockOffsetMs: number;
}

const NO_CHANGES = Object.fromEntries(PAGE_PARTS.map((part) => [part, 0])) as Record<PagePart, number>;
const EMPTY_LIVE: Live = { alarms: [], requests: [], mails: [], changes: NO_CHANGES, clockOffsetMs: 0 };

/** A server that has been silent for so long is frozen: it sends a heartbeat every two seconds. */
const FROZEN_MS = 6000;
const WATCH_MS = 1000;

/** A connection is made within so much of the first reading; later a change may lie between the two. */
const JUST_OPENED_MS = 1000;

/** Reads a path of the page's API. */
export async function readApi<Path extends keyof PageApi>(path: Path, query = ""): Promise<PageApi[Path]> {
  const response = await fetch(`${path}${query}`);
  const body = (await response.json()) as PageApi[Path] & { readonly error?: string };
  if (!response.ok) throw new Error(body.error ?? `the server answered ${response.status}`);
  return body;
}

/** Posts to a path of the page's API and gives the answer. Throws with what the server says is wrong. */
export async function postApi(path: string, body: unknown): Promise<unknown> {
  const response = await fetch(path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  }).catch((cause: unknown) => {
    throw new Error("the local runtime does not answer", { cause });
  });
  const answer = (await response.json()) as { readonly error?: string };
  if (!response.ok) throw new Error(answer.error ?? `the server answered ${response.status}`);
  return answer;
}

/** The running system: whatever changes is read again, the requests only while `showsRequests`. */
export function useLive(showsRequests: boolean): Live {
  const [live, setLive] = useState(EMPTY_LIVE);
  const follower = useRef<LiveFollower>(null);
  // Before the first paint: nothing that can be read is seen yet, and every answer is awaited.
  useLayoutEffect(() => {
    const one = new LiveFollower(setLive);
    follower.current = one;
    return () => one.stop();
  }, []);
  useEffect(() => follower.current?.want(showsRequests), [showsRequests]);
  return live;
}

type Update = (change: (before: Live) => Live) => void;

/** Reads what has changed, one round at a time, and only what somebody looks at. */
class LiveFollower {
  readonly #update: Update;
  readonly #stale = new Set<PagePart>(PAGE_PARTS);
  readonly #stops: (() => void)[] = [];
  #live = EMPTY_LIVE;
  readonly #openedMs = performance.now();
  #heardMs = this.#openedMs;
  #isReading = false;
  #wantsRequests = false;

  constructor(update: Update) {
    this.#update = update;
    const watch = setInterval(() => this.#watch(), WATCH_MS);
    const seen = (): void => void this.#read();
    document.addEventListener("visibilitychange", seen);
    this.#stops.push(
      hearEvents((event) => this.#hear(event)),
      () => clearInterval(watch),
      () => document.removeEventListener("visibilitychange", seen),
    );
    void this.#read();
  }

  stop(): void {
    this.#stops.forEach((stop) => stop());
  }

  want(showsRequests: boolean): void {
    this.#wantsRequests = showsRequests;
    void this.#read();
  }

  #set(next: Live): void {
    this.#live = next;
    this.#update(() => next);
  }

  #hear(event: StreamEvent): void {
    if (event.kind === "lost") {
      this.#lose();
      return;
    }
    this.#heardMs = performance.now();
    const isConnected = this.#live.disconnectedSinceMs === undefined;
    if (event.kind === "heartbeat" && isConnected) return;
    // What the page has just begun to read needs no second reading.
    if (event.kind === "joined" && isConnected && this.#heardMs - this.#openedMs < JUST_OPENED_MS) return;
    const parts = event.kind === "changed" ? event.parts : PAGE_PARTS;
    for (const part of parts) this.#stale.add(part);
    void this.#read();
  }

  /** A frozen server breaks no connection: its silence is the sign. */
  #watch(): void {
    if (performance.now() - this.#heardMs > FROZEN_MS) this.#lose();
  }

  #lose(): void {
    if (this.#live.disconnectedSinceMs !== undefined) return;
    for (const part of PAGE_PARTS) this.#stale.add(part);
    this.#set({ ...this.#live, disconnectedSinceMs: Date.now() + this.#live.clockOffsetMs });
  }

  /** A hidden tab reads what its title and mails need; the rest waits until somebody looks. */
  #wanted(): readonly PagePart[] {
    return [...this.#stale].filter((part) => {
      if (part === "requests") return this.#wantsRequests && !document.hidden;
      return part === "dashboard" ? !document.hidden : true;
    });
  }

  async #read(): Promise<void> {
    const parts = this.#wanted();
    if (this.#isReading || parts.length === 0) return;
    this.#isReading = true;
    parts.forEach((part) => this.#stale.delete(part));
    try {
      // A server that was away may be another one, which counts anew.
      const isNew = this.#live.disconnectedSinceMs !== undefined;
      const fresh = await readParts(parts, isNew ? EMPTY_LIVE : this.#live);
      const { disconnectedSinceMs: _over, ...before } = this.#live;
      const changes = { ...before.changes };
      for (const part of parts) changes[part] += 1;
      this.#set({ ...before, ...fresh, changes });
    } catch {
      this.#lose();
      this.#isReading = false;
      return;
    }
    this.#isReading = false;
    void this.#read();
  }
}

/** Requests that the page keeps at most. */
const MAX_REQUESTS = 1000;
/** The newest rows are read again: the log line of a request may come after the request. */
const READ_AGAIN = 5;

async function readParts(parts: readonly PagePart[], before: Live): Promise<Partial<Live>> {
  const has = (part: PagePart): boolean => parts.includes(part);
  const [overview, alarms, requests, mails] = await Promise.all([
    has("overview") ? readApi("/api/overview") : undefined,
    has("alarms") ? readApi("/api/alarms") : undefined,
    has("requests") ? readRequests(before.requests) : undefined,
    has("mails") ? readMails(before.mails) : undefined,
  ]);
  return {
    ...(overview && { overview, clockOffsetMs: overview.nowMs - Date.now() }),
    ...(alarms && { alarms }),
    ...(requests && { requests }),
    ...(mails && { mails }),
  };
}

async function readRequests(known: readonly RequestRow[]): Promise<readonly RequestRow[]> {
  const newest = known[0]?.sequence ?? 0;
  const after = Math.max(0, newest - READ_AGAIN);
  const fresh = await readApi("/api/requests", `?limit=${MAX_REQUESTS}&after=${after}`);
  return [...fresh, ...known.filter(({ sequence }) => sequence <= after)].slice(0, MAX_REQUESTS);
}

async function readMails(known: readonly Mail[]): Promise<readonly Mail[]> {
  const newest = known[0]?.id;
  const fresh = await readApi(
    "/api/mails",
    newest === undefined ? "" : `?after=${encodeURIComponent(newest)}`,
  );
  return [...fresh, ...known];
}

/** What the server says of itself. */
type StreamEvent =
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
 * Hears the server's events. All tabs of the page share one connection, because a browser opens six to a
 * server at most: the tab that holds the lock listens and passes every event on, and when it goes the next
 * one takes over.
 */
function hearEvents(hear: Hear): () => void {
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
