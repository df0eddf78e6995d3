import type { Datum } from "@wrist-agent/cloudwatch/metric";
import { awsUnit } from "cw-alarm-test/aws-units";
import type { TestValue } from "cw-alarm-test/alarm-test";
import { parseRecordedMetrics, type RecordedSeries } from "cw-alarm-test/backtest/recorded-metrics";
import { readSeriesFile } from "cw-alarm-test/read-alarm-test";
import { AssemblyError } from "cw-alarm-test/template";

/** Data of one Region; of the system's own when it is missing. */
export interface FedRegion {
  readonly region?: string;
  readonly data: readonly Datum[];
}

/** What a file feeds, at the times that it says. */
export interface FedFile {
  readonly regions: readonly FedRegion[];
  /** Epoch milliseconds of the end of the last interval. */
  readonly endMs: number;
  /** What cannot be fed, for the user. */
  readonly notes: readonly string[];
}

/** Reads the series of an alarm test (YAML), or metrics that a backtest saved (JSON). */
export function fedFile(text: string, file: string): FedFile {
  return text.trimStart().startsWith("{") ? recordedFile(text, file) : seriesFile(text, file);
}

/** The same data that end at `endMs`. */
export function endingAt({ regions, endMs }: FedFile, wantedMs: number): readonly FedRegion[] {
  // Whole minutes, so that a point stays in a minute of its own.
  const byMs = Math.floor((wantedMs - endMs) / 60_000) * 60_000;
  return regions.map((each) => ({
    ...each,
    data: each.data.map((datum) => ({ ...datum, timestampMs: datum.timestampMs + byMs })),
  }));
}

function seriesFile(text: string, file: string): FedFile {
  const { series, startMs, intervalMs } = readSeriesFile(text, file);
  const regions = new Map<string | undefined, Datum[]>();
  let endMs = startMs;
  for (const { namespace, metricName, dimensions, unit, region, items, line } of series) {
    const plain = (value: TestValue): string => plainText(value, `${file}:${line}`);
    const metric = {
      namespace: plain(namespace),
      metricName: plain(metricName),
      dimensions: Object.fromEntries(Object.entries(dimensions).map(([name, value]) => [name, plain(value)])),
    };
    const known = unit ?? awsUnit(metric.namespace, metric.metricName);
    const data = regions.get(region) ?? [];
    regions.set(region, data);
    endMs = Math.max(endMs, startMs + items.length * intervalMs);
    items.forEach((item, at) => {
      if (item === undefined) return;
      data.push({
        ...metric,
        ...(known !== undefined && { unit: known }),
        ...(intervalMs < 60_000 && { storageResolution: 1 }),
        timestampMs: startMs + at * intervalMs,
        values: [item.value],
        ...(item.samples !== 1 && { counts: [item.samples] }),
      });
    });
  }
  const fed = [...regions].map(([region, data]) => ({ ...(region !== undefined && { region }), data }));
  return { regions: fed, endMs, notes: [] };
}

function plainText(value: TestValue, place: string): string {
  if (typeof value === "string") return value;
  throw new AssemblyError(
    `${place}: ${JSON.stringify(value)} is a reference, which only a test with its template resolves: write the text`,
  );
}

/** What makes up a statistic set; an average stands for a sum where there is none. */
type Column = "SampleCount" | "Sum" | "Average" | "Minimum" | "Maximum";

const COLUMNS: ReadonlySet<string> = new Set<Column>(["SampleCount", "Sum", "Average", "Minimum", "Maximum"]);

/** The statistics of one metric over one stretch of time. */
interface Stretch extends Omit<RecordedSeries, "statistic" | "values"> {
  readonly columns: Partial<Record<Column, RecordedSeries["values"]>>;
}

function recordedFile(text: string, file: string): FedFile {
  const { series, toMs } = parseRecordedMetrics(text, file);
  const stretches = new Map<string, Stretch>();
  const notes = new Set<string>();
  for (const { statistic, values, ...rest } of series) {
    if (!COLUMNS.has(statistic)) {
      notes.add(
        `${statistic} of ${rest.namespace} ${rest.metricName} is not fed: it says nothing of the values`,
      );
      continue;
    }
    const key = JSON.stringify(rest);
    const stretch = stretches.get(key) ?? { ...rest, columns: {} };
    stretch.columns[statistic as Column] = values;
    stretches.set(key, stretch);
  }
  const regions = new Map<string, Datum[]>();
  for (const stretch of stretches.values())
    regions.set(stretch.region, [...(regions.get(stretch.region) ?? []), ...stretchData(stretch)]);
  return {
    regions: [...regions].map(([region, data]) => ({ region, data })),
    endMs: toMs,
    notes: [...notes],
  };
}

function stretchData({ columns, startMs, stepSeconds, unit, ...rest }: Stretch): readonly Datum[] {
  const { namespace, metricName, dimensions } = rest;
  const length = Math.max(...Object.values(columns).map((values) => values.length));
  return Array.from({ length }, (_, at) => at).flatMap((at): readonly Datum[] => {
    const set = statisticSet(columns, at);
    if (set === undefined) return [];
    return [
      {
        namespace,
        metricName,
        dimensions,
        ...(unit !== undefined && { unit }),
        ...(stepSeconds < 60 && { storageResolution: 1 }),
        timestampMs: startMs + at * stepSeconds * 1000,
        values: set,
      },
    ];
  });
}

/** What was not recorded follows from what was; a count is 1 then. */
function statisticSet(columns: Stretch["columns"], at: number): Datum["values"] | undefined {
  const valueOf = (column: Column): number | undefined => columns[column]?.[at] ?? undefined;
  const sampleCount = valueOf("SampleCount") ?? 1;
  const average = valueOf("Average") ?? valueOf("Maximum") ?? valueOf("Minimum");
  const sum = valueOf("Sum") ?? (average === undefined ? undefined : average * sampleCount);
  if (sum === undefined || sampleCount <= 0) return undefined;
  const mean = sum / sampleCount;
  return {
    sampleCount,
    sum,
    minimum: valueOf("Minimum") ?? mean,
    maximum: valueOf("Maximum") ?? mean,
  };
}
