import { type ComponentChild, h } from "preact";
import { quantityText, shortNumber, unitOf } from "../format/quantity.ts";
import {
  CLOCK_PARTS,
  DAY_PARTS,
  bothTimes,
  parseLogTime,
  secondTime,
  utcDay,
  writtenTime,
} from "../format/time.ts";
import type { LogWidget } from "../state/live.ts";
import { seriesColor } from "./chart-theme.ts";

interface LogBodyProps {
  readonly widget: LogWidget;
  readonly startMs: number;
  readonly endMs: number;
}

/** What a log query found: bars where the widget asks for them and the rows are counts, else a table. */
export function LogBody({ widget, startMs, endMs }: LogBodyProps): ComponentChild {
  if (widget.rows.length === 0)
    return h("p", { class: "empty" }, "The query found no log lines in this time range.");
  const bars = widget.view === "bar" ? logBarsOf(widget) : undefined;
  if (bars !== undefined) return h(LogBarChart, { title: widget.title ?? "Log lines", bars, startMs, endMs });
  return h("div", null, [
    widget.view === "table"
      ? null
      : h("p", { class: "hint" }, `Shown as a table: a ${widget.view} of these log rows is not drawn here.`),
    h(LogTable, { widget, nowMs: endMs }),
  ]);
}

/** The fields that a row has: a column without a value takes the room of those that have one. */
export function shownFields({ fields, rows }: Pick<LogWidget, "fields" | "rows">): readonly string[] {
  return fields.filter((field) => rows.some((row) => (row[field] ?? "") !== ""));
}

/** A name of several words may be broken between them: a head is never wider than its column needs to be. */
function breakable(field: string): ComponentChild {
  return field
    .split(/(?<=[a-z0-9])(?=[A-Z])|(?<=[._])/)
    .map((word, i) => (i === 0 ? word : [h("wbr", null), word]));
}

function LogTable({ widget, nowMs }: { readonly widget: LogWidget; readonly nowMs: number }): ComponentChild {
  const fields = shownFields(widget);
  const heads = fields.map((field) => h("th", { scope: "col", key: field }, breakable(field)));
  const row = (cells: Readonly<Record<string, string>>): ComponentChild =>
    h(
      "tr",
      null,
      fields.map((field) => h(LogCell, { key: field, field, text: cells[field] ?? "", nowMs })),
    );
  // Without a place in the tab order, a keyboard cannot scroll to the last column.
  const scrolls = { role: "region", tabIndex: 0, "aria-label": widget.title ?? "Log lines" };
  return h("div", { class: "scroll", ...scrolls }, [
    h("table", null, [h("thead", null, h("tr", null, heads)), h("tbody", null, widget.rows.map(row))]),
  ]);
}

/** Longest text that is kept on one line. */
const MAX_NOWRAP_LENGTH = 40;
const DAY_MS = 86_400_000;
/** The beginning of an id tells it from others: where there is little room, the rest is left out. */
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

interface LogCellProps {
  readonly field: string;
  readonly text: string;
  readonly nowMs: number;
}

/** Whether a cell is a plain number: a version or an id that is all digits stays as it is. */
function isMeasured(text: string): boolean {
  return /^-?\d{1,15}(\.\d+)?$/.test(text) && !/^0\d/.test(text);
}

/** Logs Insights writes UTC; the page shows the reader's zone, as everywhere. */
function LogCell({ field, text, nowMs }: LogCellProps): ComponentChild {
  const timeMs = parseLogTime(text);
  if (timeMs === undefined && isMeasured(text))
    return h("td", { class: "nowrap num", title: text }, quantityText(Number(text), unitOf(field)));
  if (UUID.test(text)) return h("td", { class: "clamp", title: text }, text);
  if (timeMs === undefined)
    return h("td", { class: text.length <= MAX_NOWRAP_LENGTH ? "nowrap" : "long" }, text);
  const time = { dateTime: new Date(timeMs).toISOString(), title: bothTimes(timeMs) };
  // A bin of a day is a day of UTC: the reader's zone would name the evening before it.
  const words = timeMs % DAY_MS === 0 ? utcDay(timeMs) : secondTime(timeMs, nowMs);
  return h("td", { class: "nowrap" }, h("time", time, words));
}

