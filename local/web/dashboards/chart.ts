import { type ComponentChild, h } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import { quantityText } from "../format/quantity.ts";
import { fullTime, isUtc, utcDate } from "../format/time.ts";
import { drawAnnotations } from "./chart-annotations.ts";
import { chartAxes, chartUnit, sideRange } from "./chart-axes.ts";
import {
  chartContent,
  type ChartContent,
  type ChartProps,
  type ContentOf,
  seriesPaths,
} from "./chart-content.ts";
import { dottedPoints, isBarChart } from "./chart-data.ts";
import { type ChartTheme, readChartTheme, seriesColor } from "./chart-theme.ts";

/**
 * Lines or bars over time: gaps stay gaps, points that no line shows are dots, thresholds and bands are
 * drawn.
 */
export function Chart(props: ChartProps): ComponentChild {
  const { widget, startMs, endMs, onZoom } = props;
  const box = useRef<HTMLDivElement>(null);
  const tip = useRef<HTMLDivElement>(null);
  const drawn = useRef<DrawnChart>(null);
  const zoom = useRef(onZoom);
  zoom.current = onZoom;
  // Before the paint, so that the first chart is in it; the others wait for their turn.
  useLayoutEffect(() => {
    if (box.current === null) return undefined;
    const chart = new DrawnChart(box.current, tip.current, (fromMs, toMs) => zoom.current?.(fromMs, toMs));
    drawn.current = chart;
    return () => chart.stop();
  }, []);
  useLayoutEffect(() => drawn.current?.show(props), [widget, startMs, endMs, isUtc()]);
  return h("div", { class: "chart" }, [
    h("div", { class: "chart-plot", ref: box }),
    h("div", { class: "chart-tip", ref: tip, hidden: true, "aria-hidden": "true" }),
  ]);
}

/** Charts wait here for their turn: a dozen drawn in one task would make the page stutter. */
const waiting = new Set<DrawnChart>();
let isDrawing = false;

function drawNext(): void {
  const [next] = waiting;
  isDrawing = next !== undefined;
  if (next === undefined) return;
  waiting.delete(next);
  next.draw();
  setTimeout(drawNext);
}

/** Pixels below which a side of a chart shows nothing that can be read. */
const MIN_SIDE = 60;

type ZoomTo = (fromMs: number, toMs: number) => void;

/** A chart on the page: kept as long as its widget stands there, so that a refresh only changes its data. */
class DrawnChart {
  readonly #element: HTMLElement;
  readonly #tip: HTMLElement | null;
  readonly #zoom: ZoomTo;
  readonly #observer: ResizeObserver;
  readonly #scheme = matchMedia("(prefers-color-scheme: dark)");
  readonly #rebuild = (): void => this.#forget();
  #props: ChartProps | undefined;
  #content: ChartContent | undefined;
  #plot: uPlot | undefined;
  #shape = "";

  constructor(element: HTMLElement, tip: HTMLElement | null, zoom: ZoomTo) {
    this.#element = element;
    this.#tip = tip;
    this.#zoom = zoom;
    this.#observer = new ResizeObserver(() => this.#refit());
    this.#observer.observe(element);
    this.#scheme.addEventListener("change", this.#rebuild);
  }

