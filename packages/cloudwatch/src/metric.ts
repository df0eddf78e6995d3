/** Namespace, name and the exact set of dimensions: another set is another metric. */
export interface MetricIdentity {
  readonly namespace: string;
  readonly metricName: string;
  readonly dimensions: Readonly<Record<string, string>>;
}

/** Pre-aggregated values of one period, as PutMetricData's StatisticValues. */
export interface StatisticSet {
  readonly sampleCount: number;
  readonly sum: number;
  readonly minimum: number;
  readonly maximum: number;
}

/** What goes into the store: values of one metric at one instant. */
export interface Datum extends MetricIdentity {
  /** Epoch milliseconds. */
  readonly timestampMs: number;
  /** `None` when missing; each unit is a stream of its own. */
  readonly unit?: string;
  /** 60 when missing; 1 stores at one-second resolution. */
  readonly storageResolution?: 1 | 60;
  readonly values: readonly number[] | StatisticSet;
  /** How often each of `values` occurred; once each when missing. */
  readonly counts?: readonly number[];
}

/** Values of one metric that lie one interval apart: a whole history in one call. */
export interface DatumSeries extends MetricIdentity {
  /** Epoch milliseconds of `values[0]`. */
  readonly startMs: number;
  readonly intervalMs: number;
  /** `None` when missing. */
  readonly unit?: string;
  /** 60 when missing; 1 stores at one-second resolution. */
  readonly storageResolution?: 1 | 60;
  /** `undefined` where nothing was put. */
  readonly values: readonly (number | undefined)[];
  /** How often each of `values` occurred; once each when missing. */
  readonly counts?: readonly (number | undefined)[];
}

/** One metric read with one statistic: the leaf of every query. */
export interface MetricStat {
  readonly metric: MetricIdentity;
  readonly periodSeconds: number;
  /** `Sum`, `Average`, `p90`, `TM(10%:90%)`, … as CloudWatch spells statistics. */
  readonly stat: string;
  /** Any unit when missing. */
  readonly unit?: string;
}

/** One entry of a GetMetricData call, an alarm's `Metrics` or a dashboard widget, in API spelling. */
export interface MetricDataQuery {
  readonly id: string;
  readonly label?: string;
  /** True when missing. */
  readonly returnData?: boolean;
  readonly expression?: string;
  readonly metricStat?: MetricStat;
  /** Seconds; only read for expressions. */
  readonly periodSeconds?: number;
  /** Where a dashboard's metric lives, or an expression searches; the Region that is asked when missing. */
  readonly region?: string;
}

/** A line of points on a regular grid: `values[i]` belongs to `startMs + i * periodSeconds * 1000`. */
export interface Series {
  readonly id: string;
  readonly label: string;
  readonly startMs: number;
  readonly periodSeconds: number;
  /** `undefined` where there is no point; 0 is a value. */
  readonly values: readonly (number | undefined)[];
  /** Samples behind each value; only on series read straight from one metric. */
  readonly sampleCounts?: readonly (number | undefined)[];
  /** The metric behind the series; only on series read straight from one metric, also by SEARCH. */
  readonly metric?: MetricIdentity;
}

/**
 * The buckets of a read: `slots` periods from `startMs`, which need not be a clock multiple (alarms slide).
 */
export interface Grid {
  /** Epoch milliseconds, inclusive. */
  readonly startMs: number;
  readonly periodSeconds: number;
  readonly slots: number;
}

/**
 * Reads queries over a grid and gives the returned series (`returnData` not false), in the order of the
 * queries.
 */
export type ReadSeries = (queries: readonly MetricDataQuery[], grid: Grid) => readonly Series[];

/**
 * A mistake in what was asked for: a statistic, a query, an expression. Its message is for whoever wrote it.
 */
export class QueryError extends Error {
  override readonly name: string = "QueryError";
}
