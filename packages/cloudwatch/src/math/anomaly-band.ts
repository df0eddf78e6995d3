import type { Grid } from "../metric.ts";
import { meanAndDeviation, MIN_TRAINING_POINTS, trainedBand, type Expected } from "./anomaly-detector.ts";
import type { CallNode } from "./math-expression.ts";
import { argumentValue, type Line, type MathFunction, type Scope, wrongArgument } from "./math-value.ts";

const TWO_WEEKS_SECONDS = 14 * 86_400;
/** A history without a detector. */
const MAX_TRAINING_SLOTS = 2016;
/** Two weeks by the minute. */
const MAX_DETECTOR_SLOTS = 20_160;

/** Ends the label of a band, wherever it shows. */
const STAND_IN_LABEL = "(stand-in, not CloudWatch's anomaly model)";

type ExpectedAt = (timeMs: number) => Expected;

/**
 * `ANOMALY_DETECTION_BAND(m[, width = 2])`, by a stand-in: the mean of the points of up to two weeks before
 * the graph, less and plus `width` standard deviations; the lower bound comes first. Where the metric has an
 * anomaly detector, both are those of the hour of the day in its time zone, learnt without its excluded
 * ranges; without one, of 2,016 points at most. CloudWatch trains a model with trend and day of week, which
 * cannot be had offline.
 */
export const ANOMALY_DETECTION_BAND: MathFunction = {
  minArguments: 1,
  maxArguments: 2,
  run(call, scope) {
    const width = call.args.length > 1 ? argumentValue(call, 1, { scope, types: ["S"] }).number : 2;
    if (!(width > 0)) throw wrongArgument(call, 1, "expected a number of standard deviations above 0");
    const { label, expectedAt } = expectation(call, scope);
    const { startMs, periodSeconds, slots } = scope.grid;
    const bound = (name: string, side: number): Line => ({
      points: Array.from({ length: slots }, (_, slot) => {
        const expected = expectedAt?.(startMs + slot * periodSeconds * 1000);
        return expected === undefined ? undefined : expected.mean + side * width * expected.deviation;
      }),
      label: `${label} ${name} bound ${STAND_IN_LABEL}`,
    });
    return { type: "TS[]", lines: [bound("lower", -1), bound("upper", 1)] };
  },
};

function expectation(
  call: CallNode,
  scope: Scope,
): { readonly label: string; readonly expectedAt: ExpectedAt | undefined } {
  const node = call.args[0];
  const detector = node && scope.detectorOf(node);
  const history = trainingGrid(scope.grid, detector === undefined ? MAX_TRAINING_SLOTS : MAX_DETECTOR_SLOTS);
  const { line } = argumentValue(call, 0, { scope: scope.over(history), types: ["TS"] });
  const label = line.label ?? "Expression";
  if (detector !== undefined) {
    const { startMs, periodSeconds } = history;
    return { label, expectedAt: trainedBand(detector, { startMs, periodSeconds, points: line.points }) };
  }
  const values = line.points.filter((point) => point !== undefined);
  if (values.length < MIN_TRAINING_POINTS) return { label, expectedAt: undefined };
  const expected = meanAndDeviation(values);
  return { label, expectedAt: () => expected };
}

function trainingGrid({ startMs, periodSeconds }: Grid, mostSlots: number): Grid {
  const slots = Math.max(1, Math.min(mostSlots, Math.floor(TWO_WEEKS_SECONDS / periodSeconds)));
  return { startMs: startMs - slots * periodSeconds * 1000, periodSeconds, slots };
}
