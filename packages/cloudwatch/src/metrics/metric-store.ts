import { compareUnits } from "./datum-limits.ts";
import type { Datum, DatumSeries, Grid, MetricIdentity } from "../metric.ts";
import { type Buckets, MetricStream } from "./metric-stream.ts";
import { readStream, type Column } from "./read-stream.ts";
import type { Statistic } from "./statistic.ts";

/** A metric that has data, as ListMetrics and SEARCH see it. */
export interface StoredMetric {
  readonly identity: MetricIdentity;
  /** Epoch milliseconds of the newest datum in any unit. */
  readonly lastMs: number;
  /** Units in the order in which CloudWatch prefers them. */
  readonly units: readonly string[];
}

/** Stores a value that occurred so often at a time, in standard resolution. */
export type WriteValue = (timestampMs: number, value: number, count: number) => void;

interface Entry {
  readonly identity: MetricIdentity;
  readonly streams: MetricStream[];
}

/** What to read of the store: one metric, one statistic, the buckets. */
export interface MetricRead {
  readonly metric: MetricIdentity;
  readonly statistic: Statistic;
  readonly grid: Grid;
  /** Any unit when missing: per period the first unit, in CloudWatch's order, that has data. */
  readonly unit?: string;
}

/** Metrics in memory, in columns; time comes with the data. */
export class MetricStore {
  readonly #namespaces = new Map<string, Map<string, Map<string, Entry>>>();
  readonly #keys = new DimensionKeys();
  #size = 0;
  /** The metrics of the namespace and dimensions that came last, by name. */
  readonly #group = new Map<string, Entry>();
  #groupNamespace = "";
  #groupKey = "";

  /** Stores values as they are: whoever takes data from outside validates them first. */
  put(datum: Datum): void {
    this.#stream(datum).put(datum);
  }

  /** Stores values of one metric: what {@link put} does for one, without looking for the metric each time. */
  writer(metric: MetricIdentity & Pick<Datum, "unit">): WriteValue {
    let stream: MetricStream | undefined;
    return (timestampMs, value, count) => {
      // A metric whose data are all gone is not in the store any more.
      if (stream === undefined || stream.isEmpty) stream = this.#stream(metric);
      stream.putValue(timestampMs, value, count);
    };
  }

  /** Stores a whole series: what one {@link put} per value does, at a small part of the cost. */
  putSeries(series: DatumSeries): void {
    if (series.values.some((value) => value !== undefined)) this.#stream(series).putSeries(series);
  }

