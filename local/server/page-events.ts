import type { ServerResponse } from "node:http";
import type { Cancel } from "../clock.ts";
import type { Subscribe } from "./page-port.ts";

/** The pages that listen for changes. */
export interface PageEvents {
  /** Keeps `response` open and tells it of every change from now on. */
  join(response: ServerResponse): void;
  /** Ends every open response and the subscription. */
  stop(): void;
}

/** Joins one subscription to any number of pages as server-sent events; changes of the same turn are told once. */
export function startPageEvents(subscribe: Subscribe): PageEvents {
  const pages = new Set<ServerResponse>();
  let told = true;
  const tell = (): void => {
    told = true;
    for (const page of pages) page.write("event: changed\ndata:\n\n");
  };
  const cancel: Cancel = subscribe(() => {
    if (!told) return;
    told = false;
    setImmediate(tell);
  });
  return {
    join(response) {
      response.on("close", () => pages.delete(response));
      pages.add(response);
      // Comes back a second after the connection breaks, so that a restarted server is seen at once.
      response.write("retry: 1000\nevent: changed\ndata:\n\n");
    },
    stop() {
      cancel();
      for (const page of pages) page.end();
    },
  };
}
