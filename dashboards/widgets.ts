import {
  Column,
  GraphWidget,
  type HorizontalAnnotation,
  type IMetric,
  type IWidget,
  LegendPosition,
  LogQueryVisualizationType,
  LogQueryWidget,
  Row,
  SingleValueWidget,
} from "aws-cdk-lib/aws-cloudwatch";
import type { DashboardInputs } from "../lib/monitoring/agent-monitoring.ts";

/** Columns of a CloudWatch dashboard. */
const GRID_WIDTH = 24;

/** A band of widgets of one height, side by side, over the whole width. */
export type GridRow = readonly IWidget[];

/** Stacks rows; refuses one that would leave a gap or wrap. */
export function grid(rows: readonly GridRow[]): IWidget {
  rows.forEach((row, index) => {
    const width = row.reduce((sum, widget) => sum + widget.width, 0);
    if (width !== GRID_WIDTH)
      throw new Error(`dashboard row ${index + 1} is ${width} columns wide, not ${GRID_WIDTH}`);
  });
  return new Column(...rows.map((row) => new Row(...row)));
}

/**
 * What a colour means, on every dashboard the same. Colours that meet on a chart are told apart by the three
 * kinds of colour blindness too, and all of them stand out on light and on dark.
 */
export const COLOURS = {
  requests: "#7f7f7f",
  good: "#77b4df",
  degraded: "#cb921e",
  refused: "#913fd8",
  failed: "#ac2c29",
  blocked: "#8b327f",
  limit: "#ed9057",
  model: "#1b41d0",
  output: "#05a4bd",
} as const;

/** Title and size of a widget, in grid units. */
interface Frame {
  readonly title: string;
  readonly width: number;
  readonly height: number;
  /** Where its metrics are; the stack's Region when missing. */
  readonly region?: string;
  /** How far back it looks, whatever the dashboard's range is: `-P31D`. The dashboard's when missing. */
  readonly start?: string;
}

/** What a graph shows besides its lines. */
interface GraphOptions {
  /** What the left axis counts. */
  readonly unit: string;
  readonly thresholds?: readonly HorizontalAnnotation[];
  /** Areas on top of each other instead of lines; lines when missing. */
  readonly stacked?: true;
}

/**
 * Points over time; a lonely point shows as a dot. The axis starts at 0, so that one is never drawn as a peak
 * of many.
 */
export function graph(frame: Frame, metrics: readonly IMetric[], options: GraphOptions): GraphWidget {
  return new GraphWidget({
    ...frame,
    left: [...metrics],
    leftYAxis: { min: 0, label: options.unit, showUnits: false },
    leftAnnotations: [...(options.thresholds ?? [])],
    stacked: options.stacked ?? false,
    legendPosition: LegendPosition.BOTTOM,
  });
}

/** One number over the whole range of the dashboard. */
export function singleValue(frame: Frame, ...metrics: readonly IMetric[]): SingleValueWidget {
  return new SingleValueWidget({ ...frame, metrics: [...metrics], setPeriodToTimeRange: true });
}

/** The newest value of a metric: its last period, which may still be running. */
export function latestValue(frame: Frame, ...metrics: readonly IMetric[]): SingleValueWidget {
  return new SingleValueWidget({ ...frame, metrics: [...metrics] });
}

/** What a query of the log finds, as rows. */
export function logTable(
  frame: Frame,
  inputs: DashboardInputs,
  queryLines: readonly string[],
): LogQueryWidget {
  return logWidget(frame, inputs, { queryLines, view: LogQueryVisualizationType.TABLE });
}

/** What a query of the log counts for each period, as bars. */
export function logBars(
  frame: Frame,
  inputs: DashboardInputs,
  queryLines: readonly string[],
): LogQueryWidget {
  return logWidget(frame, inputs, { queryLines, view: LogQueryVisualizationType.BAR });
}

interface LogOptions {
  readonly queryLines: readonly string[];
  readonly view: LogQueryVisualizationType;
}

function logWidget(
  frame: Frame,
  { logGroupName }: DashboardInputs,
  { queryLines, view }: LogOptions,
): LogQueryWidget {
  return new LogQueryWidget({ ...frame, logGroupNames: [logGroupName], view, queryLines: [...queryLines] });
}
