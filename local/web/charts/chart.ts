import { type ComponentChild, h } from "preact";
import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import { shortNumber } from "../format/series-summary.ts";
import { fullTime } from "../format/time.ts";
import type { MetricWidget } from "../state/live.ts";
import { drawAnnotations } from "./chart-annotations.ts";
import {
  axisRange,
  type Cell,
  connectedRuns,
  countSteps,
  dottedPoints,
  joinSeries,
  shownEdges,
  stackColumns,
} from "./chart-data.ts";
import { type ChartTheme, readChartTheme, seriesColor } from "./chart-theme.ts";

/** A line or a layer of a stack, as it is drawn: on top of the layers below. */
interface DrawnLine {
  readonly column: readonly Cell[];
  /** Where the upper edge of a layer shows; a line shows everywhere. */
  readonly shown?: readonly boolean[] | undefined;
}

/**
 * Areas as uPlot fills them, with lines from point to point of each run.
 *
 * uPlot itself draws through gaps and cuts the gaps out, which leaves a stub of the line at a lone point.
 */
function connectedPaths(line: DrawnLine): uPlot.Series.PathBuilder {
  return (...place) => {
    const [plot, series] = place;
    const whole = uPlot.paths.linear?.()(...place);
    if (whole === null || whole === undefined) return null;
    return { ...whole, stroke: strokePath(plot, plot.series[series]?.scale ?? "left", line) };
  };
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

/** Where uPlot puts an axis; its numbers are a `const enum`, which does not exist at run time. */
const AXIS_SIDES: Readonly<Record<"left" | "right", object>> = { left: { side: 3 }, right: { side: 1 } };

/** What a chart needs beside its widget. */
interface ChartProps {
  readonly widget: MetricWidget;
  readonly startMs: number;
  readonly endMs: number;
}

interface ChartSize {
  readonly width: number;
  readonly height: number;
}

/** Lines over time: gaps stay gaps, points that no line shows are dots, thresholds and bands are drawn. */
export function Chart(props: ChartProps): ComponentChild {
  const box = useRef<HTMLDivElement>(null);
  const tip = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = box.current;
    if (element === null) return undefined;
    return redrawOnChange(element, (size) => drawChart(props, { element, size, tip: tip.current }));
  }, [JSON.stringify(props)]);
  return h("div", { class: "chart" }, [
    h("div", { class: "chart-plot", ref: box }),
    h("div", { class: "chart-tip", ref: tip, "aria-hidden": "true" }),
  ]);
}

/** Draws again when the box or the colour scheme changes; the box keeps its size, so nothing jumps. */
function redrawOnChange(element: HTMLElement, drawNow: (size: ChartSize) => uPlot): () => void {
  let plot: uPlot | undefined;
  const redraw = (): void => {
    const next = drawNow({
      width: Math.max(element.clientWidth, 60),
      height: Math.max(element.clientHeight, 60),
    });
    plot?.destroy();
    plot = next;
  };
  redraw();
  const scheme = matchMedia("(prefers-color-scheme: dark)");
  const observer = new ResizeObserver(() => {
    if (plot !== undefined && plot.width !== element.clientWidth) redraw();
  });
  observer.observe(element);
  scheme.addEventListener("change", redraw);
  return () => {
    observer.disconnect();
    scheme.removeEventListener("change", redraw);
    plot?.destroy();
  };
}

interface Canvas {
  readonly element: HTMLElement;
  readonly size: ChartSize;
  readonly tip: HTMLElement | null;
}

function drawChart({ widget, startMs, endMs }: ChartProps, { element, size, tip }: Canvas): uPlot {
  const theme = readChartTheme(element);
  const table = joinSeries(widget.series);
  const columns = widget.stacked ? stackColumns(table.columns) : table.columns;
  const shown = widget.stacked ? shownEdges(table.columns) : undefined;
  const options: uPlot.Options = {
    ...size,
    padding: [10, 18, 0, 4],
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { size: 7 } },
    scales: {
      x: { time: true, range: () => [startMs / 1000, endMs / 1000] },
      left: { range: () => sideRange(widget, columns, "left") },
      right: { range: () => sideRange(widget, columns, "right") },
    },
    series: [
      {},
      ...widget.series.map((_one, i) =>
        seriesOptions(widget, { i, column: columns[i] ?? [], shown: shown?.[i] }),
      ),
    ],
    bands: widget.stacked
      ? columns.slice(1).map((_column, i) => ({ series: [i + 2, i + 1] as [number, number] }))
      : [],
    axes: chartAxes(widget, columns, theme),
    hooks: {
      draw: [(plot) => drawAnnotations(plot, widget, theme)],
      setCursor: [(plot) => showTip(plot, tip, { widget, columns: table.columns })],
    },
  };
  return new uPlot(options, [[...table.seconds], ...columns.map((column) => [...column])], element);
}

