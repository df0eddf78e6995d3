import type { Grid } from "../../metric.ts";
import { argument, wrongArgument, type MathFunction } from "../scope.ts";
import type { Line, Point } from "../value.ts";

const TWO_WEEKS_SECONDS = 14 * 86_400;
const MOST_TRAINING_SLOTS = 2016;
const LEAST_TRAINING_POINTS = 3;

/** Ends the label of a band, wherever it shows. */
export const STAND_IN = "(stand-in, not CloudWatch's anomaly model)";

/**
 * `ANOMALY_DETECTION_BAND(m[, width = 2])`, by a stand-in: the mean of the points of up to two weeks (at most
 * 2,016 of them) before the graph, less and plus `width` standard deviations; the lower bound comes first.
 * CloudWatch trains a model with trend, hour of day and day of week, which cannot be had offline.
 */
export const ANOMALY_DETECTION_BAND: MathFunction = {
  least: 1,
  most: 2,
  run(call, scope) {
    const width = call.args.length > 1 ? argument(call, 1, { scope, types: ["S"] }).number : 2;
    if (!(width > 0)) throw wrongArgument(call, 1, "expected a number of standard deviations above 0");
    const { line } = argument(call, 0, { scope: scope.over(trainingGrid(scope.grid)), types: ["TS"] });
    const { mean, deviation } = meanAndDeviation(line.points);
    const bound = (name: string, value: number | undefined): Line => ({
      points: new Array<Point>(scope.grid.slots).fill(value),
      label: `${line.label ?? "Expression"} ${name} bound ${STAND_IN}`,
    });
    if (mean === undefined) return { type: "TS[]", lines: [bound("lower", mean), bound("upper", mean)] };
    const lines = [bound("lower", mean - width * deviation), bound("upper", mean + width * deviation)];
    return { type: "TS[]", lines };
  },
};

function trainingGrid({ startMs, periodSeconds }: Grid): Grid {
  const slots = Math.max(1, Math.min(MOST_TRAINING_SLOTS, Math.floor(TWO_WEEKS_SECONDS / periodSeconds)));
  return { startMs: startMs - slots * periodSeconds * 1000, periodSeconds, slots };
}

function meanAndDeviation(points: readonly Point[]): { readonly mean: Point; readonly deviation: number } {
  const values = points.filter((point) => point !== undefined);
  if (values.length < LEAST_TRAINING_POINTS) return { mean: undefined, deviation: 0 };
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return { mean, deviation: Math.sqrt(variance) };
}
