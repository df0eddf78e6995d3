import { RefusedWidget } from "./drawing.ts";
import { durationMs, instant } from "./graph/own-range.ts";
import { isMembers, textAt } from "./members.ts";

/** How far back from `nowMs` a dashboard's own `start` lies, in seconds; `undefined` when it has none to follow. */
export function openingRangeSeconds(body: string, nowMs: number): number | undefined {
  try {
    const start = startOf(body);
    if (start === undefined) return undefined;
    const startMs = start.startsWith("-P") ? nowMs - durationMs(start) : instant(start);
    return startMs < nowMs ? Math.round((nowMs - startMs) / 1000) : undefined;
  } catch (error) {
    // A body or a start that cannot be read is refused where it is drawn, with its reason.
    if (error instanceof RefusedWidget || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function startOf(body: string): string | undefined {
  const parsed: unknown = JSON.parse(body);
  return isMembers(parsed) ? textAt(parsed, "start") : undefined;
}
