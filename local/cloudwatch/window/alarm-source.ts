import type { ReadSeries } from "../metric.ts";

/** Where alarms read their points. */
export interface AlarmSource {
  readonly readSeries: ReadSeries;
  /**
   * A number that changes whenever any datum was stored or dropped. While it stands still, many windows are read
   * at once; without it each evaluation reads its own.
   */
  readonly revision?: () => number;
}
