import type { Grid, Series } from "../metric.ts";
import { fillDynamicLabel } from "../metrics/series-labels.ts";
import { alarmGraph } from "./alarm-widget.ts";
import { horizontalAnnotations, verticalAnnotations } from "./annotations.ts";
import type {
  AxisView,
  MetricViewKind,
  MetricWidgetView,
  SeriesView,
  WidgetPlace,
} from "./dashboard-view.ts";
import { type Drawing, RefusedWidget } from "./drawing.ts";
import { defaultLabels, type MetricRow, metricRowQuery, metricRows, rowPeriods } from "./metric-rows.ts";
import { graphGrid, wholeRangeGrid, widgetPeriod, withOwnRange } from "./time-range.ts";
import {
  booleanAt,
  choiceAt,
  listAt,
  type MemberKind,
  numberAt,
  objectAt,
  optionalMember,
  textAt,
  undrawnMembers,
} from "./widget-members.ts";
import { type JsonObject } from "../json.ts";

const VIEWS: readonly [MetricViewKind, ...MetricViewKind[]] = [
  ...(["timeSeries", "singleValue", "gauge", "bar", "pie", "table"] as const),
];
/** Views of one value for each series. */
const VALUE_VIEWS: ReadonlySet<MetricViewKind> = new Set(["singleValue", "gauge", "bar", "pie"]);
const DEFAULT_PERIOD_SECONDS = 300;

/**
 * Draws a metric widget.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Metric-Widget-Structure.html
 */
export function drawMetricWidget(
  properties: JsonObject,
  place: WidgetPlace,
  shared: Drawing,
): MetricWidgetView {
  const drawing = withOwnRange(properties, shared);
  noteUndrawn(properties, drawing.notice);
  const own = drawing.range === shared.range ? undefined : drawing.range;
  const look = { ...lookOf(properties, place, drawing), ...optionalMember("range", own) };
  const [alarm] = listAt(objectAt(properties, "annotations"), "alarms");
  if (typeof alarm === "string") {
    const { title, series, horizontal } = alarmGraph(alarm, drawing);
    return { title, ...look, series, horizontal };
  }
  const rows = metricRows(properties);
  for (const row of rows) noteRow(row, drawing);
  if (rows.length === 0) throw new RefusedWidget('a metric widget needs "metrics" or "annotations.alarms"');
  return {
    ...look,
    series: widgetSeries(
      {
        rows,
        periodSeconds: numberAt(properties, "period") ?? DEFAULT_PERIOD_SECONDS,
        span: look.setPeriodToTimeRange ? "whole" : "each",
      },
      drawing,
    ),
  };
}

function lookOf(properties: JsonObject, place: WidgetPlace, { notice }: Drawing): MetricWidgetView {
  const view = choiceAt(properties, "view", VIEWS);
  if (textAt(properties, "view") !== undefined && view !== properties.view)
    throw new RefusedWidget(`unknown view "${textAt(properties, "view") ?? ""}": use ${VIEWS.join(", ")}`);
  const axes = objectAt(properties, "yAxis");
  return {
    type: "metric",
    place,
    ...optionalMember("title", textAt(properties, "title")),
    view,
    stacked: booleanAt(properties, "stacked") ?? false,
    sparkline: booleanAt(properties, "sparkline") ?? false,
    setPeriodToTimeRange: VALUE_VIEWS.has(view) && booleanAt(properties, "setPeriodToTimeRange") === true,
    legend: choiceAt(objectAt(properties, "legend"), "position", ["bottom", "right", "hidden"]),
    ...optionalMember("left", axisOf(axes, "left")),
    ...optionalMember("right", axisOf(axes, "right")),
    series: [],
    horizontal: horizontalAnnotations(properties, notice),
    vertical: verticalAnnotations(properties, notice),
  };
}

function axisOf(axes: JsonObject, side: "left" | "right"): AxisView | undefined {
  if (axes[side] === undefined) return undefined;
  const axis = objectAt(axes, side);
  return {
    ...optionalMember("min", numberAt(axis, "min")),
    ...optionalMember("max", numberAt(axis, "max")),
    ...optionalMember("label", textAt(axis, "label")),
    ...optionalMember("showUnits", booleanAt(axis, "showUnits")),
  };
}

function noteUndrawn(properties: JsonObject, notice: Drawing["notice"]): void {
  const axes = objectAt(properties, "yAxis");
  const parts: readonly (readonly [MemberKind, JsonObject])[] = [
    ["metric", properties],
    ["annotations", objectAt(properties, "annotations")],
    ["legend", objectAt(properties, "legend")],
    ["axes", axes],
    ["axis", objectAt(axes, "left")],
    ["axis", objectAt(axes, "right")],
  ];
  for (const [kind, members] of parts) undrawnMembers(kind, members).forEach(notice);
}

function noteRow(row: MetricRow, { notice }: Drawing): void {
  for (const text of undrawnMembers("row", row.options)) notice(`metric "${row.id}": ${text}`);
}

/** Rows to read, and how. */
interface SeriesRequest {
  readonly rows: readonly MetricRow[];
  /** The widget's own period. */
  readonly periodSeconds: number;
  /** `whole`: one value over the range; `each`: one a period. */
  readonly span: "whole" | "each";
}

/** Reads the visible rows of a widget, in their order, an expression's array as one line for each series. */
function widgetSeries(request: SeriesRequest, drawing: Drawing): readonly SeriesView[] {
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
      ...metricRowQuery(row, grid.periodSeconds),
      returnData: row.visible && periods.get(row.id) === asked,
    }));
    for (const series of drawing.ports.readSeries(queries, grid))
      found.set(series.id, [...(found.get(series.id) ?? []), series]);
  }
  return found;
}

function gridOf({ span }: SeriesRequest, askedSeconds: number, { range, periodOverride }: Drawing): Grid {
  if (span === "whole") return wholeRangeGrid(range);
  return graphGrid(range, widgetPeriod(askedSeconds, range, periodOverride));
}

function viewOf(row: MetricRow, series: Series, { range, notice }: Drawing): SeriesView {
  const { id, startMs, periodSeconds } = series;
  const values = series.values.map((value) => value ?? null);
  const metric = row.metric ?? series.metric;
  const template = row.label ?? series.label;
  const { text, unknown } = fillDynamicLabel(template, {
    label: series.label,
    startMs,
    periodSeconds,
    values,
    endMs: range.endMs,
    stat: row.stat,
    ...optionalMember("metric", metric),
    ...optionalMember("region", row.region),
  });
  for (const name of unknown) notice(`label of "${row.id}": ${name} is not a value that labels can show`);
  return {
    id,
    label: isSharedLabel(row, series) ? `${text} ${series.label}` : text,
    ...optionalMember("color", row.color),
    yAxis: row.yAxis,
    ...(row.metric !== undefined && { stat: row.stat }),
    startMs,
    periodSeconds,
    values,
  };
}

/** The series of an array keep their own names beside a label without dynamic parts. */
function isSharedLabel(row: MetricRow, series: Series): boolean {
  return series.id !== row.id && row.label !== undefined && !row.label.includes("${");
}
