import type { ServerResponse } from "node:http";
import type { Clock } from "@wrist-agent/cloudwatch/clock";
import type { Subscribe } from "./page-api.ts";
import type { PagePart } from "./wire.ts";

/** The pages that listen for changes. */
export interface PageEvents {
  /** Keeps `response` open and sends it every change from now on. */
  join(response: ServerResponse): void;
  /** Ends every open response and the subscription. */
  stop(): void;
}

/**
 * Least time between two events of changes: a reader sees no more, and every event is a round of requests.
 */
const MIN_EVENT_GAP_MS = 2000;

/** A page takes a server that is silent for three of these for frozen. */
const HEARTBEAT_MS = 2000;

/**
 * Joins one subscription to any number of pages as server-sent events; changes within two seconds are sent
 * together.
 */
export function startPageEvents(subscribe: Subscribe, clock: Clock): PageEvents {
  const pages = new Set<ServerResponse>();
  const send = (text: string): void => pages.forEach((page) => page.write(text));
  const changes = new PacedChanges(clock, (parts) => send(changedEvent(parts)));
  const cancels = [
    subscribe((parts) => changes.add(parts)),
    clock.every(HEARTBEAT_MS, () => send(`event: heartbeat\ndata:${clock.now()}\n\n`)),
  ];
  return {
    join(response) {
      response.on("close", () => pages.delete(response));
      pages.add(response);
      // Comes back a second after the connection breaks, so that a restarted server is seen at once.
      response.write("retry: 1000\nevent: joined\ndata:\n\n");
    },
    stop() {
      cancels.forEach((cancel) => cancel());
      changes.stop();
      for (const page of pages) page.end();
    },
  };
}

function changedEvent(parts: readonly PagePart[]): string {
  return `event: changed\ndata: ${JSON.stringify(parts)}\n\n`;
}

/** How often a change that has to wait is looked at again. */
const PACE_MS = 500;

/**
 * Collects changes and passes them on at once after a pause, else when the least time since the last ones is
 * over.
 */
class PacedChanges {
  readonly #clock: Clock;
  readonly #tell: (parts: readonly PagePart[]) => void;
  readonly #parts = new Set<PagePart>();
  readonly #cancel: () => void;
  #nextMs = -Infinity;
  #isDue = false;

  constructor(clock: Clock, tell: (parts: readonly PagePart[]) => void) {
    this.#clock = clock;
    this.#tell = tell;
    this.#cancel = clock.every(PACE_MS, (nowMs) => this.#tellIfDue(nowMs));
  }

  add(parts: readonly PagePart[]): void {
    for (const part of parts) this.#parts.add(part);
    if (this.#isDue) return;
    this.#isDue = true;
    // The end of this turn: changes that come together are sent together.
    setImmediate(() => this.#tellIfDue(this.#clock.now()));
  }

  stop(): void {
    this.#parts.clear();
    this.#cancel();
  }

  #tellIfDue(nowMs: number): void {
    if (this.#parts.size === 0 || nowMs < this.#nextMs) return;
    this.#isDue = false;
    this.#nextMs = nowMs + MIN_EVENT_GAP_MS;
    const parts = [...this.#parts];
    this.#parts.clear();
    this.#tell(parts);
  }
}
