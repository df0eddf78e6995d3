const FORMATS = new Map<string, Intl.DateTimeFormat>();

/** Minutes that a zone's wall clock is ahead of UTC at an instant. */
export function offsetMinutes(instantMs: number, timeZone: string): number {
  const parts = new Map(
    format(timeZone)
      .formatToParts(instantMs)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const part = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? 0;
  const wall = Date.UTC(
    part("year"),
    part("month") - 1,
    part("day"),
    part("hour"),
    part("minute"),
    part("second"),
  );
  return Math.round((wall - instantMs) / 60_000);
}

/** The instant at which a zone's wall clock shows `wallMs`, a wall clock's time read as if it were UTC. */
export function instantOfWall(wallMs: number, timeZone: string): number {
  const guess = wallMs - offsetMinutes(wallMs, timeZone) * 60_000;
  return wallMs - offsetMinutes(guess, timeZone) * 60_000;
}

/** `2026-11-25T19:00:00-08:00`. */
export function zonedIso(instantMs: number, timeZone: string): string {
  const offset = offsetMinutes(instantMs, timeZone);
  const local = new Date(instantMs + offset * 60_000).toISOString().slice(0, 19);
  const digits = (value: number): string => String(Math.floor(value)).padStart(2, "0");
  return `${local}${offset < 0 ? "-" : "+"}${digits(Math.abs(offset) / 60)}:${digits(Math.abs(offset) % 60)}`;
}

function format(timeZone: string): Intl.DateTimeFormat {
  const known = FORMATS.get(timeZone);
  if (known !== undefined) return known;
  const numeric = "numeric";
  const made = new Intl.DateTimeFormat("en-US", {
    timeZone,
    hourCycle: "h23",
    year: numeric,
    month: numeric,
    day: numeric,
    hour: numeric,
    minute: numeric,
    second: numeric,
  });
  FORMATS.set(timeZone, made);
  return made;
}
