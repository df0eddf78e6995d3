import uPlot from "uplot";
import { runsOf, type Cell } from "./chart-data.ts";

/** A line or a layer of a stack, as it is drawn: on top of the layers below. */
export interface DrawnLine {
  readonly column: readonly Cell[];
  /** Where the upper edge of a layer shows; a line shows everywhere. */
  readonly shown?: readonly boolean[] | undefined;
}

/**
 * Areas as uPlot fills them, with lines from point to point of each run.
 *
 * uPlot itself draws through gaps and cuts the gaps out, which leaves a stub of the line at a lone point.
 */
export function runPaths(line: DrawnLine): uPlot.Series.PathBuilder {
  return (...place) => {
    const [plot, series] = place;
    const whole = uPlot.paths.linear?.()(...place);
    if (whole === null || whole === undefined) return null;
    return { ...whole, stroke: strokeOf(plot, plot.series[series]?.scale ?? "left", line) };
  };
}

function strokeOf(plot: uPlot, scale: string, { column, shown }: DrawnLine): Path2D {
  const path = new Path2D();
  const x = (index: number): number => plot.valToPos(plot.data[0][index] ?? 0, "x", true);
  const y = (index: number): number => plot.valToPos(column[index] ?? 0, scale, true);
  const isShown = (index: number): boolean => shown?.[index] !== false;
  for (const run of runsOf(column))
    run.forEach((index, i) => {
      const before = run[i - 1];
      if (before !== undefined && (isShown(index) || isShown(before))) path.lineTo(x(index), y(index));
      else path.moveTo(x(index), y(index));
    });
  return path;
}
