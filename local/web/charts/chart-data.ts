import type { Series } from "../views.ts";

/** A cell of the joined table: `null` is a gap of its series, `undefined` a time that the series does not have. */
export type Cell = number | null | undefined;

/** Series joined on their times, in seconds, as uPlot takes them. */
export interface ChartTable {
  readonly seconds: readonly number[];
  readonly columns: readonly (readonly Cell[])[];
}

/** Joins series of any period on their times; gaps stay gaps. */
export function joinSeries(series: readonly Series[]): ChartTable {
  const times = new Set<number>();
  for (const one of series) for (let i = 0; i < one.values.length; i++) times.add(timeOf(one, i));
  const sorted = [...times].sort((a, b) => a - b);
  return {
    seconds: sorted.map((ms) => ms / 1000),
    columns: series.map((one) => {
      const byTime = new Map(one.values.map((value, i) => [timeOf(one, i), value]));
      return sorted.map((ms) => byTime.get(ms));
    }),
  };
}

/** Stacks columns on one another: each cell becomes the sum of itself and the points below it. */
export function stackColumns(columns: readonly (readonly Cell[])[]): Cell[][] {
  const base: number[] = [];
  return columns.map((column) =>
    column.map((value, i) => {
      if (value === null || value === undefined) return value;
      base[i] = (base[i] ?? 0) + value;
      return base[i];
    }),
  );
}

/** Indices of points with no neighbour to draw a line to; they get a dot. */
export function lonelyPoints(column: readonly Cell[]): number[] {
  const present = [...column.entries()].filter((entry) => entry[1] !== undefined);
  return present
    .filter(([, value], at) => value !== null && isGap(present[at - 1]) && isGap(present[at + 1]))
    .map(([index]) => index);
}

function isGap(neighbour: readonly [number, Cell] | undefined): boolean {
  return neighbour?.[1] === undefined || neighbour[1] === null;
}

function timeOf(series: Series, index: number): number {
  return series.startMs + index * series.periodSeconds * 1000;
}

/** What a y axis has to show. */
export interface AxisNeeds {
  readonly points: readonly number[];
  /** Thresholds and bands: the axis is stretched so that they show. */
  readonly marks: readonly number[];
  readonly min?: number | undefined;
  readonly max?: number | undefined;
}

const WHOLE_STEPS = Array.from({ length: 13 }, (_none, power) => [1, 2, 5].map((lead) => lead * 10 ** power));

/** Steps between the ticks of an axis of counts; `undefined` when a point is no whole number and fractions may show. */
export function countSteps(points: readonly number[]): number[] | undefined {
  return points.every((point) => Number.isInteger(point)) ? WHOLE_STEPS.flat() : undefined;
}

/** Bounds of a y axis: from 0 unless a point is below it, with some air above, or as the widget fixes them. */
export function axisRange({ points, marks, min, max }: AxisNeeds): [number, number] {
  const all = [...points, ...marks];
  const low = min ?? all.reduce((a, b) => Math.min(a, b), 0);
  const high = all.reduce((a, b) => Math.max(a, b), low);
  const top = high > low ? high + (high - low) * 0.08 : low + 1;
  return [low, max ?? top];
}
