import type { AlarmPlan } from "../evaluation/alarm-plan.ts";
import type { SeriesPoints } from "./series-points.ts";

/** What an alarm makes of a slot. */
export const MARK = { gap: 0, good: 1, breaching: 2, tooFewSamples: 3 } as const;

/** Marks every slot once, however many evaluations will look at it. */
export function pointMarks(plan: AlarmPlan, points: SeriesPoints): Uint8Array {
  const marks = new Uint8Array(points.values.length);
  for (let place = 0; place < marks.length; place += 1)
    if (points.values[place] !== undefined) marks[place] = markOf(plan, points, place);
  return marks;
}

function markOf(plan: AlarmPlan, points: SeriesPoints, place: number): number {
  const { minimumSamples } = plan;
  if (minimumSamples > 0 && (points.sampleCounts[place] ?? minimumSamples) < minimumSamples)
    return MARK.tooFewSamples;
  return isBreaching(plan, points, place) ? MARK.breaching : MARK.good;
}

/** Whether the point in a place breaches, however few its samples. */
export function isBreaching(plan: AlarmPlan, points: SeriesPoints, place: number): boolean {
  const value = points.values[place] ?? 0;
  if (plan.bandId === undefined) return plan.breaches(value, plan.threshold, plan.threshold);
  const lower = points.lower[place];
  const upper = points.upper[place];
  return lower !== undefined && upper !== undefined && plan.breaches(value, lower, upper);
}
