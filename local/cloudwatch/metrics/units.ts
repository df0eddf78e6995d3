const SIZES = ["Bytes", "Kilobytes", "Megabytes", "Gigabytes", "Terabytes"];
const BITS = ["Bits", "Kilobits", "Megabits", "Gigabits", "Terabits"];

/** Every unit that CloudWatch takes; anything else is refused. */
export const UNITS: ReadonlySet<string> = new Set([
  "Seconds",
  "Microseconds",
  "Milliseconds",
  ...SIZES,
  ...BITS,
  "Percent",
  "Count",
  ...[...SIZES, ...BITS, "Count"].map((unit) => `${unit}/Second`),
  "None",
]);
