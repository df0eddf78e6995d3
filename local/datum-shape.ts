import {
  either,
  instant,
  listOf,
  members,
  number,
  oneOf,
  optional,
  recordOf,
  type Shape,
  text,
} from "./json.ts";

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
