import type { RunsSummary } from "./rehearsal-tally.ts";

/** What a rehearsal was made with, by the name of the option: two are comparable where all of it is equal. */
export type RehearsalSettings = Readonly<Record<string, string | number>>;

/** What all runs of one scenario gave for one set of alarms: what `--json` prints and `--compare` reads. */
export interface RehearsalReport extends RunsSummary {
  readonly scenario: string;
  readonly description: string;
  /** 0 where nothing goes wrong. */
  readonly faultDurationMs: number;
  /** {@link REHEARSED}, or the name of the baseline that was rehearsed beside it. */
  readonly alarmSet: string;
  readonly settings: RehearsalSettings;
}

/** The set of alarms that a rehearsal is about, unlike its baselines. */
export const REHEARSED = "rehearsed";
