/** A number as AWS's alarm texts write it: Java's `Double.toString`, `100.0` and `1.0E7`. */
export function javaDouble(value: number): string {
  const size = Math.abs(value);
  if (value !== 0 && (size < 1e-3 || size >= 1e7)) return javaScientific(value);
  return Number.isInteger(value) ? `${value}.0` : String(value);
}

function javaScientific(value: number): string {
  const [mantissa = "", exponent = ""] = value.toExponential().split("e");
  const digits = mantissa.includes(".") ? mantissa : `${mantissa}.0`;
  return `${digits}E${Number(exponent)}`;
}

/** `2026-09-14T05:46:50.000+0000`, as state reason data and SNS messages write times. */
export function isoOffset(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, -1)}+0000`;
}

/** `14/09/26 05:46:50`, as state reasons write times. */
export function shortDate(ms: number): string {
  const iso = new Date(ms).toISOString();
  return `${iso.slice(8, 10)}/${iso.slice(5, 7)}/${iso.slice(2, 4)} ${iso.slice(11, 19)}`;
}

const WEEKDAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const MONTHS = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
];

/** `Monday 14 September, 2026 11:18:44 UTC`, as mails and composite reasons write times. */
export function longDate(ms: number): string {
  const date = new Date(ms);
  const day = String(date.getUTCDate()).padStart(2, "0");
  const weekday = WEEKDAYS[date.getUTCDay()] ?? "";
  const month = MONTHS[date.getUTCMonth()] ?? "";
  return `${weekday} ${day} ${month}, ${date.getUTCFullYear()} ${date.toISOString().slice(11, 19)} UTC`;
}

/** A number that AWS writes as a Java double: `50.0`. */
interface JavaDouble {
  readonly double: number;
}

/** What {@link awsJson} can write; `undefined` members are left out. */
export type AwsJson = string | number | boolean | null | JavaDouble | readonly AwsJson[] | AwsJsonObject;

/** A JSON object, members in the order in which AWS writes them. */
export interface AwsJsonObject {
  readonly [name: string]: AwsJson | undefined;
}

/** JSON text as AWS's Java services write it: compact, doubles with their point. */
export function awsJson(value: AwsJson): string {
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  if (isArray(value)) return `[${value.map(awsJson).join(",")}]`;
  if (isDouble(value)) return javaDouble(value.double);
  const members = Object.entries(value).flatMap(([name, member]) =>
    member === undefined ? [] : [`${JSON.stringify(name)}:${awsJson(member)}`],
  );
  return `{${members.join(",")}}`;
}

function isArray(value: object): value is readonly AwsJson[] {
  return Array.isArray(value);
}

function isDouble(value: object): value is JavaDouble {
  return "double" in value && typeof value.double === "number";
}

/** `SampleCount` as alarm messages and history spell it: `SAMPLE_COUNT`. */
export function upperCaseStatistic(statistic: string): string {
  return statistic.replace(/(?<=[a-z])(?=[A-Z])/g, "_").toUpperCase();
}
