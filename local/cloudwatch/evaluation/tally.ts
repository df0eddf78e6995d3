import { MARK } from "../window/point-marks.ts";
import type { PointWindow } from "../window/point-window.ts";
import type { AlarmPlan } from "./alarm-plan.ts";
import { judge, type Tally, type Verdict } from "./missing-data.ts";

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
  #count({ evaluationPeriods }: AlarmPlan, { marks, first, slots }: PointWindow): boolean {
    let breaching = 0;
    let good = 0;
    let oldestBreachingAge = 0;
    for (let age = 1; age <= slots && breaching + good < evaluationPeriods; age += 1) {
      const mark = marks[first + slots - age];
      if (mark === MARK.good) good += 1;
      else if (mark === MARK.breaching) {
        breaching += 1;
        oldestBreachingAge = age;
      } else if (mark === MARK.tooFewSamples) return false;
    }
    this.breaching = breaching;
    this.good = good;
    this.oldestBreachingAge = oldestBreachingAge;
    return true;
  }
}
