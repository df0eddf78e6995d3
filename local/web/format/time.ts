import { type ComponentChild, h } from "preact";

let usesUtc = false;

/** Shows every moment in UTC, or in the reader's zone. */
export function showUtc(isOn: boolean): void {
  usesUtc = isOn;
}

/** Whether moments are shown in UTC. */
export function isUtc(): boolean {
  return usesUtc;
}

/**
 * Made once each: a new one takes longer than a thousand times of writing with it, and a list of requests
 * writes thousands.
 */
const writers = new Map<string, Intl.DateTimeFormat>();

/** A moment as the reader's language writes the asked parts of it, in the zone that is shown. */
export function writtenTime(timeMs: number, parts: Intl.DateTimeFormatOptions): string {
  const options = usesUtc ? { ...parts, timeZone: "UTC" } : parts;
  const key = JSON.stringify(options);
  const writer = writers.get(key) ?? new Intl.DateTimeFormat([], options);
  writers.set(key, writer);
  return writer.format(timeMs);
}

/** A day without its year: `Nov 22`. */
export const DAY_PARTS: Intl.DateTimeFormatOptions = { day: "numeric", month: "short" };
/** A twenty-four hour clock: `18:04`. */
export const CLOCK_PARTS: Intl.DateTimeFormatOptions = {
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
};
const WHOLE_DAY_PARTS: Intl.DateTimeFormatOptions = { day: "numeric", month: "numeric", year: "numeric" };

/** A date whose local fields are those of UTC, for what only knows local fields. */
export function utcDate(timeMs: number): Date {
  return new Date(timeMs + new Date(timeMs).getTimezoneOffset() * 60_000);
}

/** How long ago `timeMs` was, in the largest whole unit: `just now`, `4 min ago`, `2 h ago`, `3 d ago`. */
export function timeAgo(timeMs: number, nowMs: number): string {
  const length = durationText(nowMs - timeMs);
  return length === undefined ? "just now" : `${length} ago`;
}

/** A length of time in its largest whole unit; `undefined` under a minute. */
export function durationText(ms: number): string | undefined {
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return undefined;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86_400)} d`;
}

/** A length of time to the second: `48 s`, `4 min 10 s`, `2 h 5 min`. */
export function lengthText(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  const parts: readonly (readonly [number, string])[] = [
    [Math.floor(seconds / 86_400), "d"],
    [Math.floor(seconds / 3600) % 24, "h"],
    [Math.floor(seconds / 60) % 60, "min"],
    [seconds % 60, "s"],
  ];
  const first = parts.findIndex(([count]) => count > 0);
  if (first < 0) return "0 s";
  return parts
    .slice(first, first + 2)
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count} ${unit}`)
    .join(" ");
}

/** A moment in the viewer's zone: the clock alone when it is today, else with its date. */
export function clockTime(timeMs: number, nowMs: number): string {
  return datedTime(timeMs, nowMs, CLOCK_PARTS);
}

/** {@link clockTime} to the second. */
export function secondTime(timeMs: number, nowMs: number): string {
  return datedTime(timeMs, nowMs, { ...CLOCK_PARTS, second: "2-digit" });
}

function datedTime(timeMs: number, nowMs: number, parts: Intl.DateTimeFormatOptions): string {
  const time = writtenTime(timeMs, parts);
  if (writtenTime(timeMs, WHOLE_DAY_PARTS) === writtenTime(nowMs, WHOLE_DAY_PARTS)) return time;
  return `${writtenTime(timeMs, DAY_PARTS)} ${time}`;
}

/** A moment to the second with date and zone, for a chart's tip. */
export function fullTime(timeMs: number): string {
  return writtenTime(timeMs, { dateStyle: "medium", timeStyle: "long", hourCycle: "h23" });
}

/** A moment in the viewer's zone and in UTC, as logs and CloudWatch's texts have it, for tooltips. */
export function bothTimes(timeMs: number): string {
  return `${fullTime(timeMs)}\n${utcTime(timeMs)}`;
}

/** A day of UTC, whatever the reader's zone: `Nov 22 (UTC)`. */
export function utcDay(timeMs: number): string {
  return `${writtenTime(timeMs, { ...DAY_PARTS, timeZone: "UTC" })} (UTC)`;
}

/** `2026-11-22 18:04:11 UTC`. */
function utcTime(timeMs: number): string {
  return `${new Date(timeMs).toISOString().slice(0, 19).replace("T", " ")} UTC`;
}

const LOG_TIME = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d\.\d{3})$/;

/** The moment in a cell of a log query, as Logs Insights writes it, in UTC; `undefined` when it is none. */
export function parseLogTime(text: string): number | undefined {
  const found = LOG_TIME.exec(text);
  if (found === null) return undefined;
  const timeMs = Date.parse(`${found[1] ?? ""}T${found[2] ?? ""}Z`);
  return Number.isNaN(timeMs) ? undefined : timeMs;
}

/** A moment: the clock in the viewer's zone and how long ago; the full date, and UTC, on hover. */
export function Timestamp({
  timeMs,
  nowMs,
}: {
  readonly timeMs: number;
  readonly nowMs: number;
}): ComponentChild {
  return h(
    "time",
    { dateTime: new Date(timeMs).toISOString(), title: bothTimes(timeMs) },
    `${clockTime(timeMs, nowMs)} (${timeAgo(timeMs, nowMs)})`,
  );
}
