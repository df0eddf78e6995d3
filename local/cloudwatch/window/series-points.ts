import type { Series } from "../metric.ts";
import type { AlarmPlan } from "../evaluation/alarm-plan.ts";
import type { Points } from "./point-window.ts";

/** What an alarm needs of the series it read. */
export interface SeriesPoints {
  readonly values: Points;
  readonly sampleCounts: Points;
  readonly lower: Points;
  readonly upper: Points;
}

/** Picks the watched series and, for a band alarm, the two edges of the band in whichever order they came. */
export function seriesPoints(plan: AlarmPlan, series: readonly Series[]): SeriesPoints {
  const watched = series.find((line) => line.id !== plan.bandId);
  const edges = series.filter((line) => line.id === plan.bandId);
  return {
    values: watched?.values ?? [],
    sampleCounts: watched?.sampleCounts ?? [],
    lower: edge(edges, Math.min),
    upper: edge(edges, Math.max),
  };
}

function edge(edges: readonly Series[], pick: (a: number, b: number) => number): Points {
  const [one, other = one] = edges;
  if (one === undefined || other === undefined) return [];
  return one.values.map((value, slot) => {
    const opposite = other.values[slot];
    return value === undefined || opposite === undefined ? undefined : pick(value, opposite);
  });
}
