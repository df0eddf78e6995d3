import { isJsonObject } from "@wrist-agent/cloudwatch/json";
import type { Grid, MetricIdentity } from "@wrist-agent/cloudwatch/metric";
import { type MetricRead, MetricStore } from "@wrist-agent/cloudwatch/metrics/metric-store";
import type { Column } from "@wrist-agent/cloudwatch/metrics/read-stream";
import {
  needsDistribution,
  parseStatistic,
  type SimpleStatistic,
} from "@wrist-agent/cloudwatch/metrics/statistic";
import { metricKey } from "../alarm-metrics.ts";
import { AssemblyError } from "../template.ts";

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

/** Columns of one stretch of a metric, by statistic; all of them have the same start and step. */
interface Stretch {
  readonly startMs: number;
  readonly stepMs: number;
  readonly length: number;
  /** Totals of whole blocks of points, as far as they have been asked for. */
  readonly blocks: Total[];
  readonly columns: Partial<Record<RecordedStatistic, RecordedSeries["values"]>>;
}

/** What can be added up; an average is asked for as its sum and its count. */
type RecordedStatistic = Exclude<SimpleStatistic, "Average">;

/** Whether a statistic is one of those that add up, point by point. */
export function isRecordedStatistic(statistic: string): statistic is RecordedStatistic {
  return ["SampleCount", "Sum", "Minimum", "Maximum"].includes(statistic);
}

/** Recorded metrics of one Region as the engine reads them: straight from the columns, which are not copied. */
export class RecordedStore extends MetricStore {
  readonly #stretches = new Map<string, Stretch[]>();
  /** Percentiles and the like cannot be added up: they are kept as AWS gave them, by metric, statistic and period. */
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
      return readStretches(this.#stretches.get(seriesKey(metric, unit)) ?? [], statistic.kind, grid);
    const asked = { ...metric, statistic, ...(unit === undefined ? {} : { unit }) };
    const recorded = this.#distributions.get(distributionKey(asked, grid)) ?? [];
    const values = Array.from({ length: grid.slots }, (_, slot) =>
      valueAt(recorded, grid.startMs + slot * grid.periodSeconds * 1000),
    );
    return { values, sampleCounts: values.map((value) => (value === undefined ? undefined : 1)) };
  }

  #add({ statistic, startMs, stepSeconds, values, unit, ...metric }: RecordedSeries): void {
    const key = seriesKey(metric, unit);
    const stretches = this.#stretches.get(key) ?? [];
    const stepMs = stepSeconds * 1000;
    let stretch = stretches.find((each) => each.startMs === startMs && each.stepMs === stepMs);
    if (stretch === undefined) {
      stretch = { startMs, stepMs, length: values.length, blocks: [], columns: {} };
      stretches.push(stretch);
    }
    if (isRecordedStatistic(statistic)) stretch.columns[statistic] = values;
    this.#stretches.set(key, stretches);
  }
}

/** Points whose total is kept: a window of a day that slides by minutes reads each point 1,440 times otherwise. */
const BLOCK = 60;
const NONE: RecordedSeries["values"] = [];

/** What a slot has been given so far. Nothing is allocated for a point or a slot: a month of 500 alarms has billions. */
class Total {
  count = 0;
  sum = 0;
  minimum = Infinity;
  maximum = -Infinity;

  clear(): void {
    this.count = 0;
    this.sum = 0;
    this.minimum = Infinity;
    this.maximum = -Infinity;
  }

  /** Adds the points that begin in a slot. */
  addSlot(stretch: Stretch, fromMs: number, toMs: number): void {
    const { startMs, stepMs, length, columns } = stretch;
    const first = Math.max(0, Math.ceil((fromMs - startMs) / stepMs));
    const end = Math.min(length, Math.ceil((toMs - startMs) / stepMs));
    const firstBlock = Math.ceil(first / BLOCK);
    const endBlock = Math.floor(end / BLOCK);
    if (firstBlock >= endBlock) {
      this.addPoints(columns, first, end);
      return;
    }
    this.addPoints(columns, first, firstBlock * BLOCK);
    for (let block = firstBlock; block < endBlock; block += 1) this.#add(blockAt(stretch, block));
    this.addPoints(columns, endBlock * BLOCK, end);
  }

  /** Adds points one by one. What was not recorded follows from what was, and a count is 1 then: nobody asks for it. */
  addPoints(columns: Stretch["columns"], first: number, end: number): void {
    const {
      SampleCount: counts = NONE,
      Sum: sums = NONE,
      Minimum: minima = NONE,
      Maximum: maxima = NONE,
    } = columns;
    for (let at = first; at < end; at += 1) {
      const count = counts[at];
      const value = sums[at] ?? maxima[at] ?? minima[at] ?? (typeof count === "number" ? 0 : undefined);
      if (value === undefined) continue;
      this.count += count ?? 1;
      this.sum += value;
      this.minimum = Math.min(this.minimum, minima[at] ?? value);
      this.maximum = Math.max(this.maximum, maxima[at] ?? value);
    }
  }

  #add({ count, sum, minimum, maximum }: Total): void {
    this.count += count;
    this.sum += sum;
    if (minimum < this.minimum) this.minimum = minimum;
    if (maximum > this.maximum) this.maximum = maximum;
  }
}

function blockAt(stretch: Stretch, block: number): Total {
  let total = stretch.blocks[block];
  if (total === undefined) {
    total = new Total();
    total.addPoints(stretch.columns, block * BLOCK, (block + 1) * BLOCK);
    stretch.blocks[block] = total;
  }
  return total;
}

function readStretches(stretches: readonly Stretch[], kind: SimpleStatistic, grid: Grid): Column {
  const values = new Array<number | undefined>(grid.slots);
  const sampleCounts = new Array<number | undefined>(grid.slots);
  const total = new Total();
  const statistic = STATISTICS[kind];
  const periodMs = grid.periodSeconds * 1000;
  for (let slot = 0; slot < grid.slots; slot += 1) {
    const fromMs = grid.startMs + slot * periodMs;
    total.clear();
    for (const stretch of stretches) total.addSlot(stretch, fromMs, fromMs + periodMs);
    values[slot] = total.count === 0 ? undefined : statistic(total);
    sampleCounts[slot] = total.count === 0 ? undefined : total.count;
  }
  return { values, sampleCounts };
}

const STATISTICS: Readonly<Record<SimpleStatistic, (total: Total) => number>> = {
  SampleCount: ({ count }) => count,
  Sum: ({ sum }) => sum,
  Average: ({ sum, count }) => sum / count,
  Minimum: ({ minimum }) => minimum,
  Maximum: ({ maximum }) => maximum,
};

function valueAt(recorded: readonly RecordedSeries[], atMs: number): number | undefined {
  for (const { startMs, stepSeconds, values } of recorded) {
    const index = (atMs - startMs) / (stepSeconds * 1000);
    const value = Number.isInteger(index) ? values[index] : undefined;
    if (value !== undefined && value !== null) return value;
  }
  return undefined;
}

function seriesKey(metric: MetricIdentity, unit = ""): string {
  return `${unit}\n${metricKey(metric)}`;
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
