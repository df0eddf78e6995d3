/** The values of one field that match; `undefined` for every value. */
type Field = ReadonlySet<number> | undefined;

/** A cron expression of EventBridge: six fields, of which one kind of day is `?`. */
export interface Cron {
  readonly minute: Field;
  readonly hour: Field;
  readonly date: Field;
  readonly month: Field;
  /** 1 is Sunday. */
  readonly day: Field;
  readonly year: Field;
}

interface FieldRule {
  readonly low: number;
  readonly high: number;
  readonly names?: readonly string[];
}

const MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const DAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

const RULES: Readonly<Record<keyof Cron, FieldRule>> = {
  minute: { low: 0, high: 59 },
  hour: { low: 0, high: 23 },
  date: { low: 1, high: 31 },
  month: { low: 1, high: 12, names: MONTHS },
  day: { low: 1, high: 7, names: DAYS },
  year: { low: 1970, high: 2199 },
};

/**
 * Reads six fields of numbers, names, `*`, `?`, `,`, `-` and `/`; `undefined` for anything else, `L`, `W` and `#` too.
 * https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#cron-based
 */
export function parseCron(text: string): Cron | undefined {
  const parts = text.trim().split(/\s+/);
  const names = Object.keys(RULES) as (keyof Cron)[];
  if (parts.length !== names.length || (parts[2] === "?") === (parts[4] === "?")) return undefined;
  const fields = names.map((name, at) => [name, parseField(parts[at] ?? "", RULES[name])] as const);
  if (fields.some(([, field]) => field === null)) return undefined;
  return Object.fromEntries(fields) as unknown as Cron;
}

/** `null` for a field that cannot be read. */
function parseField(text: string, rule: FieldRule): Field | null {
  if (text === "*" || text === "?") return undefined;
  const values = text.split(",").map((item) => range(item, rule));
  return values.includes(undefined) ? null : new Set(values.flatMap((some) => some ?? []));
}

/** `3`, `3-7`, `3/5`, `3-20/5` and `*` with a step. */
function range(item: string, rule: FieldRule): readonly number[] | undefined {
  const [span = "", step = "1", ...more] = item.split("/");
  const [from = "", to, ...others] = span === "*" ? [String(rule.low), String(rule.high)] : span.split("-");
  const first = fieldValue(from, rule);
  const last = to === undefined ? (item.includes("/") ? rule.high : first) : fieldValue(to, rule);
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

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** A leap day may be eight years away. */
const FARTHEST_DAYS = 366 * 9;

/** The matching minutes after `localMs`, in order; all are local times written as if they were UTC. */
export function* cronMinutesAfter(cron: Cron, localMs: number): Generator<number> {
  const today = Math.floor(localMs / DAY_MS) * DAY_MS;
  for (let day = today; day <= today + FARTHEST_DAYS * DAY_MS; day += DAY_MS) {
    if (!isDay(cron, new Date(day))) continue;
    for (const minute of minutesOfDay(cron)) {
      const at = day + minute * MINUTE_MS;
      if (at > localMs) yield at;
    }
  }
}

function isDay({ date, month, day, year }: Cron, time: Date): boolean {
  return (
    has(year, time.getUTCFullYear()) &&
    has(month, time.getUTCMonth() + 1) &&
    has(date, time.getUTCDate()) &&
    has(day, time.getUTCDay() + 1)
  );
}

function minutesOfDay({ hour, minute }: Cron): readonly number[] {
  return Array.from({ length: 24 * 60 }, (_, at) => at).filter(
    (at) => has(hour, Math.floor(at / 60)) && has(minute, at % 60),
  );
}

function has(field: Field, value: number): boolean {
  return field === undefined || field.has(value);
}
