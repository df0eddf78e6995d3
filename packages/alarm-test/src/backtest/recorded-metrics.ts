import type { MetricIdentity } from "@wrist-agent/cloudwatch/metric";
import { type MetricRead, MetricStore } from "@wrist-agent/cloudwatch/metrics/metric-store";
import type { Column } from "@wrist-agent/cloudwatch/metrics/read-stream";
import { needsDistribution, parseStatistic } from "@wrist-agent/cloudwatch/metrics/statistic";
import { metricKey } from "../alarm-metrics.ts";
import { AssemblyError, isObject } from "../template.ts";

/** The first member of a file of recorded metrics. */
export const METRICS_FORMAT = "cw-alarm-test metrics 1";

/** One statistic of one metric: `values[i]` covers `periodSeconds` from `startMs + i * stepSeconds * 1000`. */
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
}

/** A file of recorded metrics: what `--save` writes and `--metrics` reads. */
export interface RecordedMetrics {
  readonly format: typeof METRICS_FORMAT;
  /** Epoch milliseconds. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly series: readonly RecordedSeries[];
  /** What DescribeAlarmHistory told of the alarms; none when they did not exist. */
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
  if (!isObject(value) || value.format !== METRICS_FORMAT || !Array.isArray(value.history)) return false;
  const range = [value.fromMs, value.toMs].every((ms) => typeof ms === "number");
  return range && Array.isArray(value.series) && value.series.every(isSeries);
}

function isSeries(value: unknown): boolean {
  if (!isObject(value) || !Array.isArray(value.values) || !isObject(value.dimensions)) return false;
  const texts = [value.region, value.namespace, value.metricName, value.statistic];
  const numbers = [value.periodSeconds, value.stepSeconds, value.startMs];
  return (
    texts.every((text) => typeof text === "string") && numbers.every((number) => typeof number === "number")
  );
}

/** Recorded metrics of one Region as the engine reads them. */
export class RecordedStore extends MetricStore {
  /** Percentiles and the like cannot be added up: they are kept as AWS gave them, by metric, statistic and period. */
  readonly #distributions = new Map<string, RecordedSeries[]>();

  constructor(series: readonly RecordedSeries[], region: string) {
    super();
    const simple = new Map<string, RecordedSeries[]>();
    for (const each of series) {
      if (each.region !== region) continue;
      const isSimple = !needsDistribution(parseStatistic(each.statistic));
      append(
        isSimple ? simple : this.#distributions,
        isSimple ? segmentKey(each) : distributionKey(each, each),
        each,
      );
    }
    for (const segment of simple.values()) this.#fill(segment);
  }

  override read(read: MetricRead): Column {
    if (!needsDistribution(read.statistic)) return super.read(read);
    const { metric, grid, unit } = read;
    const key = distributionKey(
      { ...metric, statistic: read.statistic, ...(unit === undefined ? {} : { unit }) },
      grid,
    );
    const recorded = this.#distributions.get(key) ?? [];
    const values = Array.from({ length: grid.slots }, (_, slot) =>
      valueAt(recorded, grid.startMs + slot * grid.periodSeconds * 1000),
    );
    return { values, sampleCounts: values.map((value) => (value === undefined ? undefined : 1)) };
  }

  /** Puts one stretch of a metric: whichever of its sums, counts and extremes were recorded. */
  #fill(segment: readonly RecordedSeries[]): void {
    const [first] = segment;
    if (first === undefined) return;
    const columns = new Map(segment.map(({ statistic, values }) => [statistic, values]));
    const columnar = columnarValues(columns);
    const { namespace, metricName, dimensions, startMs, stepSeconds } = first;
    const base = {
      namespace,
      metricName,
      dimensions,
      ...(first.unit === undefined ? {} : { unit: first.unit }),
    };
    if (columnar !== undefined) {
      this.putSeries({ ...base, startMs, intervalMs: stepSeconds * 1000, ...columnar });
      return;
    }
    first.values.forEach((_value, index) => {
      const values = statisticSet(columns, index);
      if (values !== undefined)
        this.put({ ...base, timestampMs: startMs + index * stepSeconds * 1000, values });
    });
  }
}

type Columns = ReadonlyMap<string, RecordedSeries["values"]>;

interface Columnar {
  readonly values: readonly (number | undefined)[];
  readonly counts?: readonly (number | undefined)[];
}

/** One column of values and one of counts, where they say everything that was recorded. */
function columnarValues(columns: Columns): Columnar | undefined {
  const sums = columns.get("Sum");
  const counts = columns.get("SampleCount");
  const extreme = columns.get("Maximum") ?? columns.get("Minimum");
  if (extreme !== undefined) return columns.size === 1 ? { values: extreme.map(defined) } : undefined;
  if (counts === undefined) return sums === undefined ? undefined : { values: sums.map(defined) };
  const values = counts.map((count, index) =>
    count === null || count === 0 ? undefined : (sums?.[index] ?? 0) / count,
  );
  return { values, counts: counts.map(defined) };
}

function statisticSet(columns: Columns, index: number) {
  const read = (name: string): number | undefined => defined(columns.get(name)?.[index] ?? null);
  const [sum, count, maximum, minimum] = [read("Sum"), read("SampleCount"), read("Maximum"), read("Minimum")];
  const value = maximum ?? minimum ?? sum ?? (count === undefined ? undefined : 0);
  if (value === undefined) return undefined;
  return { sampleCount: count ?? 1, sum: sum ?? value, minimum: minimum ?? value, maximum: maximum ?? value };
}

function defined(value: number | null): number | undefined {
  return value ?? undefined;
}

function valueAt(recorded: readonly RecordedSeries[], atMs: number): number | undefined {
  for (const { startMs, stepSeconds, values } of recorded) {
    const index = (atMs - startMs) / (stepSeconds * 1000);
    const value = Number.isInteger(index) ? values[index] : undefined;
    if (value !== undefined && value !== null) return value;
  }
  return undefined;
}

function segmentKey(series: RecordedSeries): string {
  return JSON.stringify([metricKey(series), series.unit ?? "", series.startMs, series.stepSeconds]);
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