/** A column of a log query that is drawn, a bar of it for each group. */
interface LogBarSeries {
  readonly label: string;
  /** 0 where the row has no number. */
  readonly values: readonly number[];
}

/** What the bars of a group count: everything of a bin of time, or everything of a name. */
type LogBarGroup = { readonly fromMs: number } | { readonly name: string };

/** What a log widget of view `bar` draws. */
interface LogBars {
  readonly groups: readonly LogBarGroup[];
  /** Of groups by time. */
  readonly binMs?: number;
  readonly series: readonly LogBarSeries[];
  /** The top of the axis. */
  readonly largest: number;
}

type LogRow = LogWidget["rows"][number];
type LogRows = Pick<LogWidget, "fields" | "rows">;

/**
 * Reads the rows of a log query as bars: its numbers are the bars, and what it groups them by is the axis.
 *
 * `undefined` when there is nothing to draw: CloudWatch draws what a `stats … by` has counted.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-Stats.html
 */
export function logBarsOf({ fields, rows }: LogRows): LogBars | undefined {
  const isNumber = (field: string): boolean =>
    rows.some((row) => hasText(row[field])) &&
    rows.every((row) => !hasText(row[field]) || Number.isFinite(Number(row[field])));
  // What a query groups by comes first, and may be a number too.
  const grouped = fields.filter((_field, i) => i === 0 || !fields.slice(1, i + 1).some(isNumber));
  const counted = fields.slice(grouped.length).filter(isNumber);
  if (counted.length === 0) return undefined;
  const named = rows.map((row) => ({ row, group: logBarGroup(row, grouped) }));
  const ordered = named.every(({ group }) => "fromMs" in group) ? named.sort(compareGroupTime) : named;
  const series = counted.map((label) => ({
    label,
    values: ordered.map(({ row }) => Number(row[label] ?? 0)),
  }));
  const groups = ordered.map(({ group }) => group);
  const binMs = binWidth(grouped[0] ?? "", groups);
  return {
    groups,
    ...(binMs !== undefined && { binMs }),
    series,
    largest: Math.max(...series.flatMap(({ values }) => values), 0),
  };
}

function hasText(cell: string | undefined): boolean {
  return cell !== undefined && cell !== "";
}

function logBarGroup(row: LogRow, grouped: readonly string[]): LogBarGroup {
  const name = grouped.map((field) => row[field] ?? "").join(", ");
  const fromMs = parseLogTime(name);
  return fromMs === undefined ? { name } : { fromMs };
}

function compareGroupTime(
  { group: a }: { group: LogBarGroup },
  { group: b }: { group: LogBarGroup },
): number {
  return "fromMs" in a && "fromMs" in b ? a.fromMs - b.fromMs : 0;
}

const BIN_UNITS_MS: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/**
 * The width of the bins: as the column says that has no name of its own, else the least distance between two.
 */
function binWidth(field: string, groups: readonly LogBarGroup[]): number | undefined {
  const times = groups.flatMap((group) => ("fromMs" in group ? [group.fromMs] : []));
  if (times.length === 0 || times.length < groups.length) return undefined;
  const [, amount, unit = ""] = /^bin\((\d+)([smhdw])\)$/.exec(field) ?? [];
  const unitMs = BIN_UNITS_MS[unit];
  if (unitMs !== undefined) return Number(amount) * unitMs;
  const gaps = times.slice(1).map((time, i) => time - (times[i] ?? time));
  return gaps.length === 0 ? undefined : Math.min(...gaps);
}

/** A stretch of the axis, in shares of its width. */
interface GroupPlace {
  readonly left: number;
  readonly width: number;
}

/**
 * Where the groups stand: by time, each as wide as its bin, so that a bin without requests stays empty; or
 * side by side.
 */
export function groupPlaces({ groups, binMs }: LogBars, startMs: number, endMs: number): GroupPlace[] {
  if (binMs === undefined)
    return groups.map((_group, i) => ({ left: i / groups.length, width: 1 / groups.length }));
  // The first bin begins before the range, and the last one ends after it.
  const fromMs = Math.floor(startMs / binMs) * binMs;
  const toMs = Math.ceil(endMs / binMs) * binMs;
  return groups.map((group) => ({
    left: (("fromMs" in group ? group.fromMs : fromMs) - fromMs) / (toMs - fromMs),
    width: binMs / (toMs - fromMs),
  }));
}

