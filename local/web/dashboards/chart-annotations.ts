import type uPlot from "uplot";
import type { MetricWidget } from "../state/live.ts";
import type { ChartTheme } from "./chart-theme.ts";

/** A rectangle on the canvas. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A label to be placed: beside a level line, or beside an upright one. */
export interface LabelRequest {
  readonly width: number;
  readonly height: number;
  readonly mark: { readonly y: number } | { readonly x: number };
}

/** What the labels must stay in. */
interface LabelArea extends Box {
  /** Between a label and its line, and between two labels. */
  readonly gap: number;
}

/** A label over another hides it; over a line it only breaks it. */
const LABEL_OVERLAP_COST = 100;
const LINE_OVERLAP_COST = 1;

/**
 * Places labels so that all can be read: over their line at its left end, unless another place covers fewer
 * labels and lines.
 */
export function placeLabels(wishes: readonly LabelRequest[], area: LabelArea): Box[] {
  const placed: Box[] = [];
  for (const wish of wishes) {
    const cost = (box: Box): number =>
      LABEL_OVERLAP_COST * placed.filter((other) => overlaps(box, other, area.gap)).length +
      LINE_OVERLAP_COST * wishes.filter((other) => crosses(other, box)).length;
    placed.push(cheapestPlace(candidatePlaces(wish, area, placed), cost));
  }
  return placed;
}

function cheapestPlace(places: readonly Box[], cost: (box: Box) => number): Box {
  return places.reduce((best, place) => (cost(place) < cost(best) ? place : best));
}

/** Every place that is worth a try, the best-looking first; all of them lie within the area. */
function candidatePlaces(
  { width, height, mark }: LabelRequest,
  area: LabelArea,
  placed: readonly Box[],
): Box[] {
  const right = area.x + area.width - width;
  const behind = placed.map((box) => box.x + box.width + area.gap);
  const at = (x: number, y: number): Box => ({
    x: Math.max(area.x, Math.min(x, right)),
    y: Math.max(area.y, Math.min(y, area.y + area.height - height)),
    width,
    height,
  });
  if ("y" in mark)
    return [area.x + area.gap, ...behind, right - area.gap].flatMap((x) => [
      at(x, mark.y - area.gap - height),
      at(x, mark.y + area.gap),
    ]);
  const below = placed.map((box) => box.y + box.height + area.gap);
  return [area.y + area.gap, ...below].flatMap((y) => [
    at(mark.x + area.gap, y),
    at(mark.x - area.gap - width, y),
  ]);
}

function overlaps(a: Box, b: Box, gap: number): boolean {
  return (
    a.x < b.x + b.width + gap / 2 &&
    b.x < a.x + a.width + gap / 2 &&
    a.y < b.y + b.height &&
    b.y < a.y + a.height
  );
}

function crosses({ mark }: LabelRequest, box: Box): boolean {
  if ("y" in mark) return mark.y > box.y && mark.y < box.y + box.height;
  return mark.x > box.x && mark.x < box.x + box.width;
}

type Horizontal = MetricWidget["horizontal"][number];
type Vertical = MetricWidget["vertical"][number];
type Annotations = Pick<MetricWidget, "horizontal" | "vertical">;

/** Draws thresholds, bands and moments, and then their labels, so that no line runs through one. */
export function drawAnnotations(plot: uPlot, { horizontal, vertical }: Annotations, theme: ChartTheme): void {
  const { ctx } = plot;
  const { left, top, width, height } = plot.bbox;
  ctx.save();
  ctx.beginPath();
  ctx.rect(left, top, width, height);
  ctx.clip();
  for (const line of horizontal) drawHorizontal(plot, line, theme);
  for (const moment of vertical) drawVertical(plot, moment, theme);
  drawLabels(
    plot,
    [...horizontal.map(horizontalLabel(plot, theme)), ...vertical.map(verticalLabel(plot, theme))],
    theme,
  );
  ctx.restore();
}

/** A threshold line, or a band between two values. */
function drawHorizontal(plot: uPlot, line: Horizontal, theme: ChartTheme): void {
  const { left, top, width, height } = plot.bbox;
  const y = plot.valToPos(line.value, line.yAxis, true);
  const edges: Readonly<Record<"above" | "below", number>> = { above: top, below: top + height };
  const to =
    line.toValue === undefined
      ? line.fill && edges[line.fill]
      : plot.valToPos(line.toValue, line.yAxis, true);
  setColor(plot, line.color ?? theme.alarm);
  if (to !== undefined) fillBox(plot, { x: left, y: Math.min(y, to), width, height: Math.abs(to - y) });
  strokeDashed(plot, [left, y, left + width, y]);
}

