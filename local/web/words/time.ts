/** How long ago `timeMs` was, in the largest whole unit: `just now`, `4 min ago`, `2 h ago`, `3 d ago`. */
export function ago(timeMs: number, nowMs: number): string {
  const length = span(nowMs - timeMs);
  return length === undefined ? "just now" : `${length} ago`;
}

/** A length of time in its largest whole unit; `undefined` under a minute. */
export function span(ms: number): string | undefined {
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return undefined;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86_400)} d`;
}

/** A moment in the viewer's zone: the clock alone when it is today, else with its date. */
export function clockTime(timeMs: number, nowMs: number): string {
  const date = new Date(timeMs);
  const time = date.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  if (date.toDateString() === new Date(nowMs).toDateString()) return time;
  return `${date.toLocaleDateString([], { day: "numeric", month: "short" })} ${time}`;
}

/** A moment to the second with date and zone, for tooltips. */
export function fullTime(timeMs: number): string {
  return new Date(timeMs).toLocaleString([], { dateStyle: "medium", timeStyle: "long" });
}
