/** A day of a time zone, in epoch milliseconds: from its midnight to the next one. */
export interface Day {
  readonly startMs: number;
  readonly endMs: number;
}

/** Every offset of a time zone is a multiple of it, so that every midnight lies on one. */
const STEP_MS = 15 * 60_000;

/** The day that an instant belongs to; where a clock change leaves no midnight, the day begins with its first instant. */
export function dayOf(nowMs: number, timeZone: string): Day {
  const format = new Intl.DateTimeFormat("en-CA", { timeZone, dateStyle: "short" });
  const today = format.format(nowMs);
  const isToday = (atMs: number): boolean => format.format(atMs) === today;
  const stepMs = Math.floor(nowMs / STEP_MS) * STEP_MS;
  let startMs = stepMs;
  while (isToday(startMs - STEP_MS)) startMs -= STEP_MS;
  let endMs = stepMs + STEP_MS;
  while (isToday(endMs)) endMs += STEP_MS;
  return { startMs, endMs };
}