/** A moment, or a span between two. */
function drawVertical(plot: uPlot, moment: Vertical, theme: ChartTheme): void {
  const { left, top, width, height } = plot.bbox;
  const x = plot.valToPos(moment.timeMs / 1000, "x", true);
  const edges: Readonly<Record<"before" | "after", number>> = { before: left, after: left + width };
  const to =
    moment.toTimeMs === undefined
      ? moment.fill && edges[moment.fill]
      : plot.valToPos(moment.toTimeMs / 1000, "x", true);
  setColor(plot, moment.color ?? theme.mute);
  if (to !== undefined) fillBox(plot, { x: Math.min(x, to), y: top, width: Math.abs(to - x), height });
  strokeDashed(plot, [x, top, x, top + height]);
}

function setColor({ ctx }: uPlot, value: string): void {
  ctx.strokeStyle = value;
  ctx.fillStyle = value;
}

function fillBox({ ctx }: uPlot, { x, y, width, height }: Box): void {
  ctx.globalAlpha = 0.1;
  ctx.fillRect(x, y, width, height);
  ctx.globalAlpha = 1;
}

function strokeDashed({ ctx }: uPlot, [x1, y1, x2, y2]: readonly [number, number, number, number]): void {
  ctx.lineWidth = devicePixelRatio * 1.25;
  ctx.setLineDash([6 * devicePixelRatio, 4 * devicePixelRatio]);
  ctx.beginPath();
  // On the middle of a pixel: between two pixels a thin line is two pale ones.
  ctx.moveTo(Math.floor(x1) + 0.5, Math.floor(y1) + 0.5);
  ctx.lineTo(Math.floor(x2) + 0.5, Math.floor(y2) + 0.5);
  ctx.stroke();
}

interface Label {
  readonly text: string | undefined;
  readonly color: string;
  readonly mark: LabelRequest["mark"];
}

function horizontalLabel(plot: uPlot, theme: ChartTheme): (line: Horizontal) => Label {
  return ({ label: text, color: own, value, yAxis }) => ({
    text,
    color: own ?? theme.alarm,
    mark: { y: plot.valToPos(value, yAxis, true) },
  });
}

function verticalLabel(plot: uPlot, theme: ChartTheme): (moment: Vertical) => Label {
  return ({ label: text, color: own, timeMs }) => ({
    text,
    color: own ?? theme.mute,
    mark: { x: plot.valToPos(timeMs / 1000, "x", true) },
  });
}

/**
 * Ink on the ground, which can be read in any scheme; a stripe in the line's colour says which line it is.
 */
function drawLabels(plot: uPlot, labels: readonly Label[], theme: ChartTheme): void {
  const { ctx, bbox } = plot;
  const px = devicePixelRatio;
  const [height, stripe, air] = [15 * px, 3 * px, 4 * px];
  ctx.font = theme.font.replace("11px", `${11 * px}px`);
  ctx.textAlign = "left";
  ctx.textBaseline = "middle";
  const most = bbox.width - stripe - 2 * air;
  const fitting = labels.map(({ text, ...label }) => ({
    ...label,
    text: text && fittingText(ctx, text, most),
  }));
  const wishes = fitting.map(({ text = "", mark }) => ({
    mark,
    width: text === "" ? 0 : ctx.measureText(text).width + stripe + 2 * air,
    height: text === "" ? 0 : height,
  }));
  const area = { x: bbox.left, y: bbox.top, width: bbox.width, height: bbox.height, gap: 3 * px };
  placeLabels(wishes, area).forEach(({ x, y, width }, i) => {
    const { text = "", color: own } = fitting[i] ?? { color: theme.mute };
    if (text === "") return;
    ctx.globalAlpha = 0.85;
    ctx.fillStyle = theme.surface;
    ctx.fillRect(x, y, width, height);
    ctx.globalAlpha = 1;
    ctx.fillStyle = own;
    ctx.fillRect(x, y, stripe, height);
    ctx.fillStyle = theme.ink;
    ctx.fillText(text, x + stripe + air, y + height / 2);
  });
}

/** The beginning of a text, as much of it as fits. */
export function fittingText(
  ctx: Pick<CanvasRenderingContext2D, "measureText">,
  text: string,
  most: number,
): string {
  const isFitting = (part: string): boolean => ctx.measureText(part).width <= most;
  if (isFitting(text)) return text;
  let length = text.length - 1;
  while (length > 1 && !isFitting(`${text.slice(0, length)}…`)) length -= 1;
  return `${text.slice(0, length).trimEnd()}…`;
}
