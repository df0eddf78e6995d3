import { zonedInstant, zoneOffset, type ZoneOffset } from "@wrist-agent/cloudwatch/zoned-time";
import type { Random } from "../random.ts";
import type { FaultScenario, TimeRange } from "./scenario.ts";
import { minSimulationDays } from "./simulated-world.ts";
import { SIMULATION_START_MS } from "./synthetic-traffic.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const WEEK_MS = 7 * DAY_MS;

/**
 * Quiet days before a change of the clock at the least, so that every window is full, and after the fault.
 */
const DAYS_AROUND = 2;

/** How long before a change of the clock a fault begins, so that it is there when the clock jumps. */
const BEFORE_CHANGE_MS = HOUR_MS;

/** When a fault begins: at a time of day, or an hour before the clock is put forward or back. */
export type FaultBegin =
  | { readonly at: "time-of-day"; readonly minutes: number; readonly timezone: string }
  | { readonly at: "summer-time" | "winter-time"; readonly timezone: string };

/** It is there for `forMs` out of `everyMs`, as long as the fault lasts. */
export interface Recurrence {
  readonly forMs: number;
  readonly everyMs: number;
}

/**
 * `midnight`, `14:30`, `summer-time` or `winter-time` on a zone's clock; a text says what is wrong with it.
 */
export function parseBegin(text: string, timezone: string): FaultBegin | string {
  if (zoneOffset(timezone) === undefined)
    return `"${timezone}" is no time zone: write one like Europe/Berlin or +05:30`;
  if (text === "summer-time" || text === "winter-time")
    return hasSummerTime(timezone)
      ? { at: text, timezone }
      : `"${text}" needs a time zone that has it, like Europe/Berlin: ${timezone} never changes its clock`;
  const [, hours, minutes] = /^([01]?\d|2[0-3]):([0-5]\d)$/.exec(text === "midnight" ? "00:00" : text) ?? [];
  if (hours === undefined || minutes === undefined)
    return `"${text}" is no begin: write midnight, a time like 14:30, summer-time or winter-time`;
  return { at: "time-of-day", minutes: Number(hours) * 60 + Number(minutes), timezone };
}

/** A scenario that begins at a given time. */
export function beginningAt(scenario: FaultScenario, begin: FaultBegin): FaultScenario {
  if (begin.at === "time-of-day")
    return { ...scenario, beginsAt: (within, random) => timeOfDay(begin, within, random) };
  return { ...scenario, beginsAt: () => clockChange(begin) - BEFORE_CHANGE_MS };
}

/** A scenario that comes and goes for as long as it would last otherwise. */
export function recurringScenario(scenario: FaultScenario, { forMs, everyMs }: Recurrence): FaultScenario {
  const lastsMs = scenario.durationHours * HOUR_MS;
  if (lastsMs === 0) return scenario;
  const gapMinutes = (everyMs - forMs) / MINUTE_MS;
  const times = Math.max(1, Math.ceil(lastsMs / everyMs));
  return {
    ...scenario,
    durationHours: forMs / HOUR_MS,
    repeats: { times, gapMinutes: [gapMinutes, gapMinutes] },
  };
}

/** Midnight (UTC) of the Monday that the simulated days begin on: a change of the clock moves them. */
export function simulationStart(begin: FaultBegin | undefined): number {
  if (begin === undefined || begin.at === "time-of-day") return SIMULATION_START_MS;
  const earliestMs = clockChange(begin) - BEFORE_CHANGE_MS - DAYS_AROUND * DAY_MS;
  return SIMULATION_START_MS + Math.floor((earliestMs - SIMULATION_START_MS) / WEEK_MS) * WEEK_MS;
}

/** The least days that hold a scenario with quiet days on both sides. */
export function minDays(scenario: FaultScenario, begin: FaultBegin | undefined): number {
  const days = minSimulationDays(scenario);
  if (begin === undefined || begin.at === "time-of-day" || scenario.durationHours === 0) return days;
  const beforeMs = clockChange(begin) - BEFORE_CHANGE_MS - simulationStart(begin);
  return Math.ceil(beforeMs / DAY_MS) + days - DAYS_AROUND;
}

/** A chance day of those that there are, at its time; the first one afterwards where no day has it. */
function timeOfDay(
  { minutes, timezone }: Extract<FaultBegin, { readonly at: "time-of-day" }>,
  { beginMs, endMs }: TimeRange,
  random: Random,
): number {
  const offset = offsetOf(timezone);
  const midnight = Math.floor((beginMs + offset(beginMs)) / DAY_MS) * DAY_MS;
  const count = Math.ceil((endMs - beginMs) / DAY_MS) + 3;
  const instants = Array.from({ length: count }, (_, day) =>
    zonedInstant(midnight + day * DAY_MS + minutes * MINUTE_MS, offset),
  ).filter((instant) => instant !== undefined && instant >= beginMs);
  const within = instants.filter((instant) => instant !== undefined && instant <= endMs);
  return within[Math.floor(random() * within.length)] ?? instants[0] ?? beginMs;
}

/** The first change of the clock of a kind after the usual start. */
function clockChange({ at, timezone }: FaultBegin): number {
  const change = findClockChange(at === "winter-time" ? -1 : 1, offsetOf(timezone));
  if (change === undefined) throw new Error(`${timezone} has no ${at}`);
  return change;
}

function hasSummerTime(timezone: string): boolean {
  return findClockChange(1, offsetOf(timezone)) !== undefined;
}

/**
 * The first hour of a year, a week after the usual start at the earliest, at which the clock jumps forward
 * (1) or back (-1).
 */
function findClockChange(direction: 1 | -1, offset: ZoneOffset): number | undefined {
  const fromMs = SIMULATION_START_MS + WEEK_MS;
  for (let ms = fromMs; ms < fromMs + 366 * DAY_MS; ms += HOUR_MS)
    if (Math.sign(offset(ms) - offset(ms - HOUR_MS)) === direction) return ms;
  return undefined;
}

function offsetOf(timezone: string): ZoneOffset {
  return zoneOffset(timezone) ?? (() => 0);
}