type Columns = readonly (readonly Cell[])[];

function axisPoints(widget: MetricWidget, columns: Columns, side: "left" | "right"): number[] {
  const own = columns.filter((_column, i) => widget.series[i]?.yAxis === side);
  return own.flat().filter((value) => value !== null && value !== undefined);
}

function sideRange(widget: MetricWidget, columns: Columns, side: "left" | "right"): [number, number] {
  const points = axisPoints(widget, columns, side);
  const lines = widget.horizontal.filter((line) => line.yAxis === side);
  const marks = lines.flatMap((line) => [line.value, line.toValue ?? line.value]);
  return axisRange({ points, marks, min: widget[side]?.min, max: widget[side]?.max });
}

interface Layer {
  readonly i: number;
  readonly column: readonly Cell[];
  /** Where its edge shows, of a stack. */
  readonly shown: readonly boolean[] | undefined;
}

/** A line shorter than its dots are wide is not seen. */
const MIN_LINE_WIDTH = 8;

function seriesOptions(widget: MetricWidget, { i, column, shown }: Layer): uPlot.Series {
  const color = seriesColor(widget.series[i]?.color, i);
  const dots = (plot: uPlot): number[] => {
    const positions = Array.from(plot.data[0], (second) => plot.valToPos(second, "x"));
    const dotted = dottedPoints(column, { positions, narrowest: MIN_LINE_WIDTH });
    return dotted.filter((index) => shown?.[index] !== false);
  };
  return {
    scale: widget.series[i]?.yAxis ?? "left",
    stroke: color,
    width: 1.75,
    ...(shown === undefined ? {} : { fill: `${color}55` }),
    paths: connectedPaths({ column, shown }),
    points: { show: true, size: 6, width: 1, fill: color, stroke: color, filter: dots },
  };
}

function chartAxes(widget: MetricWidget, columns: Columns, theme: ChartTheme): uPlot.Axis[] {
  const common: uPlot.Axis = {
    stroke: theme.mute,
    grid: { stroke: theme.line, width: 1 },
    ticks: { show: false },
    font: theme.font,
  };
  const stepsOf = (side: "left" | "right"): Pick<uPlot.Axis, "incrs"> => {
    const incrs = countSteps(axisPoints(widget, columns, side));
    return incrs === undefined ? {} : { incrs };
  };
  const yAxis = (side: "left" | "right"): uPlot.Axis => ({
    ...common,
    scale: side,
    ...AXIS_SIDES[side],
    size: 46,
    show: side === "left" || widget.series.some((one) => one.yAxis === side),
    grid: { stroke: theme.line, width: 1, show: side === "left" },
    ...stepsOf(side),
    values: (_plot, values) => values.map((value) => shortNumber(value)),
    ...(widget[side]?.label === undefined
      ? {}
      : { label: widget[side].label, labelSize: 16, labelFont: theme.font, labelGap: 0 }),
  });
  return [{ ...common, size: 30, space: 70, values: clockLabels }, yAxis("left"), yAxis("right")];
}

/** Twenty-four hour clock; the date where a new day begins. */
function clockLabels(_plot: uPlot, seconds: number[]): string[] {
  let day = seconds[0] === undefined ? "" : new Date(seconds[0] * 1000).toDateString();
  return seconds.map((second) => {
    const date = new Date(second * 1000);
    const isNewDay = date.toDateString() !== day;
    day = date.toDateString();
    if (isNewDay) return date.toLocaleDateString([], { day: "numeric", month: "short" });
    return date.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  });
}

interface TipData {
  readonly widget: MetricWidget;
  readonly columns: readonly (readonly Cell[])[];
}

function showTip(plot: uPlot, tip: HTMLElement | null, { widget, columns }: TipData): void {
  if (tip === null) return;
  const { idx } = plot.cursor;
  const second = idx === null || idx === undefined ? undefined : plot.data[0][idx];
  tip.hidden = second === undefined;
  if (tip.hidden || idx === null || idx === undefined) return;
  const rows = widget.series.map((one, i) => `${one.label}: ${shortNumber(columns[i]?.[idx])}`);
  tip.textContent = [fullTime(Number(second) * 1000), ...rows].join("\n");
  const isRightHalf = (plot.cursor.left ?? 0) > plot.over.clientWidth / 2;
  tip.classList.toggle("chart-tip-left", isRightHalf);
}
