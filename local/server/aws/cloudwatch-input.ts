import { isJsonObject } from "@wrist-agent/cloudwatch/json";
import type { Grid, MetricDataQuery } from "@wrist-agent/cloudwatch/metric";
import { type MemberReader, readMetricDataQuery } from "@wrist-agent/cloudwatch/read-definition";
import { AwsError, type Input, notSupported } from "./service.ts";

/** The refusal of a value. */
export function invalidValue(message: string): AwsError {
  return new AwsError("InvalidParameterValue", message);
}

/** Reads typed members of an operation's input; what is missing or wrong is refused as AWS does. */
export class InputReader implements MemberReader {
  readonly #input: Input;
  /** How AWS names the place in messages, with its dot: `MetricDataQueries.member.1.`. */
  readonly #path: string;

  constructor(input: Input, path = "") {
    this.#input = input;
    this.#path = path;
  }

  has(name: string): boolean {
    return this.#input[name] !== undefined && this.#input[name] !== null;
  }

  text(name: string): string | undefined {
    return this.#typed(name, "a string", (value) => typeof value === "string");
  }

  number(name: string): number | undefined {
    return this.#typed(name, "a number", (value) => typeof value === "number");
  }

  flag(name: string): boolean | undefined {
    return this.#typed(name, "true or false", (value) => typeof value === "boolean");
  }

  texts(name: string): readonly string[] | undefined {
    return this.#typed(name, "a list of strings", (value): value is readonly string[] =>
      isList(value, (item) => typeof item === "string"),
    );
  }

  numbers(name: string): readonly number[] | undefined {
    return this.#typed(name, "a list of numbers", (value): value is readonly number[] =>
      isList(value, (item) => typeof item === "number"),
    );
  }

  /** Epoch milliseconds; the wire has epoch seconds. */
  time(name: string): number | undefined {
    const seconds = this.number(name);
    return seconds === undefined ? undefined : Math.round(seconds * 1000);
  }

  object(name: string): InputReader | undefined {
    const value = this.#typed(name, "an object", isJsonObject);
    return value && new InputReader(value, `${this.#path}${name}.`);
  }

  objects(name: string): readonly InputReader[] | undefined {
    const list = this.#typed(name, "a list of objects", (value): value is readonly Input[] =>
      isList(value, isJsonObject),
    );
    return list?.map((value, index) => new InputReader(value, `${this.#path}${name}.member.${index + 1}.`));
  }

  /** One of the choices. */
  word<Choice extends string>(name: string, choices: readonly Choice[]): Choice | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    const known = choices.find((choice) => choice === value);
    if (known !== undefined) return known;
    const member = `${this.#path}${name.charAt(0).toLowerCase()}${name.slice(1)}`;
    throw new AwsError(
      "ValidationError",
      `1 validation error detected: Value '${value}' at '${member}' failed to satisfy constraint: Member must satisfy enum value set: [${choices.join(", ")}]`,
    );
  }

  /** The value, which must be there. */
  required<Value>(name: string, value: Value | undefined): Value {
    if (value !== undefined) return value;
    throw new AwsError("MissingParameter", `The parameter ${this.#path}${name} is required.`);
  }

  /** Refuses members that AWS knows and this runtime does nothing with. */
  refuse(instead: Readonly<Record<string, string>>): void {
    for (const [name, why] of Object.entries(instead)) {
      if (this.has(name)) throw notSupported(`${this.#path}${name}`, why);
    }
  }

  #typed<Value>(name: string, kind: string, is: (value: unknown) => value is Value): Value | undefined {
    const value = this.#input[name];
    if (value === undefined || value === null) return undefined;
    if (is(value)) return value;
    throw new AwsError("SerializationException", `${this.#path}${name} must be ${kind}`);
  }
}

