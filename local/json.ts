import { isJsonObject } from "@wrist-agent/cloudwatch/json";

/** Whether a value read from outside has a form. */
export type Shape = (value: unknown) => boolean;

/** Any text. */
export const textShape: Shape = (value) => typeof value === "string";

/** True or false. */
export const flagShape: Shape = (value) => typeof value === "boolean";

/** Any number that JSON has. */
export const numberShape: Shape = (value) => typeof value === "number" && Number.isFinite(value);

/** A number that is not negative. */
export const amountShape: Shape = (value) => numberShape(value) && (value as number) >= 0;

const YEAR_10000_MS = 253_402_300_800_000;

/** Epoch milliseconds of the years 1970 to 9999. */
export const instantShape: Shape = (value) => amountShape(value) && (value as number) < YEAR_10000_MS;

/** One of a few values. */
export function oneOfShape(values: readonly unknown[]): Shape {
  return (value) => values.includes(value);
}

/** What may be missing, but not wrong. */
export function optionalShape(shape: Shape): Shape {
  return (value) => value === undefined || shape(value);
}

/** A list of which every item has a form. */
export function listShape(shape: Shape): Shape {
  return (value) => Array.isArray(value) && value.every(shape);
}

/** An object of which every member has a form, whatever its name. */
export function recordShape(shape: Shape): Shape {
  return (value) => isJsonObject(value) && Object.values(value).every(shape);
}

/** An object with members of these forms; further members are let pass, as a newer version may have some. */
export function objectShape(shapes: Readonly<Record<string, Shape>>): Shape {
  const entries = Object.entries(shapes);
  return (value) => isJsonObject(value) && entries.every(([name, shape]) => shape(value[name]));
}

/** What has one of two forms. */
export function eitherShape(one: Shape, other: Shape): Shape {
  return (value) => one(value) || other(value);
}

/** Whether a value read from outside is a datum of a metric. */
export const isDatum: Shape = objectShape({
  namespace: textShape,
  metricName: textShape,
  dimensions: recordShape(textShape),
  timestampMs: instantShape,
  unit: optionalShape(textShape),
  storageResolution: optionalShape(oneOfShape([1, 60])),
  values: eitherShape(
    listShape(numberShape),
    objectShape({ sampleCount: numberShape, sum: numberShape, minimum: numberShape, maximum: numberShape }),
  ),
  counts: optionalShape(listShape(numberShape)),
});
