/** The zone's canonical name; `undefined` for what is no IANA zone. */
export function canonicalTimeZone(name: string): string | undefined {
  // An offset such as +02:00 is taken by newer versions of Node, and has no summer time.
  if (!/^[A-Za-z]/.test(name)) return undefined;
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone;
  } catch {
    return undefined;
  }
}

/** An instant in British words, with the parts that are asked for, in a zone. */
export function formatInZone(
  atMs: number,
  timeZone: string,
  parts: Pick<Intl.DateTimeFormatOptions, "weekday" | "day" | "month" | "year" | "hour" | "minute">,
): string {
  const format = new Intl.DateTimeFormat("en-GB", { ...parts, hourCycle: "h23", timeZone });
  return format.format(atMs);
}

/** Weekday and time, with the zone's name: `Tuesday 01:00 (Europe/Berlin)`. */
export function timeInWords(atMs: number, timeZone: string): string {
  const text = formatInZone(atMs, timeZone, { weekday: "long", hour: "2-digit", minute: "2-digit" });
  return `${text} (${timeZone})`;
}

/**
 * An ISO 8601 instant that states its offset, as epoch milliseconds; `undefined` for anything else, a 31
 * February among it.
 */
export function parseInstant(text: string): number | undefined {
  const [, date = "", time = ""] = ISO_INSTANT.exec(text) ?? [];
  if (date === "" || !isDateTime(date, time)) return undefined;
  const milliseconds = Date.parse(text);
  return Number.isNaN(milliseconds) ? undefined : milliseconds;
}

/**
 * A date and time without an offset, as the milliseconds of that wall clock read as UTC; `undefined` for
 * anything else.
 */
export function parseWallClock(text: string): number | undefined {
  const [, date = "", time = ""] = WALL_CLOCK.exec(text) ?? [];
  return date === "" || !isDateTime(date, time) ? undefined : Date.parse(`${text}Z`);
}

const WALL_CLOCK = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(?::\d\d(?:\.\d{1,9})?)?$/;
const ISO_INSTANT = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)$/;

/** `Date.parse` moves the 31st of a shorter month into the next one; written back it then differs. */
function isDateTime(date: string, time: string): boolean {
  const milliseconds = Date.parse(`${date}T${time}Z`);
  return !Number.isNaN(milliseconds) && new Date(milliseconds).toISOString().startsWith(date);
}
