import uPlot from "uplot";
import type { MetricWidget } from "../state/live.ts";
import {
  type Bar,
  type Cell,
  type ChartTable,
  connectedRuns,
  isBarChart,
  joinSeries,
  seriesBars,
  shownEdges,
  stackColumns,
} from "./chart-data.ts";

/** What a chart needs beside its widget. */
export interface ChartProps {
  readonly widget: MetricWidget;
  readonly startMs: number;
  readonly endMs: number;
  /**
   * Called with the span that the reader has dragged over, epoch milliseconds; without it nothing can be
   * dragged.
   */
  readonly onZoom?: ((fromMs: number, toMs: number) => void) | undefined;
}

/** A line or a layer of a stack, as it is drawn: on top of the layers below. */
export interface DrawnLine {
  readonly column: readonly Cell[];
  /** Where the upper edge of a layer shows; a line shows everywhere. */
  readonly shown: readonly boolean[] | undefined;
  /** The bars of a chart of counts; a line has none. */
  readonly bars: readonly Bar[] | undefined;
}

/** Everything of a chart that its next refresh may change. */
export interface ChartContent {
  readonly widget: MetricWidget;
  readonly startMs: number;
  readonly endMs: number;
  readonly table: ChartTable;
  /** As drawn: stacked where the widget stacks. */
  readonly columns: Columns;
  readonly lines: readonly DrawnLine[];
}

type Columns = readonly (readonly Cell[])[];

/** What a chart draws of its widget. */
export function chartContent({ widget, startMs, endMs }: ChartProps): ChartContent {
  const table = joinSeries(widget.series);
  const columns = widget.stacked ? stackColumns(table.columns) : table.columns;
  const shown = widget.stacked ? shownEdges(table.columns) : undefined;
  const bars = isBarChart(widget) ? seriesBars(widget) : undefined;
  const lines = columns.map((column, i) => ({ column, shown: shown?.[i], bars: bars?.[i] }));
  return { widget, startMs, endMs, table, columns, lines };
}

/** The content as it is when it is drawn. */
export type ContentOf = () => ChartContent;

/**
 * Areas as uPlot fills them, with lines from point to point of each run; bars where the chart counts.
 *
 * uPlot itself draws through gaps and cuts the gaps out, which leaves a stub of the line at a lone point.
 */
export function seriesPaths(content: ContentOf, i: number): uPlot.Series.PathBuilder {
  return (...place) => {
    const [plot, series] = place;
    const scale = plot.series[series]?.scale ?? "left";
    const line = content().lines[i];
    if (line === undefined) return null;
    if (line.bars !== undefined) return { stroke: null, fill: barPath(plot, scale, line.bars) };
    const whole = uPlot.paths.linear?.()(...place);
    if (whole === null || whole === undefined) return null;
    return { ...whole, stroke: strokePath(plot, scale, line) };
  };
}

/** A bar is seen however short its period is on the screen, and however small its count. */
const MIN_BAR_PIXELS = 2;

function barPath(plot: uPlot, scale: string, bars: readonly Bar[]): Path2D {
  const path = new Path2D();
  const least = MIN_BAR_PIXELS * devicePixelRatio;
  for (const { fromMs, toMs, base, top } of bars) {
    const left = plot.valToPos(fromMs / 1000, "x", true);
    const right = plot.valToPos(toMs / 1000, "x", true);
    const [y, floor] = [plot.valToPos(top, scale, true), plot.valToPos(base, scale, true)];
    const width = Math.max(least, right - left);
    if (top !== base) path.rect(left, Math.min(y, floor - least), width, Math.max(least, floor - y));
  }
  return path;
}

function strokePath(plot: uPlot, scale: string, { column, shown }: DrawnLine): Path2D {
  const path = new Path2D();
  const x = (index: number): number => plot.valToPos(plot.data[0][index] ?? 0, "x", true);
  const y = (index: number): number => plot.valToPos(column[index] ?? 0, scale, true);
  const isShown = (index: number): boolean => shown?.[index] !== false;
  for (const run of connectedRuns(column))
    run.forEach((index, i) => {
      const before = run[i - 1];
      if (before !== undefined && (isShown(index) || isShown(before))) path.lineTo(x(index), y(index));
      else path.moveTo(x(index), y(index));
    });
  return path;
}
