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

/** A number as short as it can be read: `1.2 M`, `0.0034`; a dash for none. */
export function shortNumber(value: number | null | undefined): string {
  if (value === undefined || value === null) return "–";
  const size = Math.abs(value);
  if (size >= 1e6) return `${toDigits(value / 1e6, 2)} M`;
  if (size >= 1e4) return `${toDigits(value / 1e3, 1)} k`;
  if (size >= 100) return toDigits(value, 1);
  if (size >= 1) return toDigits(value, 2);
  if (size >= 0.01 || size === 0) return toDigits(value, 3);
  return String(Number(value.toPrecision(2)));
}

function toDigits(value: number, digits: number): string {
  return String(Number(value.toFixed(digits)));
}
