import uPlot from "uplot";
import { runsOf, type Cell } from "./chart-data.ts";

/** A layer of a stack. */
export interface StackLayer {
  /** As it is drawn: on top of the layers below. */
  readonly column: readonly Cell[];
  /** Where its upper edge shows. */
  readonly shown: readonly boolean[];
}

/** Areas as uPlot fills them, whose upper edge is drawn only where it shows, and on the way from and to there. */
export function stackPaths(layer: StackLayer): uPlot.Series.PathBuilder {
  return (...place) => {
    const [plot, series] = place;
    const whole = uPlot.paths.linear?.()(...place);
    if (whole === null || whole === undefined) return null;
    return { ...whole, stroke: edgeOf(plot, plot.series[series]?.scale ?? "left", layer) };
  };
}

function edgeOf(plot: uPlot, scale: string, { column, shown }: StackLayer): Path2D {
  const path = new Path2D();
  const x = (index: number): number => plot.valToPos(plot.data[0][index] ?? 0, "x", true);
  const y = (index: number): number => plot.valToPos(column[index] ?? 0, scale, true);
  for (const run of runsOf(column))
    run.slice(1).forEach((index, i) => {
      const before = run[i] ?? index;
      if (shown[index] !== true && shown[before] !== true) return;
      path.moveTo(x(before), y(before));
      path.lineTo(x(index), y(index));
    });
  return path;
}
