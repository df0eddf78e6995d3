import { parseJson } from "../json.ts";
import type { LogMonths } from "./log-period.ts";
import { LogsQueryError } from "./query-reader.ts";

/**
 * A log event has at most 1 MB.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html
 */
const MAX_VALUE_CHARACTERS = 1_048_576;

/** A moment, which shows as a date and compares as a number. */
interface LogTime {
  readonly timeMs: number;
}

/** A map or a list that `jsonParse` made; its members are values. */
export interface LogStructure {
  readonly json: Readonly<Record<string, unknown>> | readonly unknown[];
}

/** The value of a field of a log event or of a result row. */
export type LogValue = string | number | boolean | LogTime | LogMonths | LogStructure | undefined;

/** What `jsonParse` makes of a part of a JSON text. */
export function structuredValue(json: unknown): LogValue {
  if (typeof json === "string" || typeof json === "number" || typeof json === "boolean") return json;
  return json === undefined || json === null ? undefined : { json: json as LogStructure["json"] };
}

/** The value as a number, 1 and 0 for true and false; NaN when it is none. */
export function logNumber(value: LogValue): number {
  if (typeof value === "number" || typeof value === "boolean") return Number(value);
  if (typeof value === "string") return value.trim() === "" ? NaN : Number(value);
  return typeof value === "object" && "timeMs" in value ? value.timeMs : NaN;
}

/** The value as it is shown; nothing for one that is missing. */
export function logText(value: LogValue): string {
  if (value === undefined) return "";
  if (typeof value === "number") return String(Number(value.toPrecision(10)));
  if (typeof value === "object" && "months" in value) return `${value.months}mo`;
  if (typeof value === "object" && "json" in value) return JSON.stringify(value.json);
  if (typeof value === "object")
    return new Date(value.timeMs).toISOString().replace("T", " ").replace("Z", "");
  return String(value);
}

/** Whether the value counts as true in a filter. */
export function isTruthy(value: LogValue): boolean {
  return value !== undefined && value !== false && value !== 0 && value !== "";
}

/** Orders values: numbers by size, others as texts, missing ones first. */
export function compareLogValues(a: LogValue, b: LogValue): number {
  if (a === undefined || b === undefined) return Number(a !== undefined) - Number(b !== undefined);
  const [left, right] = [logNumber(a), logNumber(b)];
  if (!Number.isNaN(left) && !Number.isNaN(right)) return left - right;
  const [first, second] = [logText(a), logText(b)];
  return first === second ? 0 : first < second ? -1 : 1;
}

/** A line of a log group, as queries see it. */
export interface QueryableEvent {
  /** Epoch milliseconds. */
  readonly timestampMs: number;
  readonly message: string;
  readonly logStreamName: string;
  readonly logGroupName: string;
  /** The account that the group is in, which `@log` names in front of the group. */
  readonly accountId?: string | undefined;
}

/** An event, and the JSON of its message, which is parsed once however many queries look at it. */
export class ParsedEvent {
  readonly event: QueryableEvent;
  #json: unknown;
  #isParsed = false;

  constructor(event: QueryableEvent) {
    this.event = event;
  }

  get json(): unknown {
    this.parse();
    return this.#json;
  }

  parse(): void {
    if (this.#isParsed) return;
    this.#json = jsonOf(this.event.message);
    this.#isParsed = true;
  }
}

const PARSED = new WeakMap<QueryableEvent, ParsedEvent>();

/** The event as it is known already, in an account if one is given. */
export function parsedEvent(event: QueryableEvent, accountId = event.accountId): ParsedEvent {
  const before = PARSED.get(event);
  if (before?.event.accountId === accountId && before !== undefined) return before;
  const parsed = new ParsedEvent(event.accountId === accountId ? event : { ...event, accountId });
  PARSED.set(event, parsed);
  return parsed;
}

/** Parses an event ahead of the first query that looks at it. */
export function parseLogEvent(event: QueryableEvent, accountId?: string): void {
  parsedEvent(event, accountId).parse();
}

/** One row on its way through a query: what was computed, over what its event says. */
export class LogRow {
  readonly #parsed: ParsedEvent | undefined;
  /** Missing while nothing was: of most rows nothing ever is. */
  #computed: Map<string, LogValue> | undefined;

  /** Without an event for the rows that `stats` makes. */
  constructor(parsed?: ParsedEvent) {
    this.#parsed = parsed;
  }

  /** When the event was, epoch milliseconds; 0 of a row that `stats` makes. */
  get timestampMs(): number {
    return this.#parsed?.event.timestampMs ?? 0;
  }

