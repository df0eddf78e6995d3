import {
  GraphWidget,
  LegendPosition,
  LogQueryVisualizationType,
  LogQueryWidget,
  SingleValueWidget,
  type HorizontalAnnotation,
  type IMetric,
} from "aws-cdk-lib/aws-cloudwatch";
import type { DashboardInputs } from "../lib/monitoring/dashboard-inputs.ts";

/** Title and size of a widget, in grid units. */
export interface Frame {
  readonly title: string;
  readonly width: number;
  readonly height: number;
  /** Where its metrics are; the stack's Region when missing. */
  readonly region?: string;
}

/** What a graph shows besides its lines. */
export interface GraphOptions {
  /** What the left axis counts. */
  readonly unit: string;
  readonly thresholds?: readonly HorizontalAnnotation[];
  /** Areas on top of each other instead of lines; lines when missing. */
  readonly stacked?: true;
}

/** Points over time; a lonely point shows as a dot. The axis starts at 0, so that one is never drawn as a peak of many. */
export function overTime(frame: Frame, metrics: readonly IMetric[], options: GraphOptions): GraphWidget {
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
export function overRange(frame: Frame, ...metrics: readonly IMetric[]): SingleValueWidget {
  return new SingleValueWidget({ ...frame, metrics: [...metrics], setPeriodToTimeRange: true });
}

/** The newest value of a metric: its last period, which may still be running. */
export function latest(frame: Frame, ...metrics: readonly IMetric[]): SingleValueWidget {
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
