import type { AxisView, MetricViewKind, MetricWidgetView, WidgetPlace } from "../../dashboard-view.ts";
import { alarmGraph } from "./alarm-graph.ts";
import { horizontalAnnotations, verticalAnnotations } from "./annotations.ts";
import { RefusedWidget, type Drawing } from "../drawing.ts";
import { undrawnMembers, type MemberKind } from "../known-members.ts";
import {
  booleanAt,
  choiceAt,
  listAt,
  numberAt,
  objectAt,
  optional,
  textAt,
  type Members,
} from "../members.ts";
import { metricRows, type MetricRow } from "./metric-rows.ts";
import { seriesOf } from "./metric-series.ts";
import { withOwnRange } from "./own-range.ts";

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
export function drawMetricWidget(properties: Members, place: WidgetPlace, shared: Drawing): MetricWidgetView {
  const drawing = withOwnRange(properties, shared);
  noteUndrawn(properties, drawing.notice);
  const look = lookOf(properties, place, drawing);
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
    series: seriesOf(
      {
        rows,
        periodSeconds: numberAt(properties, "period") ?? DEFAULT_PERIOD_SECONDS,
        span: look.setPeriodToTimeRange ? "whole" : "each",
      },
      drawing,
    ),
  };
}

function lookOf(properties: Members, place: WidgetPlace, { notice }: Drawing): MetricWidgetView {
  const view = choiceAt(properties, "view", VIEWS);
  if (textAt(properties, "view") !== undefined && view !== properties.view)
    throw new RefusedWidget(`unknown view "${textAt(properties, "view") ?? ""}": use ${VIEWS.join(", ")}`);
  const axes = objectAt(properties, "yAxis");
  return {
    type: "metric",
    place,
    ...optional("title", textAt(properties, "title")),
    view,
    stacked: booleanAt(properties, "stacked") ?? false,
    sparkline: booleanAt(properties, "sparkline") ?? false,
    setPeriodToTimeRange: VALUE_VIEWS.has(view) && booleanAt(properties, "setPeriodToTimeRange") === true,
    legend: choiceAt(objectAt(properties, "legend"), "position", ["bottom", "right", "hidden"]),
    ...optional("left", axisOf(axes, "left")),
    ...optional("right", axisOf(axes, "right")),
    series: [],
    horizontal: horizontalAnnotations(properties, notice),
    vertical: verticalAnnotations(properties, notice),
  };
}

function axisOf(axes: Members, side: "left" | "right"): AxisView | undefined {
  if (axes[side] === undefined) return undefined;
  const axis = objectAt(axes, side);
  return {
    ...optional("min", numberAt(axis, "min")),
    ...optional("max", numberAt(axis, "max")),
    ...optional("label", textAt(axis, "label")),
    ...optional("showUnits", booleanAt(axis, "showUnits")),
  };
}

function noteUndrawn(properties: Members, notice: Drawing["notice"]): void {
  const axes = objectAt(properties, "yAxis");
  const parts: readonly (readonly [MemberKind, Members])[] = [
    ["metric", properties],
    ["annotations", objectAt(properties, "annotations")],
    ["legend", objectAt(properties, "legend")],
    ["axes", axes],
    ["axis", objectAt(axes, "left")],
    ["axis", objectAt(axes, "right")],
  ];
  for (const [kind, members] of parts) undrawnMembers(kind, members).forEach(notice);
}

function noteRow(row: MetricRow, { region, notice }: Drawing): void {
  for (const text of undrawnMembers("row", row.options)) notice(`metric "${row.id}": ${text}`);
  if (region !== undefined && row.region !== undefined && row.region !== region)
    notice(
      `metric "${row.id}" is of Region ${row.region}: the data of ${region}, which this runtime stands for, are shown`,
    );
}