function isList(value: unknown, isItem: (item: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(isItem);
}

/** What a query may not hold here. */
export const UNSUPPORTED_QUERY_MEMBERS = { AccountId: "leave it out, there is one account" } as const;

/** Reads one entry of `MetricDataQueries`. */
export function metricDataQueryInput(read: InputReader): MetricDataQuery {
  read.refuse(UNSUPPORTED_QUERY_MEMBERS);
  return readMetricDataQuery(read);
}

/** A span of time, epoch milliseconds; `endMs` is exclusive. */
export interface TimeRange {
  readonly startMs: number;
  readonly endMs: number;
}

/** Reads `StartTime` and `EndTime`, in this order; operations have a code each for the wrong order. */
export function timeRangeInput(read: InputReader, code = "ValidationError"): TimeRange {
  const startMs = read.required("StartTime", read.time("StartTime"));
  const endMs = read.required("EndTime", read.time("EndTime"));
  if (startMs < endMs) return { startMs, endMs };
  throw new AwsError(code, "The parameter StartTime must be less than the parameter EndTime.");
}

/** Refuses a period that no metric can be read with. */
export function checkPeriod(periodSeconds: number): void {
  if ([1, 5, 10, 20, 30].includes(periodSeconds) || (periodSeconds > 0 && periodSeconds % 60 === 0)) return;
  throw new AwsError(
    "InvalidParameterValue",
    `The value ${periodSeconds} for parameter Period is invalid: it must be 1, 5, 10, 20, 30 or a multiple of 60.`,
  );
}

/** One page of a list; `NextToken` is there while more follows. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly NextToken?: string;
}

/** The page that `NextToken` asks for, of `MaxRecords` items where the operation has such a member. */
export function pageOfItems<T>(all: readonly T[], read: InputReader, most: number): Page<T> {
  const start = pageOffset(read);
  const end = start + (read.number("MaxRecords") ?? most);
  return { items: all.slice(start, end), ...nextToken(end, all.length) };
}

/** Refuses a page of none, or of more items than the operation gives. */
export function checkMaxRecords(read: InputReader, most: number): void {
  const count = read.number("MaxRecords") ?? most;
  if (count >= 1 && count <= most) return;
  const bound = count < 1 ? "greater than or equal to 1" : `less than or equal to ${most}`;
  throw new AwsError(
    "ValidationError",
    `1 validation error detected: Value '${count}' at 'maxRecords' failed to satisfy constraint: Member must have value ${bound}`,
  );
}

/** Where the page begins that `NextToken` asks for. */
export function pageOffset(read: InputReader): number {
  const token = read.text("NextToken");
  if (token === undefined) return 0;
  const start = /^from (\d+)$/.exec(Buffer.from(token, "base64").toString())?.[1];
  if (start === undefined) throw new AwsError("InvalidNextToken", `Invalid NextToken : ${token}`);
  return Number(start);
}

/** The token of the next page, while there is one. */
export function nextToken(end: number, total: number): { readonly NextToken?: string } {
  return end < total ? { NextToken: Buffer.from(`from ${end}`).toString("base64") } : {};
}

const DAY_MS = 86_400_000;

/**
 * The buckets of a read: they begin at its start, which is rounded down to what is still stored of that age,
 * or to the period where that is less than a minute.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html
 */
export function readGrid({ startMs, endMs }: TimeRange, periodSeconds: number, nowMs: number): Grid {
  const stepMs = periodSeconds < 60 ? periodSeconds * 1000 : storedStepMs(nowMs - startMs);
  const firstMs = floorMs(startMs, stepMs);
  const slots = Math.max(1, Math.ceil((endMs - firstMs) / (periodSeconds * 1000)));
  return { startMs: firstMs, periodSeconds, slots };
}

function storedStepMs(ageMs: number): number {
  if (ageMs < 15 * DAY_MS) return 60_000;
  return ageMs < 63 * DAY_MS ? 300_000 : 3_600_000;
}

function floorMs(ms: number, stepMs: number): number {
  return Math.floor(ms / stepMs) * stepMs;
}
