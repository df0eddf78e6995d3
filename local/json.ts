import { isJsonObject } from "@wrist-agent/cloudwatch/json";

/** Whether a value read from outside has a form. */
export type Shape = (value: unknown) => boolean;

/** Any text. */
export const text: Shape = (value) => typeof value === "string";

/** True or false. */
export const flag: Shape = (value) => typeof value === "boolean";

/** Any number that JSON has. */
export const number: Shape = (value) => typeof value === "number" && Number.isFinite(value);

/** A number that is not negative. */
export const amount: Shape = (value) => number(value) && (value as number) >= 0;

const YEAR_10000_MS = 253_402_300_800_000;

/** Epoch milliseconds of the years 1970 to 9999. */
export const instant: Shape = (value) => amount(value) && (value as number) < YEAR_10000_MS;

/** One of a few values. */
export function oneOf(values: readonly unknown[]): Shape {
  return (value) => values.includes(value);
}

/** What may be missing, but not wrong. */
export function optional(shape: Shape): Shape {
  return (value) => value === undefined || shape(value);
}

/** A list of which every item has a form. */
export function listOf(shape: Shape): Shape {
  return (value) => Array.isArray(value) && value.every(shape);
}

/** An object of which every member has a form, whatever its name. */
export function recordOf(shape: Shape): Shape {
  return (value) => isJsonObject(value) && Object.values(value).every(shape);
}

/** An object with members of these forms; further members are let pass, as a newer version may have some. */
export function members(shapes: Readonly<Record<string, Shape>>): Shape {
  const entries = Object.entries(shapes);
  return (value) => isJsonObject(value) && entries.every(([name, shape]) => shape(value[name]));
}

/** What has one of two forms. */
export function either(one: Shape, other: Shape): Shape {
  return (value) => one(value) || other(value);
}

/** Whether a value read from outside is a datum of a metric. */
export const isDatum: Shape = members({
  namespace: text,
  metricName: text,
  dimensions: recordOf(text),
  timestampMs: instant,
  unit: optional(text),
  storageResolution: optional(oneOf([1, 60])),
  values: either(
    listOf(number),
    members({ sampleCount: number, sum: number, minimum: number, maximum: number }),
  ),
  counts: optional(listOf(number)),
});
