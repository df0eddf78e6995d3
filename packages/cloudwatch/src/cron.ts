/** The values of one field that match; `undefined` for every value. */
type Field = ReadonlySet<number> | undefined;

/** A cron expression, whichever service it was written for. */
export interface Cron {
  readonly minute: Field;
  readonly hour: Field;
  readonly date: Field;
  readonly month: Field;
  /** 0 is Sunday. */
  readonly weekday: Field;
  readonly year: Field;
}

interface FieldRule {
  readonly low: number;
  readonly high: number;
  readonly names?: readonly string[];
}

/** How a service writes cron expressions: its fields in their order, and what it takes in them. */
interface Dialect {
  readonly fields: Partial<Readonly<Record<keyof Cron, FieldRule>>>;
  /** What stands for every value. */
  readonly wildcards: readonly string[];
  /** Whether `3/5` and `3-20/5` are steps. */
  readonly steps: boolean;
  /** The number that the service gives to Sunday; a week later it is Sunday again. */
  readonly sunday: number;
}

const MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const DAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

const TIME_FIELDS = {
  minute: { low: 0, high: 59 },
  hour: { low: 0, high: 23 },
  date: { low: 1, high: 31 },
  month: { low: 1, high: 12, names: MONTHS },
};

const SCHEDULE: Dialect = {
  fields: {
    ...TIME_FIELDS,
    weekday: { low: 1, high: 7, names: DAYS },
    year: { low: 1970, high: 2199 },
  },
  wildcards: ["*", "?"],
  steps: true,
  sunday: 1,
};

const MUTE_RULE: Dialect = {
  fields: { ...TIME_FIELDS, weekday: { low: 0, high: 7, names: DAYS } },
  wildcards: ["*"],
  steps: false,
  sunday: 0,
};

/**
 * Reads EventBridge's six fields of numbers, names, `*`, `?`, `,`, `-` and `/`, one kind of day being `?`;
 * `undefined` for anything else, `L`, `W` and `#` too.
 * https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#cron-based
 */
export function parseScheduleCron(text: string): Cron | undefined {
  const [, , date, , weekday] = partsOf(text);
  return (date === "?") === (weekday === "?") ? undefined : parseCron(text, SCHEDULE);
}

/**
 * Reads the five fields of a mute rule, of numbers, names, `*`, `,` and `-`; `undefined` when they are
 * anything else.
 */
export function parseMuteCron(text: string): Cron | undefined {
  return parseCron(text, MUTE_RULE);
}

function partsOf(text: string): readonly string[] {
  return text.trim().split(/\s+/);
}

function parseCron(text: string, dialect: Dialect): Cron | undefined {
  const parts = partsOf(text);
  const rules = Object.entries(dialect.fields);
  if (parts.length !== rules.length) return undefined;
  const fields = rules.map(([name, rule], at) => [name, parseField(parts[at] ?? "", rule, dialect)] as const);
  if (fields.some(([, field]) => field === null)) return undefined;
  const cron = { year: undefined, ...(Object.fromEntries(fields) as unknown as Omit<Cron, "year">) };
  return { ...cron, weekday: fromSunday(cron.weekday, dialect.sunday) };
}

function fromSunday(weekday: Field, sunday: number): Field {
  return weekday && new Set([...weekday].map((value) => (value - sunday) % 7));
}

/** `null` for a field that cannot be read. */
function parseField(text: string, rule: FieldRule, { wildcards, steps }: Dialect): Field | null {
  if (wildcards.includes(text)) return undefined;
  const values = text.split(",").map((item) => fieldRange(item, rule, steps));
  return values.includes(undefined) ? null : new Set(values.flatMap((some) => some ?? []));
}

/** `3`, `3-7`, and where steps are taken `3/5`, `3-20/5` and `*` with a step. */
function fieldRange(item: string, rule: FieldRule, steps: boolean): readonly number[] | undefined {
  const [span = "", step = "1", ...more] = steps ? item.split("/") : [item];
  const all = steps && span === "*";
  const [from = "", to, ...others] = all ? [String(rule.low), String(rule.high)] : span.split("-");
  const first = fieldValue(from, rule);
  const last = to === undefined ? (steps && item.includes("/") ? rule.high : first) : fieldValue(to, rule);
  if (more.length + others.length > 0 || !/^[1-9]\d*$/.test(step)) return undefined;
  if (!(first >= rule.low && last <= rule.high && first <= last)) return undefined;
  const every = Number(step);
  return Array.from({ length: Math.floor((last - first) / every) + 1 }, (_, at) => first + at * every);
}

function fieldValue(text: string, { low, names = [] }: FieldRule): number {
  const named = names.indexOf(text.toUpperCase());
  if (named >= 0) return named + low;
  return /^\d+$/.test(text) ? Number(text) : NaN;
}

/** Whether a minute, given as local time written as if it were UTC, matches. */
export function cronMatches(cron: Cron, localMs: number): boolean {
  const time = new Date(localMs);
  return (
    fieldMatches(cron.minute, time.getUTCMinutes()) &&
    fieldMatches(cron.hour, time.getUTCHours()) &&
    dayMatches(cron, time)
  );
}

/** As in every cron: when both kinds of day are restricted, either is enough. */
function dayMatches({ date, month, weekday, year }: Cron, time: Date): boolean {
  if (!fieldMatches(year, time.getUTCFullYear()) || !fieldMatches(month, time.getUTCMonth() + 1))
    return false;
  if (date !== undefined && weekday !== undefined)
    return date.has(time.getUTCDate()) || weekday.has(time.getUTCDay());
  return fieldMatches(date, time.getUTCDate()) && fieldMatches(weekday, time.getUTCDay());
}

function fieldMatches(field: Field, value: number): boolean {
  return field === undefined || field.has(value);
}

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** A leap day may be eight years away. */
const FARTHEST_DAYS = 366 * 9;

/** The matching minutes after `localMs`, in order; all are local times written as if they were UTC. */
export function* cronMinutesAfter(cron: Cron, localMs: number): Generator<number> {
  const today = Math.floor(localMs / DAY_MS) * DAY_MS;
  for (let day = today; day <= today + FARTHEST_DAYS * DAY_MS; day += DAY_MS) {
    if (!dayMatches(cron, new Date(day))) continue;
    for (const minute of minutesOfDay(cron)) {
      const at = day + minute * MINUTE_MS;
      if (at > localMs) yield at;
    }
  }
}

function minutesOfDay({ hour, minute }: Cron): readonly number[] {
  return Array.from({ length: 24 * 60 }, (_, at) => at).filter(
    (at) => fieldMatches(hour, Math.floor(at / 60)) && fieldMatches(minute, at % 60),
  );
}
