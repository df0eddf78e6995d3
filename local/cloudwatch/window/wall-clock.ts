/** Milliseconds that a time zone is ahead of UTC at an instant. */
export type ZoneOffset = (ms: number) => number;

const FIXED_OFFSET = /^(?:UTC|GMT)?([+-])(\d{2}):(\d{2})$/;
const MONDAY_SHIFT_MS = 4 * 86_400_000;

/**
 * Reads a time zone of an evaluation window or mute rule: an IANA name, `Z`, `+05:30`, `UTC+05:30` or `GMT-08:00`.
 * Gives `undefined` when it is none of these, or not a multiple of five minutes.
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

function namedOffset(timezone: string): ZoneOffset | undefined {
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat("en-US", { ...FIELDS, timeZone: timezone });
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
  return remembered((ms) => localTimeMs(format, ms) - Math.floor(ms / 1000) * 1000);
}

const HOUR_MS = 3_600_000;
const REMEMBERED_HOURS = 2048;

/** Asks a zone twice per hour at most: where both ends of an hour have one offset, all of it has. */
function remembered(offset: ZoneOffset): ZoneOffset {
  const hours = new Map<number, number | undefined>();
  const ofHour = (hour: number): number | undefined => {
    if (hours.has(hour)) return hours.get(hour);
    const begin = offset(hour * HOUR_MS);
    const steady = begin === offset((hour + 1) * HOUR_MS) ? begin : undefined;
    if (hours.size >= REMEMBERED_HOURS) hours.clear();
    hours.set(hour, steady);
    return steady;
  };
  return (ms) => ofHour(Math.floor(ms / HOUR_MS)) ?? offset(ms);
}

const FIELDS: Intl.DateTimeFormatOptions = {
  hourCycle: "h23",
  year: "numeric",
  month: "numeric",
  day: "numeric",
  hour: "numeric",
  minute: "numeric",
  second: "numeric",
};

function localTimeMs(format: Intl.DateTimeFormat, ms: number): number {
  const fields: Record<string, number> = {};
  for (const part of format.formatToParts(ms)) fields[part.type] = Number(part.value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = fields;
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

/**
 * The newest boundary of `periodSeconds` at or before `ms` on the clock of a zone; weeks begin on Monday.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation-window.html
 */
export function clockBoundary(ms: number, periodSeconds: number, offset: ZoneOffset): number {
  const periodMs = periodSeconds * 1000;
  const shift = periodSeconds === 604_800 ? MONDAY_SHIFT_MS : 0;
  const here = offset(ms);
  const local = Math.floor((ms + here - shift) / periodMs) * periodMs + shift;
  // The zone may have been elsewhere at the boundary than it is now: summer time.
  const boundary = local - offset(local - here);
  return boundary <= ms ? boundary : local - here;
}

/** The last `count` completed periods before `ms` as boundaries, oldest first: `count + 1` instants. */
export function completedPeriods(
  ms: number,
  period: { readonly seconds: number; readonly count: number },
  offset: ZoneOffset,
): readonly number[] {
  let boundary = clockBoundary(ms, period.seconds, offset);
  const newestFirst = [boundary];
  while (newestFirst.length <= period.count) {
    boundary = clockBoundary(boundary - 1, period.seconds, offset);
    newestFirst.push(boundary);
  }
  return newestFirst.reverse();
}
