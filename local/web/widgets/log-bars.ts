import type { LogWidget } from "../views.ts";
import { readLogTime } from "../words/log-time.ts";

/** A column of a log query that is drawn, a bar of it for each group. */
export interface LogBarSeries {
  readonly label: string;
  /** 0 where the row has no number. */
  readonly values: readonly number[];
}

/** What the bars of a group count: everything of a bin of time, or everything of a name. */
export type LogBarGroup = { readonly fromMs: number } | { readonly name: string };

/** What a log widget of view `bar` draws. */
export interface LogBars {
  readonly groups: readonly LogBarGroup[];
  /** Of groups by time. */
  readonly binMs?: number;
  readonly series: readonly LogBarSeries[];
  /** The top of the axis. */
  readonly largest: number;
}

type Row = LogWidget["rows"][number];
type Table = Pick<LogWidget, "fields" | "rows">;

/**
 * Reads the rows of a log query as bars: its numbers are the bars, and what it groups them by is the axis.
 *
 * `undefined` when there is nothing to draw: CloudWatch draws what a `stats … by` has counted.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-Stats.html
 */
export function readLogBars({ fields, rows }: Table): LogBars | undefined {
  const isNumber = (field: string): boolean =>
    rows.some((row) => has(row[field])) &&
    rows.every((row) => !has(row[field]) || Number.isFinite(Number(row[field])));
  // What a query groups by comes first, and may be a number too.
  const grouped = fields.filter((_field, i) => i === 0 || !fields.slice(1, i + 1).some(isNumber));
  const counted = fields.slice(grouped.length).filter(isNumber);
  if (counted.length === 0) return undefined;
  const named = rows.map((row) => ({ row, group: groupOf(row, grouped) }));
  const ordered = named.every(({ group }) => "fromMs" in group) ? named.sort(byTime) : named;
  const series = counted.map((label) => ({
    label,
    values: ordered.map(({ row }) => Number(row[label] ?? 0)),
  }));
  const groups = ordered.map(({ group }) => group);
  const binMs = binOf(grouped[0] ?? "", groups);
  return {
    groups,
    ...(binMs !== undefined && { binMs }),
    series,
    largest: Math.max(...series.flatMap(({ values }) => values), 0),
  };
}

function has(cell: string | undefined): boolean {
  return cell !== undefined && cell !== "";
}

function groupOf(row: Row, grouped: readonly string[]): LogBarGroup {
  const name = grouped.map((field) => row[field] ?? "").join(", ");
  const fromMs = readLogTime(name);
  return fromMs === undefined ? { name } : { fromMs };
}

function byTime({ group: a }: { group: LogBarGroup }, { group: b }: { group: LogBarGroup }): number {
  return "fromMs" in a && "fromMs" in b ? a.fromMs - b.fromMs : 0;
}

const UNITS_MS: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/** The width of the bins: as the column says that has no name of its own, else the least distance between two. */
function binOf(field: string, groups: readonly LogBarGroup[]): number | undefined {
  const times = groups.flatMap((group) => ("fromMs" in group ? [group.fromMs] : []));
  if (times.length === 0 || times.length < groups.length) return undefined;
  const [, amount, unit = ""] = /^bin\((\d+)([smhdw])\)$/.exec(field) ?? [];
  const unitMs = UNITS_MS[unit];
  if (unitMs !== undefined) return Number(amount) * unitMs;
  const gaps = times.slice(1).map((time, i) => time - (times[i] ?? time));
  return gaps.length === 0 ? undefined : Math.min(...gaps);
}

/** A stretch of the axis, in shares of its width. */
export interface GroupPlace {
  readonly left: number;
  readonly width: number;
}

/** Where the groups stand: by time, each as wide as its bin, so that a bin without requests stays empty; or side by side. */
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
