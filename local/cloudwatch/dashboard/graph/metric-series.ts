import type { SeriesView } from "../../dashboard-view.ts";
import type { Grid, Series } from "../../metric.ts";
import { defaultLabels } from "./default-labels.ts";
import type { Drawing } from "../drawing.ts";
import { fillLabel } from "./dynamic-label.ts";
import { optional } from "../members.ts";
import { queryOf, type MetricRow } from "./metric-rows.ts";
import { rowPeriods } from "./row-periods.ts";
import { graphGrid, periodFor, wholeRangeGrid } from "./widget-period.ts";

/** Rows to read, and how. */
export interface SeriesRequest {
  readonly rows: readonly MetricRow[];
  /** The widget's own period. */
  readonly periodSeconds: number;
  /** `whole`: one value over the range; `each`: one a period. */
  readonly span: "whole" | "each";
}

/** Reads the visible rows of a widget, in their order, an expression's array as one line for each series. */
export function seriesOf(request: SeriesRequest, drawing: Drawing): readonly SeriesView[] {
  const found = readByGrid(request, drawing);
  const labels = defaultLabels(request.rows);
  const views: SeriesView[] = [];
  for (const row of request.rows) {
    const lines = found.get(row.id) ?? [];
    lines.forEach((series, index) => {
      const id = lines.length === 1 ? row.id : `${row.id}.${index + 1}`;
      const label = lines.length === 1 ? (labels.get(row.id) ?? row.id) : series.label;
      views.push(viewOf(row, { ...series, id, label }, drawing));
    });
  }
  return views;
}

/** Rows are read together when they share a grid; the others are there for expressions to use. */
function readByGrid(request: SeriesRequest, drawing: Drawing): ReadonlyMap<string, readonly Series[]> {
  const { rows, periodSeconds } = request;
  const periods = rowPeriods(rows, periodSeconds);
  const found = new Map<string, Series[]>();
  for (const asked of new Set(rows.filter((row) => row.visible).map((row) => periods.get(row.id)))) {
    const grid = gridOf(request, asked ?? periodSeconds, drawing);
    const queries = rows.map((row) => ({
      ...queryOf(row, grid.periodSeconds),
      returnData: row.visible && periods.get(row.id) === asked,
    }));
    for (const series of drawing.ports.readSeries(queries, grid))
      found.set(series.id, [...(found.get(series.id) ?? []), series]);
  }
  return found;
}

function gridOf({ span }: SeriesRequest, askedSeconds: number, { range, periodOverride }: Drawing): Grid {
  if (span === "whole") return wholeRangeGrid(range);
  return graphGrid(range, periodFor(askedSeconds, range, periodOverride));
}

function viewOf(row: MetricRow, series: Series, { range, notice }: Drawing): SeriesView {
  const { id, startMs, periodSeconds } = series;
  const values = series.values.map((value) => value ?? null);
  const metric = row.metric ?? series.metric;
  const template = row.label ?? series.label;
  const { text, unknown } = fillLabel(template, {
    ...{ label: series.label, startMs, periodSeconds, values, endMs: range.endMs, stat: row.stat },
    ...optional("metric", metric),
    ...optional("region", row.region),
  });
  for (const name of unknown) notice(`label of "${row.id}": ${name} is not a value that labels can show`);
  return {
    id,
    label: isSharedLabel(row, series) ? `${text} ${series.label}` : text,
    ...optional("color", row.color),
    yAxis: row.yAxis,
    startMs,
    periodSeconds,
    values,
  };
}

/** The series of an array keep their own names beside a label without dynamic parts. */
function isSharedLabel(row: MetricRow, series: Series): boolean {
  return series.id !== row.id && row.label !== undefined && !row.label.includes("${");
}
