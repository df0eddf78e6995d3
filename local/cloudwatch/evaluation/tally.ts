import type { AlarmPlan } from "./alarm-plan.ts";
import { judge, type Tally, type Verdict } from "./missing-data.ts";
import type { PointWindow } from "../window/point-window.ts";

/** Whether the point in a place of a window's arrays breaches. */
export function isBreaching(plan: AlarmPlan, window: PointWindow, place: number): boolean {
  const value = window.values[place] ?? 0;
  if (plan.bandId === undefined) return plan.breaches(value, plan.threshold, plan.threshold);
  const lower = window.lower[place];
  const upper = window.upper[place];
  return lower !== undefined && upper !== undefined && plan.breaches(value, lower, upper);
}

/** Counts and judges windows; one object per engine, so that an idle evaluation allocates nothing. */
export class WindowJudge implements Tally {
  breaching = 0;
  good = 0;
  oldestBreachingAge = 0;

  /** The state that a window gives under a plan. */
  verdict(plan: AlarmPlan, window: PointWindow): Verdict {
    return this.#count(plan, window) ? judge(this, plan) : "retain";
  }

  /** Counts the newest N points; false when one of them has too few samples to count. */
  #count(plan: AlarmPlan, window: PointWindow): boolean {
    this.breaching = 0;
    this.good = 0;
    this.oldestBreachingAge = 0;
    const { values, first, slots } = window;
    const { evaluationPeriods } = plan;
    for (let age = 1; age <= slots && this.breaching + this.good < evaluationPeriods; age += 1) {
      const place = first + slots - age;
      if (values[place] === undefined) continue;
      if (tooFewSamples(plan, window, place)) return false;
      if (isBreaching(plan, window, place)) {
        this.breaching += 1;
        this.oldestBreachingAge = age;
      } else this.good += 1;
    }
    return true;
  }
}

function tooFewSamples(plan: AlarmPlan, window: PointWindow, place: number): boolean {
  if (plan.minimumSamples === 0) return false;
  return (window.sampleCounts[place] ?? plan.minimumSamples) < plan.minimumSamples;
}
