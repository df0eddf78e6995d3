import type { Series } from "../state/live.ts";

/** What the points of a series come to; all `undefined` when there are none. */
export interface SeriesSummary {
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
