import { parse } from "chrono-node";
import type { ParsedResult } from "chrono-node";
import { writtenTimes } from "./spoken-time.ts";
import { instantOfWall, offsetMinutes } from "./zoned-time.ts";

/** Time in a dictated sentence, and the sentence without it. */
export interface When {
  /** Epoch milliseconds; missing when no time was said. */
  readonly startMs?: number;
  /** Present when a length or an end was said. */
  readonly endMs?: number;
  readonly rest: string;
}

/** From where "tomorrow" is counted. */
export interface Moment {
  readonly nowMs: number;
  readonly timeZone: string;
}

const LENGTH = /,?\s*\bfor (?:about )?(an?|half an|\d+(?:\.\d+)?)[ -](hour|minute)s?\b/i;
const HOUR_MS = 3_600_000;
/** A day without an hour means its morning. */
const MORNING = 9;
/** Hours from 1 to 6 without "am" mean the afternoon: nobody has a dentist at two in the night. */
const AFTERNOON_UP_TO = 6;
const NAMES_HOUR = /noon|night|morning|evening/i;

/** Finds the first time in a sentence. */
export function findWhen(dictated: string, moment: Moment): When {
  const written = writtenTimes(dictated);
  const lengthMs = lengthOf(written);
  const text = written.replace(LENGTH, "");
  const timezone = offsetMinutes(moment.nowMs, moment.timeZone);
  const [found] = parse(text, { instant: new Date(moment.nowMs), timezone }, { forwardDate: true }).filter(
    saysDayOrHour,
  );
  if (found === undefined) return { rest: tidy(text) };
  const startMs = instant(found.start, found.text, moment.timeZone);
  const endMs = found.end ? instant(found.end, found.text, moment.timeZone) : startMs + (lengthMs ?? 0);
  return {
    startMs,
    ...(endMs > startMs && { endMs }),
    rest: tidy(text.slice(0, found.index) + text.slice(found.index + found.text.length)),
  };
}

function saysDayOrHour({ start }: ParsedResult): boolean {
  return (
    start.isCertain("day") ||
    start.isCertain("weekday") ||
    start.isCertain("hour") ||
    start.isCertain("month")
  );
}

function instant(parts: ParsedResult["start"], said: string, timeZone: string): number {
  // "in two hours" is an instant already; everything else is a wall clock's.
  if (parts.isCertain("timezoneOffset")) return parts.date().getTime();
  const part = (name: "year" | "month" | "day" | "minute"): number => parts.get(name) ?? 0;
  const wallMs = Date.UTC(part("year"), part("month") - 1, part("day"), hourOf(parts, said), part("minute"));
  return instantOfWall(wallMs, timeZone);
}

function hourOf(parts: ParsedResult["start"], said: string): number {
  const hour = parts.get("hour") ?? MORNING;
  if (!parts.isCertain("hour")) return NAMES_HOUR.test(said) ? hour : MORNING;
  const isOpen = !parts.isCertain("meridiem");
  return isOpen && hour >= 1 && hour <= AFTERNOON_UP_TO ? hour + 12 : hour;
}

function lengthOf(text: string): number | undefined {
  const [, amount, unit] = LENGTH.exec(text) ?? [];
  if (amount === undefined) return undefined;
  const count = /^half/i.test(amount) ? 0.5 : /^an?$/i.test(amount) ? 1 : Number(amount);
  return count * (unit?.toLowerCase() === "hour" ? HOUR_MS : 60_000);
}

function tidy(text: string): string {
  return text
    .replace(/\s+/g, " ")
    .replace(/\s+,/g, ",")
    .replace(/^[\s,]+|[\s,]+$/g, "")
    .replace(/\b(at|on|by|for|the)$/i, "")
    .trim();
}
