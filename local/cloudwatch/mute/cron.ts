/** One field of a cron expression: the values that match, or `undefined` for every value. */
type Field = ReadonlySet<number> | undefined;

/** Five cron fields: minute, hour, day of month, month, day of week. */
export interface Cron {
  readonly fields: readonly [Field, Field, Field, Field, Field];
}

interface FieldRule {
  readonly low: number;
  readonly high: number;
  readonly names?: readonly string[];
}

const MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const DAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

const RULES = [
  { low: 0, high: 59 },
  { low: 0, high: 23 },
  { low: 1, high: 31 },
  { low: 1, high: 12, names: MONTHS },
  { low: 0, high: 7, names: DAYS },
] as const satisfies readonly FieldRule[];

/** Reads five fields of `*`, `,` and `-`; `undefined` when they are anything else. */
export function parseCron(text: string): Cron | undefined {
  const parts = text.trim().split(/\s+/);
  if (parts.length !== 5) return undefined;
  const [minute, hour, date, month, day] = RULES.map((rule, index) => parseField(parts[index] ?? "", rule));
  if (minute === null || hour === null || date === null || month === null || day === null) return undefined;
  return { fields: [minute, hour, date, month, sundays(day)] };
}

/** `null` for a field that cannot be read. */
function parseField(text: string, rule: FieldRule): Field | null {
  if (text === "*") return undefined;
  const values = text.split(",").flatMap((item) => range(item, rule));
  return values.includes(NaN) ? null : new Set(values);
}

function range(item: string, rule: FieldRule): readonly number[] {
  const [from = "", to = from, ...more] = item.split("-");
  const [first, last] = [fieldValue(from, rule), fieldValue(to, rule)];
  if (more.length > 0 || !(first >= rule.low && last <= rule.high && first <= last)) return [NaN];
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

function fieldValue(text: string, { low, names = [] }: FieldRule): number {
  const named = names.indexOf(text.toUpperCase());
  if (named >= 0) return named + low;
  return /^\d+$/.test(text) ? Number(text) : NaN;
}

/** 0 and 7 are both Sunday. */
function sundays(day: Field): Field {
  return day?.has(7) === true ? new Set([...day, 0]) : day;
}

/** Whether a minute, given as local time written as if it were UTC, matches. */
export function cronMatches({ fields }: Cron, localMs: number): boolean {
  const [minute, hour, date, month, day] = fields;
  const time = new Date(localMs);
  return (
    has(minute, time.getUTCMinutes()) &&
    has(hour, time.getUTCHours()) &&
    has(month, time.getUTCMonth() + 1) &&
    dayMatches(date, day, time)
  );
}

/** As in every cron: when both kinds of day are restricted, either is enough. */
function dayMatches(date: Field, day: Field, time: Date): boolean {
  if (date !== undefined && day !== undefined)
    return date.has(time.getUTCDate()) || day.has(time.getUTCDay());
  return has(date, time.getUTCDate()) && has(day, time.getUTCDay());
}

function has(field: Field, value: number): boolean {
  return field === undefined || field.has(value);
}