  get(field: string): LogValue {
    if (this.#computed?.has(field) === true) return this.#computed.get(field);
    const inside = this.#computed && memberOfComputed(this.#computed, field);
    if (inside !== undefined) return inside;
    if (this.#parsed === undefined) return undefined;
    if (!field.startsWith("@")) return valueAt(this.#parsed.json, field);
    const own = Object.hasOwn(EVENT_FIELDS, field) ? EVENT_FIELDS[field]?.(this.#parsed.event) : undefined;
    return own ?? discovered(field, this.#parsed);
  }

  /** A row that says what this one says, and for the rest what the other does. */
  over(other: LogRow): LogRow {
    const both = new LogRow(other.#parsed);
    for (const row of [other, this]) for (const [field, value] of row.#computed ?? []) both.set(field, value);
    return both;
  }

  /** A value longer than any event is refused: texts that double with each step would take all memory. */
  set(field: string, value: LogValue): void {
    if (typeof value === "string" && value.length > MAX_VALUE_CHARACTERS)
      throw new LogsQueryError(
        `log query: the field ${field} would hold more than ${MAX_VALUE_CHARACTERS} characters`,
      );
    this.#computed ??= new Map();
    this.#computed.set(field, value);
  }
}

/** `parsed.users[0].name`, where `parsed` is a structure that was computed. */
function memberOfComputed(computed: ReadonlyMap<string, LogValue>, field: string): LogValue {
  const end = field.search(/[.[]/);
  const held = end < 0 ? undefined : computed.get(field.slice(0, end));
  if (typeof held !== "object" || !("json" in held)) return undefined;
  const path = field.slice(end).replaceAll("]", "").split(/[.[]/).slice(1);
  const found = path.reduce<unknown>((inside, step) => memberOf(inside, step), held.json);
  return structuredValue(found);
}

function memberOf(json: unknown, name: string): unknown {
  if (typeof json !== "object" || json === null || !Object.hasOwn(json, name)) return undefined;
  return (json as Readonly<Record<string, unknown>>)[name];
}

/** An `@` field of Lambda's own line format; `@requestId` is read of a line of JSON too. */
function discovered(field: string, parsed: ParsedEvent): LogValue {
  const found = lambdaField(field, parsed.event.message);
  return found ?? (field === "@requestId" ? valueAt(parsed.json, "requestId") : undefined);
}

const EVENT_FIELDS: Readonly<Record<string, (event: QueryableEvent) => LogValue>> = {
  "@timestamp": ({ timestampMs }) => ({ timeMs: timestampMs }),
  "@ingestionTime": ({ timestampMs }) => ({ timeMs: timestampMs }),
  "@message": ({ message }) => message,
  "@logStream": ({ logStreamName }) => logStreamName,
  "@log": ({ accountId, logGroupName }) =>
    accountId === undefined ? logGroupName : `${accountId}:${logGroupName}`,
};

const MEGABYTE = 1_000_000;

/** What Logs Insights discovers in the lines that Lambda itself writes. */
const LAMBDA_FIELDS: Readonly<Record<string, readonly [RegExp, (text: string) => LogValue]>> = {
  "@type": [/^(START|END|REPORT) RequestId/, String],
  "@requestId": [/(?:RequestId: |^\S+Z\t)([0-9a-f]{8}-[0-9a-f-]{27})/, String],
  "@duration": [/\tDuration: ([\d.]+) ms/, Number],
  "@billedDuration": [/\tBilled Duration: ([\d.]+) ms/, Number],
  "@initDuration": [/\tInit Duration: ([\d.]+) ms/, Number],
  "@memorySize": [/\tMemory Size: (\d+) MB/, (text) => Number(text) * MEGABYTE],
  "@maxMemoryUsed": [/\tMax Memory Used: (\d+) MB/, (text) => Number(text) * MEGABYTE],
};

function lambdaField(field: string, message: string): LogValue {
  const rule = Object.hasOwn(LAMBDA_FIELDS, field) ? LAMBDA_FIELDS[field] : undefined;
  if (rule === undefined) return undefined;
  const [pattern, convert] = rule;
  const text = pattern.exec(message)?.[1];
  return text === undefined ? undefined : convert(text);
}

/**
 * How many braces of a message are tried, so that a long line of code costs no more than its length a few
 * times.
 */
const MAX_FRAGMENTS = 20;

/** The JSON object of the message, or the first one in its text. */
function jsonOf(message: string): unknown {
  let start = message.indexOf("{");
  const whole = start === 0 ? parseJson(message) : undefined;
  if (whole !== undefined) return whole;
  for (let tries = 0; start >= 0 && tries < MAX_FRAGMENTS; tries++) {
    const found = parseJson(message.slice(start, endOfObject(message, start)));
    if (found !== undefined) return found;
    start = message.indexOf("{", start + 1);
  }
  return undefined;
}

/** The place behind the brace that closes the one at a place, not counting those inside texts. */
function endOfObject(message: string, start: number): number {
  const marks = /"(?:\\.|[^"\\])*"|[{}]/gs;
  marks.lastIndex = start;
  let depth = 0;
  for (let mark = marks.exec(message); mark !== null; mark = marks.exec(message)) {
    if (mark[0] === "{") depth++;
    if (mark[0] === "}" && --depth === 0) return marks.lastIndex;
  }
  return start;
}

/** A member by its dotted path; a name that itself has dots goes first. */
function valueAt(json: unknown, path: string): LogValue {
  if (typeof json !== "object" || json === null) return undefined;
  const members = json as Readonly<Record<string, unknown>>;
  if (Object.hasOwn(members, path)) return plain(members[path]);
  const dot = path.indexOf(".");
  if (dot < 0 || !Object.hasOwn(members, path.slice(0, dot))) return undefined;
  return valueAt(members[path.slice(0, dot)], path.slice(dot + 1));
}

function plain(value: unknown): LogValue {
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") return value;
  return value === undefined || value === null ? undefined : JSON.stringify(value);
}

/** Rows between two commands, and the fields to show of them. */
export interface LogRows {
  readonly rows: readonly LogRow[];
  /** Missing until a command names fields. */
  readonly fields: readonly string[] | undefined;
}
