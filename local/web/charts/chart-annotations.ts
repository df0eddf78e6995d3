import type uPlot from "uplot";
import type { Theme } from "./chart-theme.ts";
import type { MetricWidget } from "../views.ts";

type Horizontal = MetricWidget["horizontal"][number];
type Vertical = MetricWidget["vertical"][number];

/** Draws a threshold line, or a band between two values. */
export function drawHorizontal(plot: uPlot, line: Horizontal, theme: Theme): void {
  const { left, top, width, height } = plot.bbox;
  const y = plot.valToPos(line.value, line.yAxis, true);
  const edges: Readonly<Record<"above" | "below", number>> = { above: top, below: top + height };
  const to =
    line.toValue === undefined
      ? line.fill && edges[line.fill]
      : plot.valToPos(line.toValue, line.yAxis, true);
  paint(plot, line.color ?? theme.alarm, (ctx) => {
    if (to !== undefined) fill(ctx, { x: left, y: Math.min(y, to), width, height: Math.abs(to - y) });
    stroke(ctx, [left, y, left + width, y]);
    label(ctx, { text: line.label, x: left, y, theme });
  });
}

/** Draws a moment, or a span between two. */
export function drawVertical(plot: uPlot, moment: Vertical, theme: Theme): void {
  const { left, top, width, height } = plot.bbox;
  const x = plot.valToPos(moment.timeMs / 1000, "x", true);
  const edges: Readonly<Record<"before" | "after", number>> = { before: left, after: left + width };
  const to =
    moment.toTimeMs === undefined
      ? moment.fill && edges[moment.fill]
      : plot.valToPos(moment.toTimeMs / 1000, "x", true);
  paint(plot, moment.color ?? theme.mute, (ctx) => {
    if (to !== undefined) fill(ctx, { x: Math.min(x, to), y: top, width: Math.abs(to - x), height });
    stroke(ctx, [x, top, x, top + height]);
    label(ctx, { text: moment.label, x, y: top + 15 * devicePixelRatio, theme });
  });
}

function paint(plot: uPlot, color: string, draw: (ctx: CanvasRenderingContext2D) => void): void {
  const { ctx } = plot;
  const { left, top, width, height } = plot.bbox;
  ctx.save();
  ctx.beginPath();
  ctx.rect(left, top, width, height);
  ctx.clip();
  ctx.strokeStyle = color;
  ctx.fillStyle = color;
  draw(ctx);
  ctx.restore();
}

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

function fill(ctx: CanvasRenderingContext2D, { x, y, width, height }: Box): void {
  ctx.globalAlpha = 0.1;
  ctx.fillRect(x, y, width, height);
  ctx.globalAlpha = 1;
}

function stroke(
  ctx: CanvasRenderingContext2D,
  [x1, y1, x2, y2]: readonly [number, number, number, number],
): void {
  ctx.lineWidth = devicePixelRatio * 1.25;
  ctx.setLineDash([6 * devicePixelRatio, 4 * devicePixelRatio]);
  ctx.beginPath();
  ctx.moveTo(x1, y1);
  ctx.lineTo(x2, y2);
  ctx.stroke();
}

interface Label {
  readonly text: string | undefined;
  readonly x: number;
  readonly y: number;
  readonly theme: Theme;
}

function label(ctx: CanvasRenderingContext2D, { text, x, y, theme }: Label): void {
  if (text === undefined) return;
  ctx.font = theme.font.replace("11px", `${11 * devicePixelRatio}px`);
  ctx.textAlign = "left";
  ctx.fillText(text, x + 4 * devicePixelRatio, y - 4 * devicePixelRatio);
}
