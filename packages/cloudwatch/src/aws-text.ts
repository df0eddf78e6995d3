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
  const millisecond = Math.floor(ms) - Math.floor(ms / 1000) * 1000;
  const fraction = millisecond === 0 ? "000" : String(millisecond).padStart(3, "0");
  return `${dateOf(ms)}T${timeOf(ms)}.${fraction}+0000`;
}

/** `2026-09-14T05:46:50Z`, with a fraction where there is one, as the query protocol writes times. */
export function isoUtc(ms: number): string {
  if (Number.isInteger(ms / 1000)) return `${dateOf(ms)}T${timeOf(ms)}Z`;
  return new Date(ms).toISOString().replace(".000Z", "Z");
}

/** `14/09/26 05:46:50`, as state reasons write times. */
export function shortDate(ms: number): string {
  const date = dateOf(ms);
  return `${date.slice(8, 10)}/${date.slice(5, 7)}/${date.slice(2, 4)} ${timeOf(ms)}`;
}

const DAY_MS = 86_400_000;
const TWO_DIGITS = Array.from({ length: 60 }, (_, value) => String(value).padStart(2, "0"));

/** Texts of one change of state are of one day, as a rule: its date is written once. */
let writtenDay = NaN;
let writtenDate = "";

/** `2026-09-14` */
function dateOf(ms: number): string {
  const day = Math.floor(ms / DAY_MS);
  if (day !== writtenDay) {
    writtenDate = new Date(ms).toISOString().slice(0, 10);
    writtenDay = day;
  }
  return writtenDate;
}

/** `05:46:50` */
function timeOf(ms: number): string {
  const seconds = Math.floor((ms - Math.floor(ms / DAY_MS) * DAY_MS) / 1000);
  const minutes = Math.floor(seconds / 60);
  return `${TWO_DIGITS[Math.floor(minutes / 60)]}:${TWO_DIGITS[minutes % 60]}:${TWO_DIGITS[seconds % 60]}`;
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
  return `${weekday} ${day} ${month}, ${date.getUTCFullYear()} ${timeOf(ms)} UTC`;
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
