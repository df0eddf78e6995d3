import { compareValues, numberOf, textOf, type LogValue } from "./log-value.ts";
import { finite } from "./logs-functions.ts";

/** What an aggregate sees of the rows of a group. */
export interface AggregateInput {
  /** Its argument where it is present, newest first. */
  readonly values: readonly Exclude<LogValue, undefined>[];
  /** A second argument: the percentage of `pct`. */
  readonly parameter: number;
}

type Aggregate = (input: AggregateInput) => LogValue;

function numbers(input: AggregateInput): readonly number[] {
  return input.values.map(numberOf).filter((value) => !Number.isNaN(value));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function extreme(sign: 1 | -1): Aggregate {
  return ({ values }) =>
    values.reduce<LogValue>(
      (found, value) => (found === undefined || sign * compareValues(value, found) > 0 ? value : found),
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
  return finite(Math.sqrt(sum(values.map((value) => (value - mean) ** 2)) / values.length));
}

function presentAt(place: 0 | -1): Aggregate {
  return ({ values }) => values.at(place);
}

/** Functions that `stats` understands besides those of single values. */
export const AGGREGATES: Readonly<Record<string, Aggregate>> = {
  count: ({ values }) => values.length,
  count_distinct: ({ values }) => new Set(values.map(textOf)).size,
  sum: (input) => sum(numbers(input)),
  avg: (input) => finite(sum(numbers(input)) / numbers(input).length),
  min: extreme(-1),
  max: extreme(1),
  pct: (input) => percentile(numbers(input), input.parameter),
  median: (input) => percentile(numbers(input), 50),
  stddev: (input) => deviation(numbers(input)),
  latest: presentAt(0),
  earliest: presentAt(-1),
};
