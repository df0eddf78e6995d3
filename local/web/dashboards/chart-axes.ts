import type uPlot from "uplot";
import { tickTexts, unitOf } from "../format/quantity.ts";
import { CLOCK_PARTS, DAY_PARTS, writtenTime } from "../format/time.ts";
import type { MetricWidget } from "../state/live.ts";
import type { ChartContent, ContentOf } from "./chart-content.ts";
import { axisRange, countSteps } from "./chart-data.ts";
import type { ChartTheme } from "./chart-theme.ts";

/** Where uPlot puts an axis; its numbers are a `const enum`, which does not exist at run time. */
const AXIS_SIDES: Readonly<Record<"left" | "right", object>> = { left: { side: 3 }, right: { side: 1 } };

function axisPoints({ widget, columns }: ChartContent, side: "left" | "right"): number[] {
  const own = columns.filter((_column, i) => widget.series[i]?.yAxis === side);
  return own.flat().filter((value) => value !== null && value !== undefined);
}

/** The bounds of a side's axis. */
export function sideRange(content: ChartContent, side: "left" | "right"): [number, number] {
  const { widget } = content;
  const lines = widget.horizontal.filter((line) => line.yAxis === side);
  const marks = lines.flatMap((line) => [line.value, line.toValue ?? line.value]);
  return axisRange({
    points: axisPoints(content, side),
    marks,
    min: widget[side]?.min,
    max: widget[side]?.max,
  });
}

/** The axes of a chart: the clock below, a unit at each side that has series. */
export function chartAxes(content: ContentOf, theme: ChartTheme): uPlot.Axis[] {
  const { widget } = content();
  const common: uPlot.Axis = {
    stroke: theme.mute,
    grid: { stroke: theme.line, width: 1 },
    ticks: { show: false },
    font: theme.font,
  };
  const stepsOf = (side: "left" | "right"): Pick<uPlot.Axis, "incrs"> => {
    const incrs = countSteps(axisPoints(content(), side));
    return incrs === undefined ? {} : { incrs };
  };
  const yAxis = (side: "left" | "right"): uPlot.Axis => ({
    ...common,
    scale: side,
    ...AXIS_SIDES[side],
    size: (plot, texts) => axisWidth(plot, texts, theme.font),
    show: side === "left" || widget.series.some((one) => one.yAxis === side),
    grid: { stroke: theme.line, width: 1, show: side === "left" },
    ...stepsOf(side),
    values: (_plot, values) => tickTexts(values, chartUnit(widget, side)),
  });
  return [{ ...common, size: 28, space: 70, values: clockLabels }, yAxis("left"), yAxis("right")];
}

const LEAST_AXIS_WIDTH = 54;
/** Between the texts of an axis and both its sides. */
const AXIS_MARGIN = 14;

/** As wide as its longest text: prices of a fraction of a cent are long. */
function axisWidth({ ctx }: uPlot, texts: readonly string[] | null, font: string): number {
  ctx.save();
  ctx.font = font;
  const widths = (texts ?? []).map((text) => Math.ceil(ctx.measureText(text).width) + AXIS_MARGIN);
  ctx.restore();
  return Math.max(LEAST_AXIS_WIDTH, ...widths);
}

/** The unit of what a side of a chart shows. */
export function chartUnit(widget: MetricWidget, side: "left" | "right"): ReturnType<typeof unitOf> {
  return unitOf(widget[side]?.label, widget.title);
}

/** Twenty-four hour clock; the date where a day begins. */
export function clockLabels(_plot: uPlot, seconds: number[]): string[] {
  const dayOf = (second: number): string => writtenTime(second * 1000, DAY_PARTS);
  const timeOf = (second: number): string => writtenTime(second * 1000, CLOCK_PARTS);
  return seconds.map((second, i) => {
    const before = seconds[i - 1];
    const isNewDay = before === undefined ? timeOf(second) === "00:00" : dayOf(second) !== dayOf(before);
    return isNewDay ? dayOf(second) : timeOf(second);
  });
}
