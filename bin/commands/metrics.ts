import { Command } from "commander";
import { durationOption, durationText } from "../cli/duration.ts";
import { readSeries, type SeriesPoint, valuesByPeriod } from "../cli/metric-series.ts";
import { plotLines, plotWidth } from "../cli/plot.ts";
import { readStageAlarms } from "../cli/stage-alarms.ts";
import {
  addStageOptions,
  connectStage,
  type StageConnection,
  type StageOptions,
} from "../cli/stage-connection.ts";
import { wrapText } from "../cli/table.ts";
import type { Terminal } from "../cli/terminal.ts";
import { chooseSeries, type ChosenSeries } from "./choose-series.ts";

interface MetricsOptions extends StageOptions {
  readonly since: number;
  readonly stat?: string;
  readonly probe?: true;
}

const METRICS_HELP = `
NAME is a metric of docs/telemetry.md, one that an alarm of the stage watches (Errors, Throttles), or an alarm by its
key or name; another name lists all there are. The line across is the alarm's threshold; values beyond it are red.
The JSON has name, statistic or alarm, periodSeconds, threshold, comparison, startMs, endMs, points [{timeMs, value}].

Examples:
  npm run cli -- metrics Latency --since 6h
  npm run cli -- metrics failing-now --since 24h
  npm run -s cli -- metrics CostUsd --aws --stage production --since 7d --json

Exits 0, 1 when the metric cannot be read, 2 on wrong usage.`;

/** `metrics NAME`: a metric, or what an alarm watches, drawn in the terminal with the alarm's threshold. */
export function metricsCommand(terminal: Terminal, now: () => number = () => Date.now()): Command {
  return addStageOptions(new Command("metrics"), "print one JSON line")
    .description("draw a metric in the terminal, with the threshold of its alarm")
    .argument("<name>", "a metric, or an alarm")
    .addOption(durationOption("--since <time>", "how far back, such as 2h, 24h or 7d", "24h"))
    .option("--stat <statistic>", "Sum, Average, Maximum, SampleCount, p90 … (default: the alarm's)")
    .option("--probe", "the probe's metric in place of people's")
    .addHelpText("after", METRICS_HELP)
    .action(async (name: string, options: MetricsOptions) => {
      const stage = await connectStage(terminal, options);
      try {
        const reading = readMetric(terminal, stage, { name, options, nowMs: now() });
        const metric = await terminal.progress(`reading ${name}`, reading);
        if (options.json === true) terminal.out(JSON.stringify(metricJson(metric)));
        else metricLines(terminal, metric).forEach(terminal.out);
      } finally {
        stage.close();
      }
    });
}

interface ReadMetric {
  readonly series: ChosenSeries;
  readonly periodSeconds: number;
  readonly startMs: number;
  readonly endMs: number;
  readonly points: readonly SeriesPoint[];
}

const MINUTE_MS = 60_000;

async function readMetric(
  terminal: Terminal,
  stage: StageConnection,
  asked: { readonly name: string; readonly options: MetricsOptions; readonly nowMs: number },
): Promise<ReadMetric> {
  const { name, options, nowMs } = asked;
  const { stat, probe, since } = options;
  const series = chooseSeries({
    stage,
    alarms: await readStageAlarms(stage),
    name,
    ...(stat !== undefined && { statistic: stat }),
    ...(probe && { probe }),
  });
  const periodSeconds = series.periodSeconds ?? freePeriod(since, plotWidth(terminal));
  const endMs = Math.ceil(nowMs / MINUTE_MS) * MINUTE_MS;
  const startMs = endMs - Math.max(1, Math.ceil(since / (1000 * periodSeconds))) * 1000 * periodSeconds;
  const { region, shownId } = series;
  const found = await readSeries(stage, series.withPeriod(periodSeconds), { startMs, endMs, region });
  return { series, periodSeconds, startMs, endMs, points: found.get(shownId) ?? [] };
}

const PERIODS = [60, 300, 900, 1_800, 3_600, 10_800, 21_600, 86_400];
const DAY_MS = 86_400_000;

/**
 * CloudWatch keeps minutes for 15 days and five minutes for 63;
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_concepts.html#metrics-retention
 */
function keptPeriod(since: number): number {
  if (since <= 15 * DAY_MS) return 60;
  return since <= 63 * DAY_MS ? 300 : 3_600;
}

/** The shortest period whose points have a column each. */
function freePeriod(since: number, width: number): number {
  const least = Math.max(keptPeriod(since), since / 1000 / width);
  return PERIODS.find((period) => period >= least) ?? Math.ceil(least / DAY_MS) * 86_400;
}

