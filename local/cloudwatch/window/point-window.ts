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
  /** Epoch milliseconds at which a slot begins. */
  startMs(slot: number): number;
}
