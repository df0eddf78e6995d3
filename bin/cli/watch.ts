import { setTimeout } from "node:timers/promises";
import { errorMessage } from "./failure.ts";
import { localTime, onInterrupt, type OnInterrupt, type Terminal } from "./terminal.ts";

/** Time and the person, as a command that goes on until Ctrl-C meets them. */
export interface WatchPorts {
  readonly onInterrupt: OnInterrupt;
  /** Rejects when the signal fires. */
  readonly wait: (milliseconds: number, signal: AbortSignal) => Promise<unknown>;
  readonly now: () => number;
}

/** The process's signals and the machine's clock. */
export function processWatchPorts(): WatchPorts {
  return {
    onInterrupt,
    wait: (milliseconds, signal) => setTimeout(milliseconds, undefined, { signal }),
    now: () => Date.now(),
  };
}

/** What is drawn again and again. */
export interface Watched {
  readonly terminal: Terminal;
  readonly everyMs: number;
  /** One frame; it is asked for again once it was shown and the time is over. */
  readonly draw: (signal: AbortSignal) => Promise<readonly string[]>;
}

/**
 * Draws frame after frame until Ctrl-C: in place on a terminal, one below the other elsewhere.
 *
 * The first frame must succeed. A later one that fails leaves the last one standing, with the time it is of
 * and the reason.
 */
export async function watchFrames(
  { terminal, everyMs, draw }: Watched,
  ports: WatchPorts = processWatchPorts(),
): Promise<void> {
  const stopping = new AbortController();
  const { signal } = stopping;
  const ignore = ports.onInterrupt(() => stopping.abort());
  try {
    const first = await terminal.progress("reading", draw(signal));
    if (signal.aborted) return;
    await showFrames({ terminal, everyMs, draw }, ports, { signal, first });
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    ignore();
  }
}

async function showFrames(
  { terminal, everyMs, draw }: Watched,
  ports: WatchPorts,
  { signal, first }: { readonly signal: AbortSignal; readonly first: readonly string[] },
): Promise<void> {
  const screen = terminal.openScreen?.();
  const show = (lines: readonly string[]): void =>
    screen === undefined ? [...lines, ""].forEach(terminal.out) : screen.draw(lines);
  let last = first;
  try {
    show(last);
    let shownMs = ports.now();
    for (;;) {
      await ports.wait(everyMs, signal);
      const next = await draw(signal).catch((error: unknown) => failedFrame(error));
      if (signal.aborted) return;
      if ("reason" in next)
        show([
          ...last,
          "",
          terminal.colours.red(`as of ${localTime(shownMs)}; not read since: ${next.reason}`),
        ]);
      else {
        last = next;
        shownMs = ports.now();
        show(last);
      }
    }
  } finally {
    screen?.close();
    // The other buffer took the frames with it: the last one stays readable.
    if (screen !== undefined) last.forEach(terminal.out);
  }
}

function failedFrame(error: unknown): { readonly reason: string } {
  return { reason: errorMessage(error) };
}
