import type uPlot from "uplot";
import type { MetricWidget } from "../views.ts";
import type { Theme } from "./chart-theme.ts";
import { placeLabels, type Box, type LabelWish } from "./label-places.ts";

type Horizontal = MetricWidget["horizontal"][number];
type Vertical = MetricWidget["vertical"][number];
type Marks = Pick<MetricWidget, "horizontal" | "vertical">;

/** Draws thresholds, bands and moments, and then their labels, so that no line runs through one. */
export function drawAnnotations(plot: uPlot, { horizontal, vertical }: Marks, theme: Theme): void {
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
    [...horizontal.map(levelLabel(plot, theme)), ...vertical.map(momentLabel(plot, theme))],
    theme,
  );
  ctx.restore();
}

/** A threshold line, or a band between two values. */
function drawHorizontal(plot: uPlot, line: Horizontal, theme: Theme): void {
  const { left, top, width, height } = plot.bbox;
  const y = plot.valToPos(line.value, line.yAxis, true);
  const edges: Readonly<Record<"above" | "below", number>> = { above: top, below: top + height };
  const to =
    line.toValue === undefined
      ? line.fill && edges[line.fill]
      : plot.valToPos(line.toValue, line.yAxis, true);
  color(plot, line.color ?? theme.alarm);
  if (to !== undefined) fill(plot, { x: left, y: Math.min(y, to), width, height: Math.abs(to - y) });
  stroke(plot, [left, y, left + width, y]);
}

/** A moment, or a span between two. */
function drawVertical(plot: uPlot, moment: Vertical, theme: Theme): void {
  const { left, top, width, height } = plot.bbox;
  const x = plot.valToPos(moment.timeMs / 1000, "x", true);
  const edges: Readonly<Record<"before" | "after", number>> = { before: left, after: left + width };
  const to =
    moment.toTimeMs === undefined
      ? moment.fill && edges[moment.fill]
      : plot.valToPos(moment.toTimeMs / 1000, "x", true);
  color(plot, moment.color ?? theme.mute);
  if (to !== undefined) fill(plot, { x: Math.min(x, to), y: top, width: Math.abs(to - x), height });
  stroke(plot, [x, top, x, top + height]);
}

function color({ ctx }: uPlot, value: string): void {
  ctx.strokeStyle = value;
  ctx.fillStyle = value;
}

function fill({ ctx }: uPlot, { x, y, width, height }: Box): void {
  ctx.globalAlpha = 0.1;
  ctx.fillRect(x, y, width, height);
  ctx.globalAlpha = 1;
}

function stroke({ ctx }: uPlot, [x1, y1, x2, y2]: readonly [number, number, number, number]): void {
  ctx.lineWidth = devicePixelRatio * 1.25;
  ctx.setLineDash([6 * devicePixelRatio, 4 * devicePixelRatio]);
  ctx.beginPath();
  ctx.moveTo(x1, y1);
  ctx.lineTo(x2, y2);
  ctx.stroke();
}

interface Label {
  readonly text: string | undefined;
  readonly color: string;
  readonly mark: LabelWish["mark"];
}

function levelLabel(plot: uPlot, theme: Theme): (line: Horizontal) => Label {
  return ({ label: text, color: own, value, yAxis }) => ({
    text,
    color: own ?? theme.alarm,
    mark: { y: plot.valToPos(value, yAxis, true) },
  });
}

function momentLabel(plot: uPlot, theme: Theme): (moment: Vertical) => Label {
  return ({ label: text, color: own, timeMs }) => ({
    text,
    color: own ?? theme.mute,
    mark: { x: plot.valToPos(timeMs / 1000, "x", true) },
  });
}

/** Ink on the ground, which can be read in any scheme; a stripe in the line's colour says which line it is. */
function drawLabels(plot: uPlot, labels: readonly Label[], theme: Theme): void {
  const { ctx, bbox } = plot;
  const px = devicePixelRatio;
  const [height, stripe, air] = [15 * px, 3 * px, 4 * px];
  ctx.font = theme.font.replace("11px", `${11 * px}px`);
  ctx.textAlign = "left";
  ctx.textBaseline = "middle";
  const wishes = labels.map(({ text = "", mark }) => ({
    mark,
    width: text === "" ? 0 : ctx.measureText(text).width + stripe + 2 * air,
    height: text === "" ? 0 : height,
  }));
  const area = { x: bbox.left, y: bbox.top, width: bbox.width, height: bbox.height, gap: 3 * px };
  placeLabels(wishes, area).forEach(({ x, y, width }, i) => {
    const { text = "", color: own } = labels[i] ?? { color: theme.mute };
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
