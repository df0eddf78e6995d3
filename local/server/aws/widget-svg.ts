import type {
  HorizontalAnnotation,
  MetricWidgetView,
  SeriesView,
} from "@wrist-agent/cloudwatch/dashboards/dashboard-view";

/** What an image shows of a widget, and how large. */
export interface WidgetPicture {
  readonly widget: MetricWidgetView;
  /** Epoch milliseconds. */
  readonly startMs: number;
  readonly endMs: number;
  /** Pixels. */
  readonly width: number;
  readonly height: number;
  readonly isDark: boolean;
}

const COLOURS = ["#1f77b4", "#ff7f0e", "#2ca02c", "#d62728", "#9467bd", "#8c564b", "#e377c2", "#7f7f7f"];
const FONT = 'font-family="Helvetica, Arial, DejaVu Sans, sans-serif"';

/** The area of the lines, between title, axes and legend. */
interface Plot {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
  readonly low: number;
  readonly high: number;
  readonly startMs: number;
  readonly endMs: number;
}

/** Draws a metric widget as SVG: lines, stacked or not, or one number for each series. */
export function widgetSvg(picture: WidgetPicture): string {
  const { widget, width, height, isDark } = picture;
  const [ground, ink] = isDark ? ["#0f1b2a", "#d1d5db"] : ["#ffffff", "#333333"];
  const content = widget.view === "singleValue" ? numbers(picture, ink) : graph(picture, ink);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">`,
    `<rect width="${width}" height="${height}" fill="${ground}"/>`,
    text(widget.title ?? "", { x: width / 2, y: 20, size: 14, ink, anchor: "middle" }),
    content,
    "</svg>",
  ].join("");
}

function graph(picture: WidgetPicture, ink: string): string {
  const { widget, width, height, startMs, endMs } = picture;
  const series = widget.stacked ? stackedSeries(widget.series) : widget.series;
  const rows = widget.legend === "hidden" ? 0 : widget.series.length;
  const plot = {
    left: 60,
    right: width - 15,
    top: 32,
    bottom: Math.max(60, height - 28 - rows * 16),
    ...bounds(series, widget),
    startMs,
    endMs,
  };
  const lines = series.map((each, index) => linePaths(each, { index, isFilled: widget.stacked }, plot));
  return [
    axes(plot, ink),
    ...(widget.stacked ? lines.toReversed() : lines),
    ...widget.horizontal.map((annotation) => threshold(annotation, plot)),
    ...(rows > 0 ? widget.series.map((each, index) => legendRow(each, { index, ink }, plot)) : []),
  ].join("");
}

/** Each series on top of those before it; a gap adds nothing. */
function stackedSeries(series: readonly SeriesView[]): readonly SeriesView[] {
  const sums = new Map<number, number>();
  return series.map((each) => {
    const values = each.values.map((value, slot) => {
      const timeMs = each.startMs + slot * each.periodSeconds * 1000;
      const sum = (sums.get(timeMs) ?? 0) + (value ?? 0);
      sums.set(timeMs, sum);
      return value === null ? null : sum;
    });
    return { ...each, values };
  });
}

function bounds(
  series: readonly SeriesView[],
  { left, horizontal }: MetricWidgetView,
): { readonly low: number; readonly high: number } {
  const values = [
    ...series.flatMap((each) => each.values.filter((value) => value !== null)),
    ...horizontal.map(({ value }) => value),
  ];
  const low = left?.min ?? values.reduce((least, value) => Math.min(least, value), 0);
  const high = left?.max ?? values.reduce((most, value) => Math.max(most, value), low);
  return { low, high: high > low ? high : low + 1 };
}

function x({ left, right, startMs, endMs }: Plot, timeMs: number): number {
  return left + ((timeMs - startMs) / (endMs - startMs)) * (right - left);
}

function y({ top, bottom, low, high }: Plot, value: number): number {
  const inside = Math.min(high, Math.max(low, value));
  return bottom - ((inside - low) / (high - low)) * (bottom - top);
}

const TICKS = 4;

function axes(plot: Plot, ink: string): string {
  const { left, right, bottom, low, high, startMs, endMs } = plot;
  const parts = Array.from({ length: TICKS + 1 }, (_, n) => {
    const value = low + ((high - low) * n) / TICKS;
    const at = y(plot, value).toFixed(1);
    const timeMs = startMs + ((endMs - startMs) * n) / TICKS;
    return [
      `<line x1="${left}" x2="${right}" y1="${at}" y2="${at}" stroke="${ink}" stroke-opacity="0.2"/>`,
      text(shortNumber(value), { x: left - 6, y: Number(at) + 4, size: 11, ink, anchor: "end" }),
      text(timeText(timeMs, endMs - startMs), {
        x: x(plot, timeMs),
        y: bottom + 16,
        size: 11,
        ink,
        anchor: n === 0 ? "start" : n === TICKS ? "end" : "middle",
      }),
    ].join("");
  });
  return parts.join("");
}

