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
  return dated(timeMs, nowMs, { hour: "2-digit", minute: "2-digit" });
}

/** {@link clockTime} to the second. */
export function secondTime(timeMs: number, nowMs: number): string {
  return dated(timeMs, nowMs, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
}

function dated(timeMs: number, nowMs: number, parts: Intl.DateTimeFormatOptions): string {
  const date = new Date(timeMs);
  const time = date.toLocaleTimeString([], { ...parts, hourCycle: "h23" });
  if (date.toDateString() === new Date(nowMs).toDateString()) return time;
  return `${date.toLocaleDateString([], { day: "numeric", month: "short" })} ${time}`;
}

/** A moment to the second with date and zone, for a chart's tip. */
export function fullTime(timeMs: number): string {
  return new Date(timeMs).toLocaleString([], { dateStyle: "medium", timeStyle: "long" });
}

/** A moment in the viewer's zone and in UTC, as logs and CloudWatch's texts have it, for tooltips. */
export function bothTimes(timeMs: number): string {
  return `${fullTime(timeMs)}\n${utcTime(timeMs)}`;
}

/** A day of UTC, whatever the reader's zone: `Nov 22 (UTC)`. */
export function utcDay(timeMs: number): string {
  const date = new Date(timeMs);
  return `${date.toLocaleDateString([], { day: "numeric", month: "short", timeZone: "UTC" })} (UTC)`;
}

/** `2026-11-22 18:04:11 UTC`. */
export function utcTime(timeMs: number): string {
  return `${new Date(timeMs).toISOString().slice(0, 19).replace("T", " ")} UTC`;
}
