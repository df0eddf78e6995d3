/** Milliseconds that a time zone is ahead of UTC at an instant. */
export type ZoneOffset = (ms: number) => number;

const FIXED_OFFSET = /^(?:UTC|GMT)?([+-])(\d{2}):(\d{2})$/;
const MONDAY_SHIFT_MS = 4 * 86_400_000;

/**
 * Reads a time zone of an evaluation window or mute rule: an IANA name, `Z`, `+05:30`, `UTC+05:30` or
 * `GMT-08:00`. Gives `undefined` when it is none of these, or not a multiple of five minutes.
 */
export function zoneOffset(timezone: string): ZoneOffset | undefined {
  if (timezone === "Z" || timezone === "UTC" || timezone === "GMT") return () => 0;
  const fixed = FIXED_OFFSET.exec(timezone);
  if (fixed !== null) return fixedOffset(fixed);
  return namedOffset(timezone);
}

function fixedOffset([, sign, hours, minutes]: RegExpExecArray): ZoneOffset | undefined {
  const total = Number(hours) * 60 + Number(minutes);
  if (total % 5 !== 0 || Number(minutes) > 59 || total > 18 * 60) return undefined;
  const ms = (sign === "-" ? -total : total) * 60_000;
  return () => ms;
}

/** What was asked of a zone before is known to whoever asks next; there are a few hundred zones. */
const NAMED_OFFSETS = new Map<string, ZoneOffset>();

function namedOffset(timezone: string): ZoneOffset | undefined {
  const known = NAMED_OFFSETS.get(timezone);
  if (known !== undefined) return known;
  const offset = readNamedOffset(timezone);
  if (offset !== undefined) NAMED_OFFSETS.set(timezone, offset);
  return offset;
}

function readNamedOffset(timezone: string): ZoneOffset | undefined {
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat("en-US", { ...FIELDS, timeZone: timezone });
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
  return cachedByHour((ms) => localTimeMs(format, ms) - Math.floor(ms / 1000) * 1000);
}

const HOUR_MS = 3_600_000;
const MAX_CACHED_HOURS = 2048;

/** Asks a zone twice per hour at most: where both ends of an hour have one offset, all of it has. */
function cachedByHour(offset: ZoneOffset): ZoneOffset {
  const hours = new Map<number, number | undefined>();
  const ofHour = (hour: number): number | undefined => {
    if (hours.has(hour)) return hours.get(hour);
    const begin = offset(hour * HOUR_MS);
    const steady = begin === offset((hour + 1) * HOUR_MS) ? begin : undefined;
    if (hours.size >= MAX_CACHED_HOURS) hours.clear();
    hours.set(hour, steady);
    return steady;
  };
  return (ms) => ofHour(Math.floor(ms / HOUR_MS)) ?? offset(ms);
}

const FIELDS: Intl.DateTimeFormatOptions = {
  hourCycle: "h23",
  era: "short",
  year: "numeric",
  month: "numeric",
  day: "numeric",
  hour: "numeric",
  minute: "numeric",
  second: "numeric",
};

/** The zone's wall clock at an instant, read as if it were UTC. */
function localTimeMs(format: Intl.DateTimeFormat, ms: number): number {
  const parts = new Map(format.formatToParts(ms).map(({ type, value }) => [type, value]));
  const part = (type: Intl.DateTimeFormatPartTypes): number => Number(parts.get(type) ?? 0);
  const year = parts.get("era") === "BC" ? 1 - part("year") : part("year");
  // Date.UTC takes the years 0 to 99 for those of the last century.
  const date = new Date(0);
  date.setUTCFullYear(year, part("month") - 1, part("day"));
  return date.setUTCHours(part("hour"), part("minute"), part("second"));
}

const DAY_MS = 86_400_000;

/**
 * The instant of a local time written as if it were UTC: none for one that summer time skips, the first of
 * one that comes twice.
 */
export function zonedInstant(localMs: number, offset: ZoneOffset): number | undefined {
  const candidates = [localMs - DAY_MS, localMs + DAY_MS].map((near) => localMs - offset(near));
  return candidates.filter((instant) => instant + offset(instant) === localMs).sort((a, b) => a - b)[0];
}

/** `2026-11-25T19:00:00-08:00`. */
export function zonedIso(ms: number, offset: ZoneOffset): string {
  const minutes = Math.round(offset(ms) / 60_000);
  const local = new Date(ms + minutes * 60_000).toISOString().slice(0, 19);
  const digits = (value: number): string => String(Math.floor(value)).padStart(2, "0");
  return `${local}${minutes < 0 ? "-" : "+"}${digits(Math.abs(minutes) / 60)}:${digits(Math.abs(minutes) % 60)}`;
}

/**
 * The newest boundary of `periodSeconds` at or before `ms` on the clock of a zone; weeks begin on Monday.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation-window.html
 */
export function wallClockBoundary(ms: number, periodSeconds: number, offset: ZoneOffset): number {
  const periodMs = periodSeconds * 1000;
  const shift = periodSeconds === 604_800 ? MONDAY_SHIFT_MS : 0;
  const here = offset(ms);
  const local = Math.floor((ms + here - shift) / periodMs) * periodMs + shift;
  // The zone may have been elsewhere at the boundary than it is now: summer time.
  const boundary = local - offset(local - here);
  return boundary <= ms ? boundary : local - here;
}

/** The last `count` completed periods before `ms` as boundaries, oldest first: `count + 1` instants. */
export function completedWallClockPeriods(
  ms: number,
  period: { readonly seconds: number; readonly count: number },
  offset: ZoneOffset,
): readonly number[] {
  let boundary = wallClockBoundary(ms, period.seconds, offset);
  const newestFirst = [boundary];
  while (newestFirst.length <= period.count) {
    boundary = wallClockBoundary(boundary - 1, period.seconds, offset);
    newestFirst.push(boundary);
  }
  return newestFirst.reverse();
}
