import { type LogMonths, roundToPeriod } from "./log-period.ts";
import { parseJson } from "../json.ts";
import { addressKind, inCidr, parseCidr } from "../cidr.ts";
import { compareLogValues, logNumber, logText, type LogValue, structuredValue } from "./log-row.ts";
import { LogsQueryError } from "./query-reader.ts";

type LogFunction = (args: readonly LogValue[]) => LogValue;

/** A function of the first argument as a number; nothing comes of what is no number. */
function numeric(apply: (value: number) => number): LogFunction {
  return ([value]) => finiteOrMissing(apply(logNumber(value)));
}

function textual(apply: (text: string, args: readonly LogValue[]) => LogValue): LogFunction {
  return ([value, ...others]) => (value === undefined ? undefined : apply(logText(value), others));
}

function extreme(sign: 1 | -1): LogFunction {
  return (args) =>
    args.reduce((found, value) =>
      sign * compareLogValues(value, found) > 0 || found === undefined ? value : found,
    );
}

/** The number, or nothing when it is none. */
export function finiteOrMissing(value: number): LogValue {
  return Number.isFinite(value) ? value : undefined;
}

function roundTime(value: LogValue, period: LogValue, round: "down" | "up"): LogValue {
  const timeMs = roundToPeriod(logNumber(value), isMonths(period) ? period : logNumber(period), round);
  return Number.isFinite(timeMs) ? { timeMs } : undefined;
}

function isMonths(period: LogValue): period is LogMonths {
  return typeof period === "object" && "months" in period;
}

/** A text that encodes nothing stays as it is. */
function urlDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (error instanceof URIError) return text;
    throw error;
  }
}

type AddressKind = "ipv4" | "ipv6";

function isAddress(kind?: AddressKind): LogFunction {
  return textual((text) => {
    const found = addressKind(text);
    return found !== undefined && (kind === undefined || found === kind);
  });
}

function isInSubnet(kind?: AddressKind): LogFunction {
  return textual((text, [subnet]) => {
    const range = parseCidr(logText(subnet));
    const isWanted = kind === undefined || addressKind(text) === kind;
    return isWanted && typeof range !== "string" && inCidr(text, range);
  });
}

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-operations-functions.html */
const IP_FUNCTIONS: Readonly<Record<string, LogFunction>> = {
  isvalidip: isAddress(),
  isvalidipv4: isAddress("ipv4"),
  isvalidipv6: isAddress("ipv6"),
  isipinsubnet: isInSubnet(),
  isipv4insubnet: isInSubnet("ipv4"),
  isipv6insubnet: isInSubnet("ipv6"),
};

const FUNCTIONS: Readonly<Record<string, LogFunction>> = {
  abs: numeric(Math.abs),
  ceil: numeric(Math.ceil),
  floor: numeric(Math.floor),
  log: numeric(Math.log),
  sqrt: numeric(Math.sqrt),
  greatest: extreme(1),
  least: extreme(-1),
  coalesce: (args) => args.find((value) => value !== undefined),
  ispresent: ([value]) => value !== undefined,
  isempty: ([value]) => value === undefined || logText(value) === "",
  isblank: ([value]) => value === undefined || logText(value).trim() === "",
  strlen: textual((text) => text.length),
  toupper: textual((text) => text.toUpperCase()),
  tolower: textual((text) => text.toLowerCase()),
  trim: textual((text) => text.trim()),
  ltrim: textual((text) => text.trimStart()),
  rtrim: textual((text) => text.trimEnd()),
  concat: (args) => args.map(logText).join(""),
  strcontains: textual((text, [part]) => (text.includes(logText(part)) ? 1 : 0)),
  replace: textual((text, [from, to]) => text.replaceAll(logText(from), logText(to))),
  substr: textual((text, [from, length]) =>
    text.slice(logNumber(from), length === undefined ? undefined : logNumber(from) + logNumber(length)),
  ),
  tostring: textual((text) => text),
  jsonparse: textual((text) => structuredValue(parseJson(text))),
  jsonstringify: ([value]) => value && (typeof value === "object" ? logText(value) : JSON.stringify(value)),
  urlencode: textual((text) => encodeURIComponent(text)),
  urldecode: textual(urlDecoded),
  ...IP_FUNCTIONS,
  datefloor: ([time, period]) => roundTime(time, period, "down"),
  dateceil: ([time, period]) => roundTime(time, period, "up"),
  frommillis: ([value]) => ({ timeMs: logNumber(value) }),
  tomillis: ([time]) => finiteOrMissing(logNumber(time)),
};

/** The function by its name in any case; `bin` and those of `stats` are not among them. */
export function logFunction(name: string): LogFunction {
  const key = name.toLowerCase();
  const found = Object.hasOwn(FUNCTIONS, key) ? FUNCTIONS[key] : undefined;
  if (found === undefined) throw new LogsQueryError(`log query: the function ${name} is not run here`);
  return found;
}

/** What an aggregate sees of the rows of a group. */
interface AggregateInput {
  /** Its argument where it is present, newest first. */
  readonly values: readonly Exclude<LogValue, undefined>[];
  /** A second argument: the percentage of `pct`. */
  readonly parameter: number;
}

type Aggregate = (input: AggregateInput) => LogValue;

function numericValues(input: AggregateInput): readonly number[] {
  return input.values.map(logNumber).filter((value) => !Number.isNaN(value));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function extremeOf(sign: 1 | -1): Aggregate {
  return ({ values }) =>
    values.reduce<LogValue>(
      (found, value) => (found === undefined || sign * compareLogValues(value, found) > 0 ? value : found),
      undefined,
    );
}

/** Nearest rank. */
function percentile(values: readonly number[], percent: number): LogValue {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)];
}

function deviation(values: readonly number[]): LogValue {
  const mean = sum(values) / values.length;
  return finiteOrMissing(Math.sqrt(sum(values.map((value) => (value - mean) ** 2)) / values.length));
}

function presentAt(place: 0 | -1): Aggregate {
  return ({ values }) => values.at(place);
}

/** Functions that `stats` understands besides those of single values. */
export const LOG_AGGREGATES: Readonly<Record<string, Aggregate>> = {
  count: ({ values }) => values.length,
  count_distinct: ({ values }) => new Set(values.map(logText)).size,
  sum: (input) => sum(numericValues(input)),
  avg: (input) => finiteOrMissing(sum(numericValues(input)) / numericValues(input).length),
  min: extremeOf(-1),
  max: extremeOf(1),
  pct: (input) => percentile(numericValues(input), input.parameter),
  median: (input) => percentile(numericValues(input), 50),
  stddev: (input) => deviation(numericValues(input)),
  latest: presentAt(0),
  earliest: presentAt(-1),
  sortsfirst: ({ values }) => values.toSorted(compareLogValues)[0],
  sortslast: ({ values }) => values.toSorted(compareLogValues).at(-1),
};