  show(props: ChartProps): void {
    this.#props = props;
    waiting.add(this);
    if (isDrawing) return;
    // The first picture is drawn at once; a refresh is a task of its own, however much the page has to do
    // beside it.
    if (this.#plot === undefined) drawNext();
    else {
      isDrawing = true;
      setTimeout(drawNext);
    }
  }

  draw(): void {
    // Drawn for no room it would stay a speck: the observer tells when there is some.
    if (this.#props === undefined || !this.#hasRoom()) return;
    this.#content = chartContent(this.#props);
    const shape = chartShape(this.#content);
    if (this.#plot !== undefined && shape === this.#shape && this.#fits(this.#plot)) {
      this.#plot.setData(alignedData(this.#content));
      return;
    }
    this.#plot?.destroy();
    this.#shape = shape;
    this.#plot = this.#build(this.#content);
    // A box that was small for this moment alone tells the observer of no change.
    requestAnimationFrame(() => this.#refit());
  }

  stop(): void {
    waiting.delete(this);
    this.#observer.disconnect();
    this.#scheme.removeEventListener("change", this.#rebuild);
    this.#plot?.destroy();
    this.#plot = undefined;
    this.#props = undefined;
  }

  #refit(): void {
    if (this.#hasRoom() && (this.#plot === undefined || !this.#fits(this.#plot))) this.#forget();
  }

  #forget(): void {
    this.#shape = "";
    if (this.#props !== undefined) this.show(this.#props);
  }

  #fits({ width, height }: uPlot): boolean {
    return width === this.#size().width && height === this.#size().height;
  }

  #size(): { readonly width: number; readonly height: number } {
    const { clientWidth, clientHeight } = this.#element;
    return { width: clientWidth, height: clientHeight };
  }

  #hasRoom(): boolean {
    const { width, height } = this.#size();
    return width >= MIN_SIDE && height >= MIN_SIDE;
  }

  #build(first: ChartContent): uPlot {
    const theme = readChartTheme(this.#element);
    const content: ContentOf = () => this.#content ?? first;
    const tip = this.#tip;
    const zoom = this.#zoom;
    const options: uPlot.Options = {
      ...this.#size(),
      ...chartOptions(content, theme),
      hooks: {
        draw: [(plot) => drawAnnotations(plot, content().widget, theme)],
        setCursor: [(plot) => showTip(plot, tip, content())],
        setSelect: [(plot) => zoomToSelection(plot, zoom)],
      },
    };
    return new uPlot(options, alignedData(first), this.#element);
  }
}

/** What a plot is built for; anything else is data. */
function chartShape({ widget, lines }: ChartContent): string {
  const { stacked, horizontal, left, right } = widget;
  const series = widget.series.map(({ label, color, yAxis }, i) => [
    label,
    color,
    yAxis,
    lines[i]?.bars !== undefined,
  ]);
  return JSON.stringify([series, stacked, horizontal, left, right, isUtc()]);
}

function alignedData({ table, columns }: ChartContent): uPlot.AlignedData {
  return [[...table.seconds], ...columns.map((column) => [...column])];
}

/** A dragged span of fewer pixels was meant as a click. */
const MIN_DRAG_PIXELS = 8;

function zoomToSelection(plot: uPlot, zoom: ZoomTo): void {
  const { left, width } = plot.select;
  if (width < MIN_DRAG_PIXELS) return;
  zoom(Math.round(plot.posToVal(left, "x") * 1000), Math.round(plot.posToVal(left + width, "x") * 1000));
  plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
}

/** The cursors of all charts of the page follow each other. */
const CURSORS = "charts";

function chartOptions(content: ContentOf, theme: ChartTheme): Omit<uPlot.Options, "width" | "height"> {
  const { widget, columns } = content();
  return {
    padding: [10, 14, 0, 4],
    legend: { show: false },
    cursor: {
      y: false,
      drag: { x: true, y: false, setScale: false },
      points: { size: 7 },
      sync: { key: CURSORS, setSeries: false },
    },
    tzDate: (second) => (isUtc() ? utcDate(second * 1000) : new Date(second * 1000)),
    scales: {
      x: { time: true, range: () => [content().startMs / 1000, content().endMs / 1000] },
      left: { range: () => sideRange(content(), "left") },
      right: { range: () => sideRange(content(), "right") },
    },
    series: [{}, ...widget.series.map((_one, i) => seriesOptions(content, i))],
    bands:
      widget.stacked && !isBarChart(widget)
        ? columns.slice(1).map((_column, i) => ({ series: [i + 2, i + 1] as [number, number] }))
        : [],
    axes: chartAxes(content, theme),
  };
}

/** A line shorter than its dots are wide is not seen. */
const MIN_LINE_WIDTH = 8;

function seriesOptions(content: ContentOf, i: number): uPlot.Series {
  const { widget, lines } = content();
  const color = seriesColor(widget.series[i]?.color, i);
  const isBars = lines[i]?.bars !== undefined;
  const dots = (plot: uPlot): number[] => {
    const { column = [], shown } = content().lines[i] ?? {};
    const positions = Array.from(plot.data[0], (second) => plot.valToPos(second, "x"));
    const dotted = dottedPoints(column, { positions, minWidth: MIN_LINE_WIDTH });
    return dotted.filter((index) => shown?.[index] !== false);
  };
  return {
    scale: widget.series[i]?.yAxis ?? "left",
    stroke: color,
    width: 1.75,
    ...(isBars && { fill: color }),
    ...(!isBars && widget.stacked && { fill: `${color}55` }),
    paths: seriesPaths(content, i),
    // A filter that gives points has them drawn, whatever `show` says.
    points: isBars
      ? { show: false }
      : { show: true, size: 6, width: 1, fill: color, stroke: color, filter: dots },
  };
}

function showTip(plot: uPlot, tip: HTMLElement | null, { widget, table }: ChartContent): void {
  if (tip === null) return;
  const { idx } = plot.cursor;
  const second = idx === null || idx === undefined ? undefined : plot.data[0][idx];
  tip.hidden = second === undefined || (plot.cursor.left ?? -1) < 0;
  if (tip.hidden || idx === null || idx === undefined) return;
  const rows = widget.series.map(
    (one, i) => `${one.label}: ${quantityText(table.columns[i]?.[idx], chartUnit(widget, one.yAxis))}`,
  );
  tip.textContent = [fullTime(Number(second) * 1000), ...rows].join("\n");
  const isRightHalf = (plot.cursor.left ?? 0) > plot.over.clientWidth / 2;
  tip.classList.toggle("chart-tip-left", isRightHalf);
}
