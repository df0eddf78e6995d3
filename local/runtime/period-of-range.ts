import { isJsonObject, type JsonObject, parseJsonObject } from "@wrist-agent/cloudwatch/json";

/** Periods that a chart can fall back to, seconds, the longest first. */
const SHORTER_PERIODS = [3600, 900, 300, 60] as const;

/** A chart of fewer points says little: one bar an hour in a range of an hour. */
const MIN_POINTS = 12;

const DAY_SECONDS = 86_400;

/** How titles name a period of so many seconds, after `per` and after `of`. */
const PERIOD_WORDS: Readonly<Record<number, readonly [per: string, of: string]>> = {
  3600: ["hour", "the hour"],
  900: ["15 minutes", "15 minutes"],
  300: ["5 minutes", "5 minutes"],
  60: ["minute", "the minute"],
};

/**
 * A dashboard's body in which the periods of charts follow a short range, as with the period override of CloudWatch's
 * console: so a young system, or a zoom into an incident, is not drawn as a single bar. Titles name the period that is drawn.
 *
 * Charts with a line at a value keep theirs, since what a threshold is compared with depends on it, and so do those of days.
 */
export function bodyWithPeriodsOf(body: string, rangeSeconds: number): string {
  const dashboard = parseJsonObject(body);
  if (!Array.isArray(dashboard?.widgets)) return body;
  const widgets = dashboard.widgets.map((widget: unknown) =>
    isJsonObject(widget) && isJsonObject(widget.properties) && isTimeSeries(widget, widget.properties)
      ? { ...widget, properties: withPeriodOf(widget.properties, rangeSeconds) }
      : widget,
  );
  return JSON.stringify({ ...dashboard, widgets });
}

function isTimeSeries({ type }: JsonObject, { view, annotations }: JsonObject): boolean {
  const lines = isJsonObject(annotations) ? annotations.horizontal : undefined;
  const hasLines = Array.isArray(lines) && lines.length > 0;
  return type === "metric" && (view === undefined || view === "timeSeries") && !hasLines;
}

/** CloudWatch's own where a widget says nothing. */
const DEFAULT_PERIOD_SECONDS = 300;

function withPeriodOf(properties: JsonObject, rangeSeconds: number): JsonObject {
  const rows: readonly unknown[] = Array.isArray(properties.metrics) ? properties.metrics : [];
  const asked = rows.flatMap((row) => periodOf(optionsOf(row)) ?? []);
  const longest = Math.max(periodOf(properties) ?? DEFAULT_PERIOD_SECONDS, ...asked);
  const seconds = shorterPeriod(longest, rangeSeconds);
  if (seconds === undefined) return properties;
  const shortened = (row: unknown): unknown =>
    Array.isArray(row)
      ? row.map((part: unknown) =>
          isJsonObject(part) && part.period !== undefined ? { ...part, period: seconds } : part,
        )
      : row;
  const { title } = properties;
  return {
    ...properties,
    period: seconds,
    metrics: rows.map(shortened),
    ...(typeof title === "string" && { title: retitled(title, longest, seconds) }),
  };
}

function optionsOf(row: unknown): JsonObject {
  const last: unknown = Array.isArray(row) ? row.at(-1) : undefined;
  return isJsonObject(last) ? last : {};
}

function periodOf({ period }: JsonObject): number | undefined {
  return typeof period === "number" && period > 0 ? period : undefined;
}

/** `undefined` where the period fits the range, or is one of days. */
function shorterPeriod(asked: number, rangeSeconds: number): number | undefined {
  if (asked >= DAY_SECONDS || rangeSeconds / asked >= MIN_POINTS) return undefined;
  const fitting = SHORTER_PERIODS.find((seconds) => rangeSeconds / seconds >= MIN_POINTS) ?? 60;
  return fitting < asked ? fitting : undefined;
}

function retitled(title: string, from: number, to: number): string {
  const [before, after] = [PERIOD_WORDS[from], PERIOD_WORDS[to]];
  if (before === undefined || after === undefined) return title;
  return title.replace(`per ${before[0]}`, `per ${after[0]}`).replace(`of ${before[1]}`, `of ${after[1]}`);
}
