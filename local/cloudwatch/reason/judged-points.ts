import type { AlarmState } from "../alarm-definition.ts";
import type { AlarmPlan } from "../evaluation/alarm-plan.ts";
import type { PointWindow } from "../window/point-window.ts";
import { isBreaching } from "../window/point-marks.ts";

/** One slot of the evaluation range. */
export interface JudgedPoint {
  readonly startMs: number;
  readonly value?: number;
  readonly sampleCount?: number;
  readonly lower?: number;
  readonly upper?: number;
  readonly breaching: boolean;
}

/** What a judgement looked at, for its texts. */
export interface Judgement {
  readonly plan: AlarmPlan;
  readonly state: AlarmState;
  readonly queryMs: number;
  /** Every slot of the range, newest first. */
  readonly slots: readonly JudgedPoint[];
  /** The newest N real points, newest first. */
  readonly kept: readonly JudgedPoint[];
}

/** Spells out the window behind a change of state. */
export function judgement(
  plan: AlarmPlan,
  window: PointWindow,
  result: { readonly state: AlarmState; readonly queryMs: number },
): Judgement {
  const slots = windowPoints(plan, window);
  const kept = slots.filter((point) => point.value !== undefined).slice(0, plan.evaluationPeriods);
  return { plan, ...result, slots, kept };
}

/** Every slot of a window, newest first. */
export function windowPoints(plan: AlarmPlan, window: PointWindow): readonly JudgedPoint[] {
  return Array.from({ length: window.slots }, (_, age) => judgedPoint(plan, window, window.slots - 1 - age));
}

function judgedPoint(plan: AlarmPlan, window: PointWindow, slot: number): JudgedPoint {
  const place = window.first + slot;
  const startMs = window.startMs(slot);
  const value = window.values[place];
  if (value === undefined) return { startMs, breaching: false };
  const [sampleCount, lower, upper] = [window.sampleCounts[place], window.lower[place], window.upper[place]];
  return {
    startMs,
    value,
    ...(sampleCount === undefined ? {} : { sampleCount }),
    ...(lower === undefined || upper === undefined ? {} : { lower, upper }),
    breaching: isBreaching(plan, window, place),
  };
}

/** Points of the kind that decide a state: M breaching ones for ALARM, N-M+1 others for OK. */
export function decisiveCount({ plan, state }: Judgement): number {
  return state === "ALARM" ? plan.datapointsToAlarm : plan.evaluationPeriods - plan.datapointsToAlarm + 1;
}