function metricJson({ series, periodSeconds, startMs, endMs, points }: ReadMetric): object {
  const { Threshold, ComparisonOperator } = series.alarm?.definition ?? {};
  return {
    name: series.title,
    ...(series.alarm && {
      alarm: series.alarm.alarmName,
      threshold: Threshold,
      comparison: ComparisonOperator,
    }),
    periodSeconds,
    startMs,
    endMs,
    points,
  };
}

function metricLines(terminal: Terminal, metric: ReadMetric): readonly string[] {
  const { series, points, startMs, endMs } = metric;
  const { bold, dim } = terminal.colours;
  const title = bold(`${series.title}, ${series.region}, the last ${durationText(endMs - startMs)}`);
  if (points.length === 0) return [title, "nothing was measured in this time"];
  const values = columnsOf(terminal, metric);
  const threshold = thresholdOf(series);
  return [
    title,
    "",
    ...plotLines(terminal, {
      values,
      startMs,
      endMs,
      ...(threshold && { threshold }),
      numberText,
    }),
    ...captionLines(terminal, metric).map(dim),
  ];
}

/**
 * Several periods in a column where they are more than the terminal is wide: the one that is nearest to the
 * alarm.
 */
function columnsOf(
  terminal: Terminal,
  { series, points, periodSeconds, startMs, endMs }: ReadMetric,
): readonly (number | undefined)[] {
  const all = valuesByPeriod(points, { startMs, endMs }, periodSeconds);
  const each = periodsInColumn(terminal, all.length);
  const worst = isLess(series) ? Math.min : Math.max;
  return Array.from({ length: Math.ceil(all.length / each) }, (_, column) => {
    const some = all.slice(column * each, (column + 1) * each).filter((value) => value !== undefined);
    return some.length === 0 ? undefined : worst(...some);
  });
}

function periodsInColumn(terminal: Terminal, count: number): number {
  return Math.max(1, Math.ceil(count / plotWidth(terminal)));
}

function isLess({ alarm }: ChosenSeries): boolean {
  return alarm?.definition.ComparisonOperator?.startsWith("Less") === true;
}

const IS_BAD: Readonly<Record<string, (value: number, threshold: number) => boolean>> = {
  GreaterThanOrEqualToThreshold: (value, threshold) => value >= threshold,
  GreaterThanThreshold: (value, threshold) => value > threshold,
  LessThanThreshold: (value, threshold) => value < threshold,
  LessThanOrEqualToThreshold: (value, threshold) => value <= threshold,
};

function thresholdOf({ alarm }: ChosenSeries) {
  const { Threshold: value, ComparisonOperator = "" } = alarm?.definition ?? {};
  const isBad = IS_BAD[ComparisonOperator];
  if (value === undefined || isBad === undefined) return undefined;
  return { value, isBad: (point: number) => isBad(point, value) };
}

function captionLines(terminal: Terminal, metric: ReadMetric): readonly string[] {
  const { series, periodSeconds, points, startMs, endMs } = metric;
  const last = points.at(-1);
  const count = Math.round((endMs - startMs) / (1000 * periodSeconds));
  const each = periodsInColumn(terminal, count);
  const column =
    each === 1
      ? `a column is ${durationText(1000 * periodSeconds)}`
      : `a column is the ${isLess(series) ? "lowest" : "highest"} of ${each} periods of ${durationText(1000 * periodSeconds)}`;
  const unit = series.unit === "" || series.unit === "None" ? "" : ` ${series.unit}`;
  const latest = last === undefined ? "" : `; the latest value is ${numberText(last.value)}${unit}`;
  const lines = [
    `${column}${latest}`,
    ...(series.alarm === undefined
      ? []
      : [`${series.alarm.alarmName} is ${series.alarm.state}: ${series.alarm.condition}`]),
    ...(periodSeconds < keptPeriod(endMs - startMs)
      ? [`CloudWatch keeps periods of ${periodSeconds} s for ${periodSeconds < 300 ? 15 : 63} days`]
      : []),
  ];
  return terminal.columns === undefined
    ? lines
    : lines.flatMap((line) => wrapText(line, terminal.columns ?? line.length));
}

/** With as many digits as mean something. */
function numberText(value: number): string {
  if (value === 0 || Math.abs(value) >= 100) return String(Math.round(value));
  return String(Number(value.toPrecision(3)));
}
