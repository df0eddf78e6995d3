import { readFile } from "node:fs/promises";
import type { Datum } from "@wrist-agent/cloudwatch/metric";
import { Command } from "commander";
import { AlarmTestError, type TestValue } from "cw-alarm-test/alarm-test";
import { awsUnit } from "cw-alarm-test/aws-units";
import { parseRecordedMetrics, type RecordedSeries } from "cw-alarm-test/backtest/recorded-metrics";
import { readSeriesFile } from "cw-alarm-test/read-alarm-test";
import { AssemblyError } from "cw-alarm-test/template";
import { errorMessage, UsageError } from "../cli/failure.ts";
import {
  dataOption,
  feedMetrics,
  readPage,
  type RunningSystem,
  runningSystem,
} from "../cli/running-system.ts";
import type { Terminal } from "../cli/terminal.ts";

interface FeedOptions {
  readonly data: string;
  readonly asRecorded?: true;
  readonly json?: true;
}

const FEED_HELP = `
FILE has the series of an alarm test (YAML: interval and series; the rest is ignored), or is one that
npm run cli -- backtest --save wrote (JSON). Any namespace can be fed, those of AWS too, which PutMetricData refuses. The
data are moved so that they end now; with --as-recorded they keep their times.

  interval: 1m
  series:
    - { namespace: AWS/EC2, metric: CPUUtilization, dimensions: { InstanceId: i-1 }, values: 20x30 95x10 }

Examples:
  npm run cli -- feed busy.yaml
  npm run -s cli -- feed metrics.json --as-recorded --json

Exits 0, 1 when the system does not take the data, 2 for a file that cannot be read.`;

/** `feed FILE`: metrics of a file for the running system, in whatever namespace. */
export function feedCommand(terminal: Terminal): Command {
  return new Command("feed")
    .description("feed metrics from a file to the running system, to see dashboards and alarms with data")
    .argument("<file>", "series of an alarm test, or metrics that a backtest saved")
    .option("--as-recorded", "keep the times of the file; by default the data are moved to end now")
    .option("--json", "print one JSON line")
    .addOption(dataOption())
    .addHelpText("after", FEED_HELP)
    .action(async (file: string, options: FeedOptions) => {
      const fed = await readFedFile(file);
      const running = await runningSystem(options.data);
      const { nowMs, region: home } = await readPage(running, "/api/overview");
      const regions = options.asRecorded === true ? fed.regions : endingAt(fed, nowMs);
      const counted = await terminal.progress(`feeding ${file}`, send(running, regions, home));
      for (const note of fed.notes) terminal.err(note);
      if (options.json === true) terminal.out(JSON.stringify({ ...counted, notes: fed.notes }));
      else
        terminal.out(`${counted.data} data of ${counted.metrics} metrics in ${counted.regions.join(", ")}`);
    });
}

async function readFedFile(file: string): Promise<FedFile> {
  try {
    const fed = fedFile(await readFile(file, "utf8"), file);
    if (fed.regions.some(({ data }) => data.length > 0)) return fed;
    throw new UsageError(`${file} holds no values: give series, or a file that backtest --save wrote`);
  } catch (error) {
    if (error instanceof AssemblyError || error instanceof AlarmTestError)
      throw new UsageError(error.message, { cause: error });
    if (error instanceof UsageError) throw error;
    throw new UsageError(`cannot read ${file}: ${errorMessage(error)}`, { cause: error });
  }
}

/** Within what the page's server takes in one call. */
const DATA_PER_CALL = 150;

async function send(
  running: RunningSystem,
  regions: readonly FedRegion[],
  home: string,
): Promise<{ readonly data: number; readonly metrics: number; readonly regions: readonly string[] }> {
  const metrics = new Set<string>();
  let count = 0;
  for (const { region = home, data } of regions)
    for (let from = 0; from < data.length; from += DATA_PER_CALL) {
      const part = data.slice(from, from + DATA_PER_CALL);
      await feedMetrics(running, region, part);
      for (const datum of part) metrics.add(metricName(region, datum));
      count += part.length;
    }
  return { data: count, metrics: metrics.size, regions: regions.map(({ region = home }) => region) };
}

function metricName(region: string, { namespace, metricName: name, dimensions }: Datum): string {
  return JSON.stringify([region, namespace, name, Object.entries(dimensions).sort()]);
}

/** Data of one Region; of the system's own when it is missing. */
interface FedRegion {
  readonly region?: string;
  readonly data: readonly Datum[];
}

/** What a file feeds, at the times that it says. */
interface FedFile {
  readonly regions: readonly FedRegion[];
  /** Epoch milliseconds of the end of the last interval. */
  readonly endMs: number;
  /** What cannot be fed, for the user. */
  readonly notes: readonly string[];
}

/** Reads the series of an alarm test (YAML), or metrics that a backtest saved (JSON). */
function fedFile(text: string, file: string): FedFile {
  return text.trimStart().startsWith("{") ? recordedFile(text, file) : seriesFile(text, file);
}

/** The same data that end at `endMs`. */
function endingAt({ regions, endMs }: FedFile, wantedMs: number): readonly FedRegion[] {
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
