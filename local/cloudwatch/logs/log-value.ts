/** A moment, which shows as a date and compares as a number. */
export interface LogTime {
  readonly timeMs: number;
}

/** The value of a field of a log event or of a result row. */
export type LogValue = string | number | boolean | LogTime | undefined;

/** The value as a number; NaN when it is none. */
export function numberOf(value: LogValue): number {
  if (typeof value === "number") return value;
  if (typeof value === "string") return value.trim() === "" ? NaN : Number(value);
  return typeof value === "object" ? value.timeMs : NaN;
}

/** The value as it is shown; nothing for one that is missing. */
export function textOf(value: LogValue): string {
  if (value === undefined) return "";
  if (typeof value === "number") return String(Number(value.toPrecision(10)));
  if (typeof value === "object")
    return new Date(value.timeMs).toISOString().replace("T", " ").replace("Z", "");
  return String(value);
}

/** Whether the value counts as true in a filter. */
export function isTrue(value: LogValue): boolean {
  return value !== undefined && value !== false && value !== 0 && value !== "";
}

/** Orders values: numbers by size, others as texts, missing ones first. */
export function compareValues(a: LogValue, b: LogValue): number {
  if (a === undefined || b === undefined) return Number(a !== undefined) - Number(b !== undefined);
  const [left, right] = [numberOf(a), numberOf(b)];
  if (!Number.isNaN(left) && !Number.isNaN(right)) return left - right;
  const [first, second] = [textOf(a), textOf(b)];
  return first === second ? 0 : first < second ? -1 : 1;
}
