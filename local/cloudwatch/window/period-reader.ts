import type { AlarmPlan } from "../evaluation/alarm-plan.ts";
import type { Grid } from "../metric.ts";
import type { AlarmSource } from "./alarm-source.ts";
import type { Points } from "./point-window.ts";
import { type SeriesPoints, seriesPoints } from "./series-points.ts";

/** Reads periods that may differ in length: those of equal length in one read, as far as the points allow it. */
export class PeriodReader {
  readonly #plan: AlarmPlan;
  readonly #source: AlarmSource;
  /** Single periods read since the last {@link forget}, by their start. */
  #read = new Map<number, SeriesPoints>();

  constructor(plan: AlarmPlan, source: AlarmSource) {
    this.#plan = plan;
    this.#source = source;
  }

  /** To be called when the source changed. */
  forget(): void {
    this.#read = new Map();
  }

  /** The points of the periods between consecutive boundaries. */
  points(boundaries: readonly number[]): SeriesPoints {
    const runs = equalPeriods(boundaries, this.#plan.pointwise ? Infinity : 1);
    const read = runs.map((run) => ({ ...run, points: run.slots === 1 ? this.#single(run) : this.#of(run) }));
    const [only] = read;
    if (only !== undefined && read.length === 1) return only.points;
    const joined = (side: keyof SeriesPoints): Points =>
      read.flatMap(({ points, slots }) => Array.from({ length: slots }, (_, slot) => points[side][slot]));
    return {
      values: joined("values"),
      sampleCounts: joined("sampleCounts"),
      lower: joined("lower"),
      upper: joined("upper"),
    };
  }

  #single(run: Grid): SeriesPoints {
    const points = this.#read.get(run.startMs) ?? this.#of(run);
    this.#read.set(run.startMs, points);
    return points;
  }

  #of(run: Grid): SeriesPoints {
    return seriesPoints(this.#plan, this.#source.readSeries(this.#plan.queries, run));
  }
}

/** Grids over runs of periods of equal length, none longer than `longest` periods. */
function equalPeriods(boundaries: readonly number[], longest: number): readonly Grid[] {
  const runs: { startMs: number; periodSeconds: number; slots: number }[] = [];
  for (let place = 1; place < boundaries.length; place += 1) {
    const startMs = boundaries[place - 1] ?? 0;
    const periodSeconds = ((boundaries[place] ?? 0) - startMs) / 1000;
    const last = runs.at(-1);
    if (last?.periodSeconds === periodSeconds && last.slots < longest) last.slots += 1;
    else runs.push({ startMs, periodSeconds, slots: 1 });
  }
  return runs;
}