interface LogBarChartProps {
  readonly title: string;
  readonly bars: LogBars;
  readonly startMs: number;
  readonly endMs: number;
}

/** Share of a group's width that its bars take; the rest keeps it apart from the next one. */
const BAR_WIDTH_SHARE = 0.8;
/** Share of a chart that a letter takes on a phone. */
const LETTER_SHARE = 0.0217;

/** Bars of what a log query counted, side by side for each bin or name. */
function LogBarChart({ title, bars, startMs, endMs }: LogBarChartProps): ComponentChild {
  const { groups, series, largest } = bars;
  const places = groupPlaces(bars, startMs, endMs);
  const names = groups.map((one) => groupName(one, bars.binMs));
  const labelShare = LETTER_SHARE * Math.max(...names.map((name) => name.length), 1);
  const labelled = labelledGroups(places, labelShare);
  const group = (_one: LogBarGroup, at: number): ComponentChild => {
    const { left = 0, width = 0 } = places[at] ?? {};
    const each = (width * BAR_WIDTH_SHARE) / series.length;
    const rect = (_series: unknown, i: number): ComponentChild => {
      const height = ((series[i]?.values[at] ?? 0) / (largest || 1)) * 100;
      const x = (left + (width * (1 - BAR_WIDTH_SHARE)) / 2 + each * i) * 100;
      return h("rect", { x, y: 100 - height, width: each * 100, height, fill: seriesColor(undefined, i) });
    };
    return h("g", { key: at }, [h("title", null, groupText(bars, at)), series.map(rect)]);
  };
  const label = (_one: LogBarGroup, at: number): ComponentChild => {
    const { left = 0, width = 0 } = places[at] ?? {};
    if (!labelled.has(at)) return null;
    return h("span", { key: at, style: labelStyle(left + width / 2, labelShare) }, names[at]);
  };
  const words = groups.map((_one, at) => groupText(bars, at)).join(". ");
  return h("div", { class: "log-bars", role: "img", "aria-label": `${title}, bars. ${words}` }, [
    h("div", { class: "log-bars-axis" }, [h("span", null, shortNumber(largest)), h("span", null, "0")]),
    h("svg", { viewBox: "0 0 100 100", preserveAspectRatio: "none" }, groups.map(group)),
    h("div", { class: "log-bars-names" }, groups.map(label)),
    h(
      "ul",
      { class: "legend" },
      series.map((one, i) =>
        h("li", { key: one.label }, [
          h("span", { class: "swatch", style: { backgroundColor: seriesColor(undefined, i) } }),
          h("span", { class: "legend-label", title: one.label }, one.label),
        ]),
      ),
    ),
  ]);
}

/**
 * The groups whose names stand below the bars: the last, and those before it that are far enough from the
 * next.
 */
export function labelledGroups(places: readonly GroupPlace[], labelShare: number): ReadonlySet<number> {
  const shown = new Set<number>();
  let next = Infinity;
  for (let at = places.length - 1; at >= 0; at -= 1) {
    const { left = 0, width = 0 } = places[at] ?? {};
    // A name at an edge is drawn within the chart.
    const middle = Math.min(1 - labelShare / 2, Math.max(labelShare / 2, left + width / 2));
    if (next - middle < labelShare) continue;
    shown.add(at);
    next = middle;
  }
  return shown;
}

/** Around the middle of its group, but within the chart. */
function labelStyle(middle: number, labelShare: number): Readonly<Record<string, string>> {
  if (middle > 1 - labelShare / 2) return { right: "0" };
  return middle < labelShare / 2
    ? { left: "0" }
    : { left: `${middle * 100}%`, transform: "translateX(-50%)" };
}

function groupText({ groups, binMs, series }: LogBars, at: number): string {
  const group = groups[at];
  const values = series.map(({ label, values }) => `${label} ${shortNumber(values[at])}`);
  return `${group === undefined ? "" : groupName(group, binMs)}: ${values.join(", ")}`;
}

/** Bins of a day or more are days of UTC, whatever the reader's zone. */
function groupName(group: LogBarGroup, binMs = 0): string {
  if (!("fromMs" in group)) return group.name;
  if (binMs >= DAY_MS) return utcDay(group.fromMs);
  return `${writtenTime(group.fromMs, DAY_PARTS)} ${writtenTime(group.fromMs, CLOCK_PARTS)}`;
}
