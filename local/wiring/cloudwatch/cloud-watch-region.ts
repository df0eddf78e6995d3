import { Alarms } from "../../cloudwatch/alarm/alarms.ts";
import type { AlarmHome } from "../../cloudwatch/alarm/alarm-status.ts";
import type { Transition } from "../../cloudwatch/alarm-definition.ts";
import type { Datum, ReadSeries } from "../../cloudwatch/metric.ts";
import { MetricStore, type StoredMetric } from "../../cloudwatch/metrics/metric-store.ts";
import { readSeriesFrom } from "../../cloudwatch/read-series.ts";

/** CloudWatch in one Region: metrics and alarms do not cross Regions. */
export class CloudWatchRegion {
  readonly home: AlarmHome;
  readonly readSeries: ReadSeries;
  readonly alarms: Alarms;
  readonly #store = new MetricStore();
  #revision = 0;

  constructor(home: AlarmHome) {
    this.home = home;
    this.readSeries = readSeriesFrom(this.#store);
    this.alarms = new Alarms({ ...home, readSeries: this.readSeries, revision: () => this.#revision });
  }

  put(data: readonly Datum[]): void {
    for (const datum of data) this.#store.put(datum);
    if (data.length > 0) this.#revision += 1;
  }

  /** Evaluates every alarm that is due; one that cannot be read keeps its state and stops no other. */
  evaluate(nowMs: number): readonly Transition[] {
    return this.alarms.evaluate(nowMs);
  }

  /** One text for each alarm whose last evaluation failed, for the user. */
  failures(): readonly string[] {
    return this.alarms
      .failures()
      .map(
        ({ alarmName, error }) =>
          `alarm ${alarmName} keeps its state, because it cannot be evaluated: ${textOf(error)}`,
      );
  }

  /** Rolls up and drops data as they age. */
  retain(nowMs: number): void {
    this.#store.retain(nowMs);
    this.#revision += 1;
  }

  /** Every metric that has data, sets of dimensions apart. */
  metrics(): readonly StoredMetric[] {
    return [...this.#store.metrics()];
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
