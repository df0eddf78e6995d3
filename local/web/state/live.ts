import { useEffect, useState } from "preact/hooks";
import type { AlarmRow, Mail, Overview, PageApi, RequestRow } from "../../server/wire.ts";

/** A dashboard with its data. */
export type DashboardView = PageApi["/api/dashboard"];
/** Any widget. */
export type WidgetView = DashboardView["widgets"][number];
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
  readonly requests: readonly RequestRow[];
  readonly mails: readonly Mail[];
  /** Set while the server does not answer. */
  readonly disconnectedSinceMs?: number;
  /** Counts refreshes. */
  readonly turn: number;
  /** The system's clock minus this browser's. */
  readonly clockOffsetMs: number;
}

const EMPTY_LIVE: Live = { alarms: [], requests: [], mails: [], turn: 0, clockOffsetMs: 0 };
const RECONNECT_MS = 1000;

/** Reads a path of the page's API. */
export async function readApi<Path extends keyof PageApi>(path: Path, query = ""): Promise<PageApi[Path]> {
  const response = await fetch(`${path}${query}`);
  const body = (await response.json()) as PageApi[Path] & { readonly error?: string };
  if (!response.ok) throw new Error(body.error ?? `the server answered ${response.status}`);
  return body;
}

/** The running system, read again whenever it says that it changed. */
export function useLive(): Live {
  const [live, setLive] = useState(EMPTY_LIVE);
  useEffect(() => followEvents(setLive), []);
  return live;
}

type Update = (change: (before: Live) => Live) => void;

function followEvents(update: Update): () => void {
  let source: EventSource | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const refresh = refresher(update);
  const connect = (): void => {
    source = new EventSource("/api/events");
    source.addEventListener("changed", refresh);
    source.addEventListener("error", () => {
      update(markDisconnected);
      if (source?.readyState === EventSource.CLOSED) timer = setTimeout(connect, RECONNECT_MS);
    });
  };
  connect();
  return () => {
    source?.close();
    clearTimeout(timer);
  };
}

/** A change during a refresh asks for one more afterwards. */
function refresher(update: Update): () => void {
  let state: "idle" | "running" | "again" = "idle";
  const run = async (): Promise<void> => {
    state = "running";
    try {
      const fresh = await readAll();
      update(({ turn }) => ({ ...fresh, turn: turn + 1 }));
    } catch {
      update(markDisconnected);
    }
    const again = (state as string) === "again";
    state = "idle";
    if (again) void run();
  };
  return () => {
    if (state === "idle") void run();
    else state = "again";
  };
}

async function readAll(): Promise<Omit<Live, "turn">> {
  const [overview, alarms, requests, mails] = await Promise.all([
    readApi("/api/overview"),
    readApi("/api/alarms"),
    readApi("/api/requests"),
    readApi("/api/mails"),
  ]);
  return { overview, alarms, requests, mails, clockOffsetMs: overview.nowMs - Date.now() };
}

function markDisconnected(before: Live): Live {
  return { ...before, disconnectedSinceMs: before.disconnectedSinceMs ?? Date.now() + before.clockOffsetMs };
}
