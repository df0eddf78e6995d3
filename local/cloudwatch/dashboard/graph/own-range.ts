import { RefusedWidget, type Drawing } from "../drawing.ts";
import { textAt, type Members } from "../members.ts";

const RELATIVE = /^-P(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?)?$/;
const MINUTE = 60_000;
/** Months, weeks, days, hours, minutes. */
const PART_MS = [30 * 1440 * MINUTE, 7 * 1440 * MINUTE, 1440 * MINUTE, 60 * MINUTE, MINUTE];

/** The drawing with the time range that the widget sets for itself, if it does. */
export function withOwnRange(properties: Members, drawing: Drawing): Drawing {
  const start = textAt(properties, "start");
  const end = textAt(properties, "end");
  if (start === undefined) return drawing;
  const endMs = end === undefined ? drawing.range.endMs : instant(end);
  const startMs = start.startsWith("-P") ? endMs - durationMs(start) : instant(start);
  return { ...drawing, range: { startMs, endMs } };
}

/** The instant of an ISO 8601 text. Throws {@link RefusedWidget} for anything else. */
export function instant(text: string): number {
  const timeMs = Date.parse(text);
  if (Number.isNaN(timeMs))
    throw new RefusedWidget(`"${text}" is no time: use ISO 8601, or -PT3H for a start`);
  return timeMs;
}

/** Milliseconds of a relative start such as -PT8H. Throws {@link RefusedWidget} for anything else. */
export function durationMs(text: string): number {
  const parts = RELATIVE.exec(text)?.slice(1);
  if (parts === undefined)
    throw new RefusedWidget(`"${text}" is no relative start: use -PT5M, -PT8H, -P7D or -P3M`);
  return parts.reduce(
    (sum, part, index) => sum + Number((part as string | undefined) ?? 0) * (PART_MS[index] ?? 0),
    0,
  );
}
