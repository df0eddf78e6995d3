import type { MetricWidget, Series } from "../state/live.ts";

/**
 * A cell of the joined table: `null` is a gap of its series, `undefined` a time that the series does not
 * have.
 */
export type Cell = number | null | undefined;

/** Series joined on their times, in seconds, as uPlot takes them. */
export interface ChartTable {
  readonly seconds: readonly number[];
  readonly columns: readonly (readonly Cell[])[];
}

/** Joins series of any period on their times; gaps stay gaps. */
export function joinSeries(series: readonly Series[]): ChartTable {
  const times = new Set<number>();
  for (const one of series.filter(hasTimes))
    for (let i = 0; i < one.values.length; i++) times.add(pointTime(one, i));
  const sorted = [...times].sort((a, b) => a - b);
  return {
    seconds: sorted.map((ms) => ms / 1000),
    columns: series.map((one) => {
      const byTime = new Map(one.values.map((value, i) => [pointTime(one, i), value]));
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

/**
 * Whether the edge of each layer of a stack shows at each time: a layer that adds nothing would only hide the
 * one below.
 */
export function shownEdges(columns: readonly (readonly Cell[])[]): boolean[][] {
  const isThick = (value: Cell): boolean => value !== null && value !== undefined && value !== 0;
  const isPoint = (value: Cell): boolean => value !== null && value !== undefined;
  return columns.map((column, layer) =>
    column.map((value, i) => {
      if (isThick(value)) return true;
      // Where nothing adds anything, one layer shows that there are points, and that they are 0.
      const isFirst = !columns.slice(0, layer).some((below) => isPoint(below[i]));
      return isPoint(value) && isFirst && !columns.some((other) => isThick(other[i]));
    }),
  );
}

/** Where each point of a column stands, and how wide a line must be to be seen. */
export interface DotPlacement {
  readonly positions: readonly number[];
  readonly minWidth: number;
}

/**
 * Indices of the points that get a dot: those with no neighbour to draw a line to, or with so close ones that
 * nobody would see it.
 */
export function dottedPoints(column: readonly Cell[], { positions, minWidth }: DotPlacement): number[] {
  const at = (index: number): number => positions[index] ?? 0;
  return connectedRuns(column).flatMap((run) => {
    const [first = 0, last = first] = [run[0], run.at(-1)];
    return at(last) - at(first) < minWidth ? run : [];
  });
}

/** Points that are joined by a line, run by run; a time that the series does not have is no gap. */
export function connectedRuns(column: readonly Cell[]): number[][] {
  const runs: number[][] = [];
  let run: number[] | undefined;
  column.forEach((value, index) => {
    if (value === undefined) return;
    if (value === null) run = undefined;
    else if (run === undefined) runs.push((run = [index]));
    else run.push(index);
  });
  return runs;
}

/** Points without a time stand nowhere. */
function hasTimes({ startMs, periodSeconds }: Series): boolean {
  return Number.isFinite(startMs) && Number.isFinite(periodSeconds) && periodSeconds > 0;
}

function pointTime(series: Series, index: number): number {
  return series.startMs + index * series.periodSeconds * 1000;
}

/** A bar, from its base to its top, epoch milliseconds wide. */
export interface Bar {
  readonly fromMs: number;
  readonly toMs: number;
  readonly base: number;
  readonly top: number;
}

const COUNTING: ReadonlySet<string> = new Set(["Sum", "SampleCount"]);

/**
 * Whether a chart counts what happened in each period: a count belongs to its period and is no level between
 * two points.
 */
export function isBarChart({ series }: Pick<MetricWidget, "series">): boolean {
  const stats = series.flatMap(({ stat }) => (stat === undefined ? [] : [stat]));
  return stats.length > 0 && stats.every((stat) => COUNTING.has(stat));
}

/** Share of a period that its bars take; the rest keeps them apart. */
const BAR_SHARE = 0.82;

/** The bars of each series: on top of each other where the widget stacks, else side by side. */
export function seriesBars({ series, stacked }: Pick<MetricWidget, "series" | "stacked">): Bar[][] {
  const bases = new Map<number, number>();
  return series.map((one, place) => {
    const periodMs = one.periodSeconds * 1000;
    const [shift, share] = stacked
      ? [(1 - BAR_SHARE) / 2, BAR_SHARE]
      : [(1 - BAR_SHARE) / 2 + (place * BAR_SHARE) / series.length, BAR_SHARE / series.length];
    return one.values.flatMap((value, i) => {
      if (value === null) return [];
      const start = pointTime(one, i);
      const base = stacked ? (bases.get(start) ?? 0) : 0;
      bases.set(start, base + value);
      const fromMs = start + shift * periodMs;
      return [{ fromMs, toMs: fromMs + share * periodMs, base, top: base + value }];
    });
  });
}

/** What a y axis has to show. */
export interface AxisInput {
  readonly points: readonly number[];
  /** Thresholds and bands: the axis is stretched so that they show. */
  readonly marks: readonly number[];
  readonly min?: number | undefined;
  readonly max?: number | undefined;
}

const WHOLE_NUMBER_STEPS = Array.from({ length: 13 }, (_none, power) =>
  [1, 2, 5].map((lead) => lead * 10 ** power),
);

/**
 * Steps between the ticks of an axis of counts; `undefined` when a point is no whole number and fractions may
 * show.
 */
export function countSteps(points: readonly number[]): number[] | undefined {
  return points.every((point) => Number.isInteger(point)) ? WHOLE_NUMBER_STEPS.flat() : undefined;
}

/**
 * Bounds of a y axis: from 0 unless a point is below it, with some air above, or as the widget fixes them.
 */
export function axisRange({ points, marks, min, max }: AxisInput): [number, number] {
  const all = [...points, ...marks];
  const low = min ?? all.reduce((a, b) => Math.min(a, b), 0);
  const high = all.reduce((a, b) => Math.max(a, b), low);
  const top = high > low ? high + (high - low) * 0.08 : low + 1;
  return [low, max ?? top];
}

/** What the points of a series come to; all `undefined` when there are none. */
interface SeriesSummary {
  readonly count: number;
  readonly last?: number;
  readonly min?: number;
  readonly max?: number;
  readonly average?: number;
  readonly sum?: number;
}

/** Sums up a series; gaps do not count. */
export function summariseSeries(series: Pick<Series, "values">): SeriesSummary {
  const points = series.values.filter((value) => value !== null);
  const last = points.at(-1);
  if (last === undefined) return { count: 0 };
  const sum = points.reduce((total, value) => total + value, 0);
  return {
    count: points.length,
    last,
    min: points.reduce((a, b) => Math.min(a, b)),
    max: points.reduce((a, b) => Math.max(a, b)),
    average: sum / points.length,
    sum,
  };
}
