/**
 * Every unit that CloudWatch takes, in the order in which it picks one of a metric that has data in several
 * and is read without a unit.
 */
const UNITS_IN_ORDER: readonly string[] = `
  Megabits Terabits Gigabits Count Bytes Gigabytes Gigabytes/Second Kilobytes Kilobits/Second
  Terabytes Terabits/Second Bytes/Second Percent Megabytes Megabits/Second Milliseconds
  Microseconds Kilobytes/Second Gigabits/Second Megabytes/Second Bits Bits/Second Count/Second
  Seconds Kilobits Terabytes/Second None
`
  .trim()
  .split(/\s+/);

const UNITS: ReadonlySet<string> = new Set(UNITS_IN_ORDER);

/** Which of two units CloudWatch prefers, as `sort` wants it. */
export function compareUnits(a: string, b: string): number {
  return UNITS_IN_ORDER.indexOf(a) - UNITS_IN_ORDER.indexOf(b);
}

/** Largest absolute value that CloudWatch stores. */
const MAX_VALUE = 2 ** 360;
/** Dimensions that one metric may have. */
export const MAX_DIMENSIONS = 30;

const NAMESPACE = /^(?=.*[^ ])[0-9A-Za-z.\-_/# ][0-9A-Za-z.\-_/#: ]{0,254}$/;
const PRINTABLE = /^(?=.*[^ ])[\x20-\x7e]+$/;

type TextRule = (text: string) => string | undefined;

/** The same names come again and again: those that were found good are not looked at twice. */
function remembering(rule: TextRule): TextRule {
  const good = new Set<string>();
  return (text) => {
    if (good.has(text)) return undefined;
    const fault = rule(text);
    if (good.size >= REMEMBERED) good.clear();
    if (fault === undefined) good.add(text);
    return fault;
  };
}

const REMEMBERED = 1000;

/** Why this cannot be a namespace, or `undefined` when it can. */
export const namespaceFault = remembering((namespace) => {
  if (NAMESPACE.test(namespace)) return undefined;
  return "must be 1 to 255 characters of 0-9 A-Z a-z . - _ / # : and space, and not start with a colon";
});

/** Why this cannot be a metric name, or `undefined` when it can. */
export const metricNameFault = remembering((name) => textFault(name, 255));

/** Why this cannot be the name of a dimension, or `undefined` when it can. */
export const dimensionNameFault = remembering((name) =>
  name.startsWith(":") ? "must not start with a colon" : textFault(name, 255),
);

/** Why this cannot be the value of a dimension, or `undefined` when it can. */
export const dimensionValueFault = remembering((value) => textFault(value, 1024));

/** Why this cannot be a unit, or `undefined` when it can. */
export function unitFault(unit: unknown): string | undefined {
  if (typeof unit === "string" && UNITS.has(unit)) return undefined;
  return `must be one of: ${[...UNITS].join(", ")}`;
}

/** Why this cannot be stored as a value, or `undefined` when it can. */
export function valueFault(value: unknown): string | undefined {
  if (typeof value !== "number" || Number.isNaN(value)) return "must be a number";
  return Math.abs(value) <= MAX_VALUE ? undefined : "must be between -2^360 and 2^360";
}

/** How far from the time of receipt a timestamp may lie, milliseconds: two weeks back, two hours ahead. */
const TIMESTAMP_WINDOW = { pastMs: 14 * 24 * 3_600_000, futureMs: 2 * 3_600_000 } as const;

/** Why data with this timestamp are not taken at `nowMs`, or `undefined` when they are. */
export function timestampFault(timestampMs: number, nowMs: number): string | undefined {
  if (timestampMs < nowMs - TIMESTAMP_WINDOW.pastMs) return "must not be more than two weeks in the past";
  if (timestampMs > nowMs + TIMESTAMP_WINDOW.futureMs) return "must not be more than two hours in the future";
  return undefined;
}

function textFault(text: string, longest: number): string | undefined {
  if (text.length === 0 || text.length > longest) return `must be 1 to ${longest} characters`;
  if (!PRINTABLE.test(text)) return "must be ASCII without control characters, and not only blanks";
  return undefined;
}