const DAY_MS = 86_400_000;

function timeText(timeMs: number, rangeMs: number): string {
  const iso = new Date(timeMs).toISOString();
  return rangeMs > DAY_MS ? iso.slice(5, 10) : iso.slice(11, 16);
}

const UNITS: readonly (readonly [number, string])[] = [
  [1e9, "G"],
  [1e6, "M"],
  [1e3, "k"],
];

function shortNumber(value: number): string {
  const [size, unit] = UNITS.find(([least]) => Math.abs(value) >= least) ?? [1, ""];
  return `${Number((value / size).toPrecision(3))}${unit}`;
}

function colourOf({ color }: SeriesView, index: number): string {
  return color ?? COLOURS[index % COLOURS.length] ?? "";
}

/** Lines between neighbouring points; a point alone is a dot. */
function linePaths(
  series: SeriesView,
  { index, isFilled }: { readonly index: number; readonly isFilled: boolean },
  plot: Plot,
): string {
  const colour = colourOf(series, index);
  return runs(series)
    .map((run) => {
      const points = run.map(
        ([timeMs, value]) => `${x(plot, timeMs).toFixed(1)},${y(plot, value).toFixed(1)}`,
      );
      const [first = "", last = ""] = [points[0], points.at(-1)];
      if (first === last)
        return `<circle cx="${first.split(",")[0]}" cy="${first.split(",")[1]}" r="2.5" fill="${colour}"/>`;
      const line = `<polyline points="${points.join(" ")}" fill="none" stroke="${colour}" stroke-width="2"/>`;
      const [fromX, toX] = [first.split(",")[0], last.split(",")[0]];
      const area = `<polygon points="${fromX},${plot.bottom} ${points.join(" ")} ${toX},${plot.bottom}" fill="${colour}" fill-opacity="0.5"/>`;
      return isFilled ? area + line : line;
    })
    .join("");
}

function runs({
  startMs,
  periodSeconds,
  values,
}: SeriesView): readonly (readonly (readonly [number, number])[])[] {
  const found: [number, number][][] = [];
  let isOpen = false;
  values.forEach((value, slot) => {
    if (value !== null) {
      const point: [number, number] = [startMs + slot * periodSeconds * 1000, value];
      if (isOpen) found.at(-1)?.push(point);
      else found.push([point]);
    }
    isOpen = value !== null;
  });
  return found;
}

function threshold({ value, label = "", color = "#d62728" }: HorizontalAnnotation, plot: Plot): string {
  const at = y(plot, value).toFixed(1);
  const line = `<line x1="${plot.left}" x2="${plot.right}" y1="${at}" y2="${at}" stroke="${color}" stroke-dasharray="6 3"/>`;
  return line + text(label, { x: plot.right, y: Number(at) - 4, size: 11, ink: color, anchor: "end" });
}

function legendRow(
  series: SeriesView,
  { index, ink }: { readonly index: number; readonly ink: string },
  { left, bottom }: Plot,
): string {
  const top = bottom + 26 + index * 16;
  const box = `<rect x="${left}" y="${top}" width="10" height="10" fill="${colourOf(series, index)}"/>`;
  return box + text(series.label, { x: left + 16, y: top + 9, size: 11, ink, anchor: "start" });
}

/** The latest value of each series, side by side. */
function numbers({ widget, width, height }: WidgetPicture, ink: string): string {
  const columns = Math.max(1, widget.series.length);
  return widget.series
    .map((series, index) => {
      const latest = series.values.findLast((value) => value !== null);
      const middle = (width * (index + 0.5)) / columns;
      const shown = latest === undefined ? "--" : shortNumber(latest);
      return [
        text(shown, { x: middle, y: height / 2, size: 36, ink: colourOf(series, index), anchor: "middle" }),
        text(series.label, { x: middle, y: height / 2 + 28, size: 12, ink, anchor: "middle" }),
      ].join("");
    })
    .join("");
}

interface TextLook {
  readonly x: number;
  readonly y: number;
  readonly size: number;
  readonly ink: string;
  readonly anchor: "start" | "middle" | "end";
}

function text(content: string, { x: left, y: top, size, ink, anchor }: TextLook): string {
  const shown = content.replace(/[&<>"]/g, (character) => `&#${character.codePointAt(0) ?? 32};`);
  return `<text x="${left.toFixed(1)}" y="${top.toFixed(1)}" font-size="${size}" fill="${ink}" text-anchor="${anchor}" ${FONT}>${shown}</text>`;
}