  /** Every metric that has data, in the order of first arrival within its namespace and name. */
  *metrics(): Generator<StoredMetric> {
    for (const { identity, streams } of this.#entries())
      yield {
        identity,
        lastMs: Math.max(...streams.map((stream) => stream.lastMs)),
        units: streams.map((stream) => stream.unit),
      };
  }

  /** How many metrics there are, sets of dimensions apart. */
  get size(): number {
    return this.#size;
  }

  /**
   * The units of a metric in the order in which CloudWatch prefers them; none of a metric that has no data.
   */
  unitsOf(metric: MetricIdentity): readonly string[] {
    return (this.#find(metric)?.streams ?? []).map((stream) => stream.unit);
  }

  /** Reads one metric over a grid; a metric that does not exist has no points. */
  read({ metric, statistic, grid, unit }: MetricRead): Column {
    const all = this.#find(metric)?.streams ?? [];
    const streams = unit === undefined ? all : all.filter((stream) => stream.unit === unit);
    const [first, ...others] = streams;
    const column = readStream(first, statistic, grid);
    for (const stream of others) fillFrom(column, readStream(stream, statistic, grid));
    return column;
  }

  /**
   * For how many milliseconds a grid may move on before a datum of the metric enters or leaves one of its
   * slots: what a read gives stays the same until then, while nothing is put.
   */
  steadyForMs(metric: MetricIdentity, grid: Grid): number {
    let leastMs = Infinity;
    for (const stream of this.#find(metric)?.streams ?? [])
      for (const buckets of stream.bucketsFor(grid.periodSeconds))
        leastMs = Math.min(leastMs, nearestBucketMs(buckets, grid));
    return leastMs;
  }

  /** Ages the data as CloudWatch does: rolls up and in the end drops what is too old at `nowMs`. */
  retain(nowMs: number): void {
    for (const { streams } of this.#entries()) for (const stream of streams) stream.retain(nowMs);
    for (const names of this.#namespaces.values())
      for (const sets of names.values()) this.#size -= dropEmpty(sets);
    this.#group.clear();
  }

  /** Bytes held by the columns of every metric. */
  get bytes(): number {
    let bytes = 0;
    for (const { streams } of this.#entries()) for (const stream of streams) bytes += stream.bytes;
    return bytes;
  }

  *#entries(): Generator<Entry> {
    for (const names of this.#namespaces.values()) for (const sets of names.values()) yield* sets.values();
  }

  #stream(metric: MetricIdentity & Pick<Datum, "unit">): MetricStream {
    const { streams } = this.#entry(metric);
    const unit = metric.unit ?? "None";
    let stream = streams[0];
    if (stream?.unit === unit) return stream;
    stream = streams.find((candidate) => candidate.unit === unit);
    if (stream !== undefined) return stream;
    stream = new MetricStream(unit);
    streams.push(stream);
    streams.sort((a, b) => compareUnits(a.unit, b.unit));
    return stream;
  }

  #find(metric: MetricIdentity): Entry | undefined {
    return this.#stored(metric, this.#keys.asked(metric.dimensions));
  }

  #stored({ namespace, metricName }: MetricIdentity, key: string): Entry | undefined {
    return this.#namespaces.get(namespace)?.get(metricName)?.get(key);
  }

  /**
   * Data come in groups that share namespace and dimensions, as those of EMF lines: their metrics are found
   * by name.
   */
  #entry(metric: MetricIdentity): Entry {
    const { namespace, metricName } = metric;
    const key = this.#keys.of(metric.dimensions);
    if (key !== this.#groupKey || namespace !== this.#groupNamespace) this.#beginGroup(namespace, key);
    let entry = this.#group.get(metricName);
    if (entry === undefined) {
      entry = this.#stored(metric, key) ?? this.#made(metric, key);
      this.#group.set(metricName, entry);
    }
    return entry;
  }

  #beginGroup(namespace: string, key: string): void {
    this.#groupNamespace = namespace;
    this.#groupKey = key;
    this.#group.clear();
  }

  #made(metric: MetricIdentity, key: string): Entry {
    const names = getOrMake(this.#namespaces, metric.namespace, () => new Map<string, Map<string, Entry>>());
    const sets = getOrMake(names, metric.metricName, () => new Map<string, Entry>());
    const entry = { identity: identityOf(metric), streams: [] };
    sets.set(key, entry);
    this.#size += 1;
    return entry;
  }
}

/** From an edge of the grid to the next bucket after it, at the least. */
function nearestBucketMs(buckets: Buckets, { startMs, periodSeconds, slots }: Grid): number {
  let least = Infinity;
  for (let edge = 0; edge <= slots; edge += 1) {
    const second = startMs / 1000 + edge * periodSeconds;
    const next = buckets.from(second);
    if (next >= buckets.length) break;
    least = Math.min(least, (buckets.starts[next] ?? 0) - second);
  }
  return least * 1000;
}

/** Gives how many it dropped. */
function dropEmpty(sets: Map<string, Entry>): number {
  const before = sets.size;
  for (const [key, { streams }] of sets) if (streams.every((stream) => stream.isEmpty)) sets.delete(key);
  return before - sets.size;
}

function identityOf({ namespace, metricName, dimensions }: MetricIdentity): MetricIdentity {
  return { namespace, metricName, dimensions: { ...dimensions } };
}

/**
 * One text per set of dimensions, whatever their order. Control characters cannot occur in names or values.
 */
function dimensionKey(dimensions: Readonly<Record<string, string>>): string {
  const names = Object.keys(dimensions);
  if (names.length > 1) names.sort();
  let key = "";
  for (const name of names) key += `${name}\u0001${dimensions[name] ?? ""}\u0002`;
  return key;
}

/** Keys of dimension sets; data that share one set, as those of an EMF line, come one after the other. */
class DimensionKeys {
  readonly #asked = new WeakMap<Readonly<Record<string, string>>, string>();
  #last: Readonly<Record<string, string>> | undefined;
  #key = "";

  of(dimensions: Readonly<Record<string, string>>): string {
    if (dimensions !== this.#last) {
      if (this.#last === undefined || !isSameSet(this.#last, dimensions))
        this.#key = dimensionKey(dimensions);
      this.#last = dimensions;
    }
    return this.#key;
  }

  /** The same for whoever reads: alarms and widgets ask with the same few objects over and over. */
  asked(dimensions: Readonly<Record<string, string>>): string {
    let key = this.#asked.get(dimensions);
    if (key === undefined) {
      key = dimensionKey(dimensions);
      this.#asked.set(dimensions, key);
    }
    return key;
  }
}

function isSameSet(a: MetricIdentity["dimensions"], b: MetricIdentity["dimensions"]): boolean {
  let names = 0;
  for (const name in b) {
    if (a[name] !== b[name]) return false;
    names += 1;
  }
  for (const _name in a) names -= 1;
  return names === 0;
}

function getOrMake<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  let value = map.get(key);
  if (value === undefined) {
    value = make();
    map.set(key, value);
  }
  return value;
}

function fillFrom(column: Column, other: Column): void {
  other.values.forEach((value, index) => {
    if (column.sampleCounts[index] !== undefined) return;
    column.values[index] = value;
    column.sampleCounts[index] = other.sampleCounts[index];
  });
}
