import type { AlarmState, TreatMissingData } from "../alarm.ts";
import type { AlarmPlan, DatapointsRule } from "./alarm-plan.ts";
import { POINT_MARK, type PointWindow } from "./alarm-points.ts";

/** The newest N real points of the evaluation range, counted. */
export interface DatapointCounts {
  readonly breaching: number;
  readonly good: number;
  /** Age of the oldest breaching point kept; the newest slot is 1, and 0 means none. */
  readonly oldestBreachingAge: number;
}

/** The state that the points give, or `retain` when they leave it as it is. */
export type EvaluationOutcome = AlarmState | "retain";

/**
 * Judges real points first, and fills in for missing ones only when those do not decide.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
 */
export function evaluateDatapoints(tally: DatapointCounts, rule: DatapointsRule): EvaluationOutcome {
  const { evaluationPeriods, datapointsToAlarm } = rule;
  if (tally.breaching >= datapointsToAlarm) return "ALARM";
  if (tally.good >= evaluationPeriods - datapointsToAlarm + 1) return "OK";
  return FILLED[rule.treatMissingData](tally, rule);
}

type Fill = (tally: DatapointCounts, rule: DatapointsRule) => EvaluationOutcome;

const FILLED: Readonly<Record<TreatMissingData, Fill>> = {
  notBreaching: () => "OK",
  breaching: (tally, rule) => {
    const missing = rule.evaluationPeriods - tally.breaching - tally.good;
    return tally.breaching + missing >= rule.datapointsToAlarm ? "ALARM" : "OK";
  },
  ignore: (tally) => (tally.good > 0 ? "OK" : "retain"),
  missing: (tally, rule) => {
    if (tally.good > 0) return "OK";
    // A breaching point alarms alone only once it is as old as the points that an alarm needs.
    return tally.breaching > 0 && tally.oldestBreachingAge >= rule.datapointsToAlarm
      ? "ALARM"
      : "INSUFFICIENT_DATA";
  },
};

type MarkedSlots = Pick<PointWindow, "marks" | "first" | "slots">;

/**
 * Windows ahead whose points are counted at once: where data come all the time, what was counted ahead is
 * soon of no use.
 */
const MAX_COUNTED_AHEAD = 8;

/** Counts and judges windows; one object per engine, so that an idle evaluation allocates nothing. */
class DatapointCounter implements DatapointCounts {
  breaching = 0;
  good = 0;
  oldestBreachingAge = 0;

  /** The state that a window gives under a plan. */
  evaluate(plan: AlarmPlan, window: PointWindow): EvaluationOutcome {
    return this.#evaluateAt(plan, window, window.first);
  }

  /** How many periods further the window gives what it gives now. */
  steadySteps(plan: AlarmPlan, window: PointWindow, outcome: EvaluationOutcome): number {
    const { slots, first, ahead } = window;
    const moves = new WindowMoves(plan, window);
    let counted = 0;
    for (let steps = 0; steps < ahead; steps += 1) {
      if (moves.changesNothing(first + slots + steps)) continue;
      counted += 1;
      if (counted > MAX_COUNTED_AHEAD || this.#evaluateAt(plan, window, first + steps + 1) !== outcome)
        return steps;
    }
    return ahead;
  }

  #evaluateAt(plan: AlarmPlan, { marks, slots }: PointWindow, first: number): EvaluationOutcome {
    return this.#count(plan, { marks, slots, first }) ? evaluateDatapoints(this, plan) : "retain";
  }

  /** Counts the newest N points; false when one of them has too few samples to count. */
  #count({ evaluationPeriods }: AlarmPlan, { marks, first, slots }: MarkedSlots): boolean {
    let breaching = 0;
    let good = 0;
    let oldestBreachingAge = 0;
    for (let age = 1; age <= slots && breaching + good < evaluationPeriods; age += 1) {
      const mark = marks[first + slots - age];
      if (mark === POINT_MARK.good) good += 1;
      else if (mark === POINT_MARK.breaching) {
        breaching += 1;
        oldestBreachingAge = age;
      } else if (mark === POINT_MARK.tooFewSamples) return false;
    }
    this.breaching = breaching;
    this.good = good;
    this.oldestBreachingAge = oldestBreachingAge;
    return true;
  }
}

/** Knows of most moves of a window that they change nothing, without counting its points. */
class WindowMoves {
  readonly #marks: Uint8Array;
  readonly #slots: number;
  /**
   * Whether every slot counts: otherwise it is the newest N points, and which those are depends on the gaps.
   */
  readonly #countsAll: boolean;
  #equal = 0;
  #newestGood = -1;

  constructor({ evaluationPeriods }: AlarmPlan, { marks, slots, first }: PointWindow) {
    this.#marks = marks;
    this.#slots = slots;
    this.#countsAll = slots === evaluationPeriods;
    for (let place = first; place < first + slots; place += 1)
      if (marks[place] === POINT_MARK.good) this.#newestGood = place;
  }

  /**
   * Whether a window gives the same after the next point came in; to be asked for one point after the other.
   */
  changesNothing(place: number): boolean {
    const mark = this.#marks[place];
    this.#equal = mark === this.#marks[place - 1] ? this.#equal + 1 : 0;
    const leaving = place - this.#slots;
    // With a good point that stays, only the number of points of each kind decides.
    const isSame = this.#countsAll && mark === this.#marks[leaving] && this.#newestGood > leaving;
    if (mark === POINT_MARK.good) this.#newestGood = place;
    return isSame || this.#equal >= this.#slots;
  }
}

/** Evaluations never overlap: they share this one. */
export const DATAPOINT_COUNTER = new DatapointCounter();
