import { isJsonObject } from "@wrist-agent/cloudwatch/json";
import type { MetricIdentity } from "@wrist-agent/cloudwatch/metric";
import { type MetricRead, MetricStore } from "@wrist-agent/cloudwatch/metrics/metric-store";
import type { Column } from "@wrist-agent/cloudwatch/metrics/read-stream";
import { needsDistribution, parseStatistic } from "@wrist-agent/cloudwatch/metrics/statistic";
import { metricKey } from "../alarm-metrics.ts";
import { AssemblyError } from "../template.ts";
import { isRecordedStatistic, readStretches, Stretch } from "./recorded-totals.ts";

/** The first member of a file of recorded metrics. */
export const METRICS_FORMAT = "cw-alarm-test metrics 1";

/**
 * One statistic of one metric: `values[i]` covers `periodSeconds` from `startMs + i * stepSeconds * 1000`.
 */
export interface RecordedSeries extends MetricIdentity {
  readonly region: string;
  /** Any unit when missing. */
  readonly unit?: string;
  /** As CloudWatch spells it: `Sum`, `p90`. */
  readonly statistic: string;
  readonly periodSeconds: number;
  readonly stepSeconds: number;
  /** Epoch milliseconds. */
  readonly startMs: number;
  /** `null` where there is no datapoint. */
  readonly values: readonly (number | null)[];
}

/** A change of state that really happened. */
export interface RecordedChange {
  readonly region: string;
  readonly alarmName: string;
  /** Epoch milliseconds. */
  readonly atMs: number;
  readonly state: string;
  /** The state before; missing where it is not known. */
  readonly from?: string;
}

/** A file of recorded metrics: what `--save` writes and `--metrics` reads. */
export interface RecordedMetrics {
  readonly format: typeof METRICS_FORMAT;
  /** Epoch milliseconds. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly series: readonly RecordedSeries[];
  /** What DescribeAlarmHistory said of the alarms; none when they did not exist. */
  readonly history: readonly RecordedChange[];
}

/** Reads the text of a file of recorded metrics. */
export function parseRecordedMetrics(text: string, origin: string): RecordedMetrics {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new AssemblyError(`${origin} is not JSON: give a file that --save wrote`, { cause });
  }
  if (!isRecorded(value))
    throw new AssemblyError(
      `${origin} holds no recorded metrics ("format": "${METRICS_FORMAT}"): give a file that --save wrote`,
    );
  return value;
}

function isRecorded(value: unknown): value is RecordedMetrics {
  if (!isJsonObject(value) || value.format !== METRICS_FORMAT || !Array.isArray(value.history)) return false;
  const range = [value.fromMs, value.toMs].every((ms) => typeof ms === "number");
  return range && Array.isArray(value.series) && value.series.every(isSeries);
}

function isSeries(value: unknown): boolean {
  if (!isJsonObject(value) || !Array.isArray(value.values) || !isJsonObject(value.dimensions)) return false;
  const texts = [value.region, value.namespace, value.metricName, value.statistic];
  const numbers = [value.periodSeconds, value.stepSeconds, value.startMs];
  return (
    texts.every((text) => typeof text === "string") && numbers.every((number) => typeof number === "number")
  );
}

/**
 * Recorded metrics of one Region as the engine reads them: straight from the columns, which are not copied.
 */
export class RecordedStore extends MetricStore {
  readonly #keys = new WeakMap<MetricIdentity, string>();
  readonly #stretches = new Map<string, Stretch[]>();
  /**
   * Percentiles and the like cannot be added up: they are kept as AWS gave them, by metric, statistic and
   * period.
   */
  readonly #distributions = new Map<string, RecordedSeries[]>();

  constructor(series: readonly RecordedSeries[], region: string) {
    super();
    for (const each of series) {
      if (each.region !== region) continue;
      if (needsDistribution(parseStatistic(each.statistic)))
        append(this.#distributions, distributionKey(each, each), each);
      else this.#add(each);
    }
  }

  override read({ metric, statistic, grid, unit }: MetricRead): Column {
    if (!needsDistribution(statistic))
      return readStretches(this.#stretches.get(this.#keyOf(metric, unit)) ?? [], statistic.kind, grid);
    const asked = { ...metric, statistic, ...(unit === undefined ? {} : { unit }) };
    const recorded = this.#distributions.get(distributionKey(asked, grid)) ?? [];
    const values = Array.from({ length: grid.slots }, (_, slot) =>
      valueAt(recorded, grid.startMs + slot * grid.periodSeconds * 1000),
    );
    return { values, sampleCounts: values.map((value) => (value === undefined ? undefined : 1)) };
  }

  /** Alarms read with the same few objects over and over. */
  #keyOf(metric: MetricIdentity, unit = ""): string {
    let key = this.#keys.get(metric);
    if (key === undefined) this.#keys.set(metric, (key = metricKey(metric)));
    return `${unit}\n${key}`;
  }

  #add({ statistic, startMs, stepSeconds, values, unit, ...metric }: RecordedSeries): void {
    const key = this.#keyOf(metric, unit);
    const stretches = this.#stretches.get(key) ?? [];
    const stepMs = stepSeconds * 1000;
    let stretch = stretches.find((each) => each.startMs === startMs && each.stepMs === stepMs);
    if (stretch === undefined) {
      stretch = new Stretch(startMs, stepMs, values.length);
      stretches.push(stretch);
    }
    if (isRecordedStatistic(statistic)) stretch.columns[statistic] = values;
    this.#stretches.set(key, stretches);
  }
}

function valueAt(recorded: readonly RecordedSeries[], atMs: number): number | undefined {
  for (const { startMs, stepSeconds, values } of recorded) {
    const index = (atMs - startMs) / (stepSeconds * 1000);
    const value = Number.isInteger(index) ? values[index] : undefined;
    if (value !== undefined && value !== null) return value;
  }
  return undefined;
}

interface DistributionKey extends MetricIdentity {
  readonly statistic: string | object;
  readonly unit?: string;
}

function distributionKey(
  read: DistributionKey,
  { periodSeconds }: { readonly periodSeconds: number },
): string {
  const statistic = typeof read.statistic === "string" ? parseStatistic(read.statistic) : read.statistic;
  return JSON.stringify([metricKey(read), statistic, read.unit ?? "", periodSeconds]);
}

function append(map: Map<string, RecordedSeries[]>, key: string, series: RecordedSeries): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [series]);
  else list.push(series);
}
