import type { Grid, MetricDataQuery, ReadSeries, Series } from "../metric.ts";
import type { AlarmPlan } from "./alarm-plan.ts";

/** Where alarms read their points. */
export interface AlarmSource {
  readonly readSeries: ReadSeries;
  /**
   * A number that changes whenever a datum was stored or dropped that the queries may read. While it stands
   * still, many windows are read at once; without it each evaluation reads its own.
   */
  readonly revision?: (queries: readonly MetricDataQuery[]) => number;
  /**
   * The time of the oldest datum that came or went since a revision, epoch milliseconds; Infinity when none
   * did. What was read of periods before it holds; without it every change makes a window read everything
   * again.
   */
  readonly changedFromMs?: (queries: readonly MetricDataQuery[], sinceRevision: number) => number;
  /**
   * For how many milliseconds a grid may move on before a datum enters or leaves one of its slots, while
   * nothing arrives. Without it a sliding window reads ahead instead.
   */
  readonly steadyForMs?: (queries: readonly MetricDataQuery[], grid: Grid) => number;
}

/** A slot's value, or `undefined` where there is no point. */
export type Points = readonly (number | undefined)[];

/** The evaluation range at one evaluation: slot 0 is the oldest, `first + slot` its place in the arrays. */
export interface PointWindow {
  readonly values: Points;
  readonly sampleCounts: Points;
  /** Edges of the band; empty for a plain threshold. */
  readonly lower: Points;
  readonly upper: Points;
  /** What the alarm makes of each slot, see point-marks.ts. */
  readonly marks: Uint8Array;
  readonly first: number;
  readonly slots: number;
  /**
   * Another number whenever a slot may look different than before; the time that slots begin at is not part
   * of it.
   */
  readonly version: number;
  /** How many periods further the window may move over points that have been read. */
  readonly ahead: number;
  /** Epoch milliseconds at which a slot begins. */
  startMs(slot: number): number;
  /**
   * Until when evaluations see the window that is so many periods further than this one, epoch milliseconds.
   */
  seenUntilMs(steps: number): number;
  /** Which of the windows that a period has is looked at then: its place among the minutes of the period. */
  phase(nowMs: number): number;
}

/** What an alarm needs of the series it read. */
export interface SeriesPoints {
  readonly values: Points;
  readonly sampleCounts: Points;
  readonly lower: Points;
  readonly upper: Points;
}

/**
 * Picks the watched series and, for a band alarm, the two edges of the band in whichever order they came. A
 * value where there is no band yet is judged by nothing: it counts as missing, not as good.
 */
export function seriesPoints(plan: AlarmPlan, series: readonly Series[]): SeriesPoints {
  const watched = series.find((line) => line.id !== plan.bandId);
  if (plan.bandId === undefined) return withoutBand(watched);
  const edges = series.filter((line) => line.id === plan.bandId);
  const lower = edge(edges, Math.min);
  const upper = edge(edges, Math.max);
  return {
    values: (watched?.values ?? []).map((value, slot) => (lower[slot] === undefined ? undefined : value)),
    sampleCounts: watched?.sampleCounts ?? [],
    lower,
    upper,
  };
}

function withoutBand(watched: Series | undefined): SeriesPoints {
  return { values: watched?.values ?? [], sampleCounts: watched?.sampleCounts ?? [], lower: [], upper: [] };
}

function edge(edges: readonly Series[], pick: (a: number, b: number) => number): Points {
  const [one, other = one] = edges;
  if (one === undefined || other === undefined) return [];
  return one.values.map((value, slot) => {
    const opposite = other.values[slot];
    return value === undefined || opposite === undefined ? undefined : pick(value, opposite);
  });
}

/** What an alarm makes of a slot. */
export const POINT_MARK = { gap: 0, good: 1, breaching: 2, tooFewSamples: 3 } as const;

/** Marks every slot once, however many evaluations will look at it. */
export function pointMarks(plan: AlarmPlan, points: SeriesPoints): Uint8Array {
  const marks = new Uint8Array(points.values.length);
  for (let place = 0; place < marks.length; place += 1) marks[place] = markOf(plan, points, place);
  return marks;
}

/** What the alarm makes of the slot in a place. */
export function markOf(plan: AlarmPlan, points: SeriesPoints, place: number): number {
  const { minimumSamples } = plan;
  if (points.values[place] === undefined) return POINT_MARK.gap;
  if (minimumSamples > 0 && (points.sampleCounts[place] ?? minimumSamples) < minimumSamples)
    return POINT_MARK.tooFewSamples;
  return isBreaching(plan, points, place) ? POINT_MARK.breaching : POINT_MARK.good;
}

/** Whether the point in a place breaches, however few its samples. */
export function isBreaching(plan: AlarmPlan, points: SeriesPoints, place: number): boolean {
  const value = points.values[place] ?? 0;
  if (plan.bandId === undefined) return plan.breaches(value, plan.threshold, plan.threshold);
  const lower = points.lower[place];
  const upper = points.upper[place];
  return lower !== undefined && upper !== undefined && plan.breaches(value, lower, upper);
}
