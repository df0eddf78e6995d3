import { DAYS_PER_MONTH } from "./traffic.ts";

const RUNS_PER_MONTH = {
  minute: DAYS_PER_MONTH * 24 * 60,
  hour: DAYS_PER_MONTH * 24,
  day: DAYS_PER_MONTH,
} as const;

/** How often a schedule runs in a month; `undefined` for an expression that this does not read. */
export function runsPerMonth(expression: string): number | undefined {
  if (/^at\(.+\)$/.test(expression)) return 1;
  const [, every = "", unit = ""] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression) ?? [];
  if (every !== "") return RUNS_PER_MONTH[unit as keyof typeof RUNS_PER_MONTH] / Number(every);
  const [, fields] = /^cron\((.+)\)$/.exec(expression) ?? [];
  return fields === undefined ? undefined : cronRuns(fields.trim().split(/\s+/));
}

/** Minute, hour and days of AWS's six fields; months and years are read when they are left open. */
function cronRuns([minute = "", hour = "", date = "", month = "", weekday = ""]: readonly string[]) {
  const minutes = matches(minute, 60);
  const hours = matches(hour, 24);
  const dates = ["?", "*"].includes(date) ? 1 : (matches(date, 31) ?? NaN) / 31;
  const weekdays = ["?", "*"].includes(weekday) ? 1 : (weekdayCount(weekday) ?? NaN) / 7;
  if (minutes === undefined || hours === undefined || month !== "*") return undefined;
  const runs = minutes * hours * dates * weekdays * DAYS_PER_MONTH;
  return Number.isNaN(runs) ? undefined : runs;
}

/** How many values of a field match; `undefined` when it is written in a way that is not read here. */
function matches(field: string, all: number): number | undefined {
  if (field === "*") return all;
  const [, step] = /^(?:\*|0)\/(\d+)$/.exec(field) ?? [];
  if (step !== undefined) return Math.ceil(all / Number(step));
  return /^\d+(,\d+)*$/.test(field) ? field.split(",").length : undefined;
}

const WEEKDAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

function weekdayCount(field: string): number | undefined {
  const [from = "", to] = field.split("-");
  if (to !== undefined) {
    const length = WEEKDAYS.indexOf(to) - WEEKDAYS.indexOf(from) + 1;
    return WEEKDAYS.includes(from) && length > 0 ? length : undefined;
  }
  const days = field.split(",");
  return days.every((day) => WEEKDAYS.includes(day) || /^[1-7]$/.test(day)) ? days.length : undefined;
}
