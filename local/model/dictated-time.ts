import { parse, type ParsedResult } from "chrono-node/en";
import { zonedInstant, type ZoneOffset, zoneOffset } from "@wrist-agent/cloudwatch/zoned-time";

const UNITS =
  "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split(
    " ",
  );
const TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];
const NUMBERS = new Map<string, number>([
  ...UNITS.map((word, value): [string, number] => [word, value]),
  ...TENS.map((word, index): [string, number] => [word, (index + 2) * 10]),
]);
const WORD = [...NUMBERS.keys()].sort((a, b) => b.length - a.length).join("|");
const DAY = "(?:mon|tues|wednes|thurs|fri|satur|sun)day|today|tonight|tomorrow";

type Rewrite = readonly [pattern: RegExp, replacement: string | ((...groups: string[]) => string)];

/** In their order: numbers first, then the ways to say a time with them. */
const REWRITES: readonly Rewrite[] = [
  [
    new RegExp(`\\b(${TENS.join("|")})[ -](${UNITS.slice(1, 10).join("|")})\\b`, "gi"),
    (_, tens = "", unit = "") => String(spokenNumber(tens) + spokenNumber(unit)),
  ],
  [new RegExp(`\\b(${WORD})\\b`, "gi"), (_, word = "") => String(spokenNumber(word))],
  [/\b(?:a )?half past (\d{1,2})\b/gi, "$1:30"],
  [/\b(?:a )?quarter past (\d{1,2})\b/gi, "$1:15"],
  [/\b(?:a )?quarter to (\d{1,2})\b/gi, (_, hour = "") => `${((Number(hour) + 10) % 12) + 1}:45`],
  [new RegExp(`\\b(${DAY}|at) (\\d{1,2}) (15|30|45)\\b`, "gi"), "$1 $2:$3"],
  [/\b(\d{1,2}(?::\d\d)?)(?: o'?clock)? (?:in the morning)\b/gi, "$1 am"],
  [/\b(\d{1,2}(?::\d\d)?)(?: o'?clock)? (?:in the afternoon|in the evening|at night)\b/gi, "$1 pm"],
  [/\b(\d{1,2}) o'?clock\b/gi, "$1:00"],
  [new RegExp(`\\b(${DAY}) (\\d{1,2}(?::\\d\\d)?)(?= |,|$)(?! (?:days|weeks|people))`, "gi"), "$1 at $2"],
];

/** Dictated times in the digits that a date parser reads: "seven in the evening" becomes "7 pm". */
export function spokenTimesInDigits(dictated: string): string {
  return REWRITES.reduce(
    (text, [pattern, replacement]) =>
      typeof replacement === "string"
        ? text.replace(pattern, replacement)
        : text.replace(pattern, replacement),
    dictated,
  );
}

function spokenNumber(word: string): number {
  return NUMBERS.get(word.toLowerCase()) ?? 0;
}

/** Time in a dictated sentence, and the sentence without it. */
export interface DictatedTime {
  /** Epoch milliseconds; missing when no time was said. */
  readonly startMs?: number;
  /** Present when a length or an end was said. */
  readonly endMs?: number;
  readonly rest: string;
}

/** From where "tomorrow" is counted. */
interface Moment {
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
export function findDictatedTime(dictated: string, moment: Moment): DictatedTime {
  const written = spokenTimesInDigits(dictated);
  const lengthMs = dictatedLengthMs(written);
  const text = written.replace(LENGTH, "");
  const offset = offsetOf(moment.timeZone);
  const timezone = Math.round(offset(moment.nowMs) / 60_000);
  const [found] = parse(text, { instant: new Date(moment.nowMs), timezone }, { forwardDate: true }).filter(
    namesDayOrHour,
  );
  if (found === undefined) return { rest: tidy(text) };
  const startMs = dictatedInstant(found.start, found.text, offset);
  const endMs = found.end ? dictatedInstant(found.end, found.text, offset) : startMs + (lengthMs ?? 0);
  return {
    startMs,
    ...(endMs > startMs && { endMs }),
    rest: tidy(text.slice(0, found.index) + text.slice(found.index + found.text.length)),
  };
}

/** A zone that the package does not know is read as UTC. */
export function offsetOf(timeZone: string): ZoneOffset {
  return zoneOffset(timeZone) ?? (() => 0);
}

function namesDayOrHour({ start }: ParsedResult): boolean {
  return (
    start.isCertain("day") ||
    start.isCertain("weekday") ||
    start.isCertain("hour") ||
    start.isCertain("month")
  );
}

function dictatedInstant(parts: ParsedResult["start"], said: string, offset: ZoneOffset): number {
  // "in two hours" is an instant already; everything else is a wall clock's.
  if (parts.isCertain("timezoneOffset")) return parts.date().getTime();
  const part = (name: "year" | "month" | "day" | "minute"): number => parts.get(name) ?? 0;
  const wallMs = Date.UTC(part("year"), part("month") - 1, part("day"), hourOf(parts, said), part("minute"));
  // A wall clock's time that summer time skips is meant an hour later.
  return zonedInstant(wallMs, offset) ?? wallMs - offset(wallMs);
}

function hourOf(parts: ParsedResult["start"], said: string): number {
  const hour = parts.get("hour") ?? MORNING;
  if (!parts.isCertain("hour")) return NAMES_HOUR.test(said) ? hour : MORNING;
  const isOpen = !parts.isCertain("meridiem");
  return isOpen && hour >= 1 && hour <= AFTERNOON_UP_TO ? hour + 12 : hour;
}

function dictatedLengthMs(text: string): number | undefined {
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
