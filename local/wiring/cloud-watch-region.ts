import { Alarms } from "../cloudwatch/alarm/alarms.ts";
import type { AlarmHome } from "../cloudwatch/alarm/alarm-status.ts";
import type { Datum, MetricIdentity, ReadSeries } from "../cloudwatch/metric.ts";
import { MetricStore } from "../cloudwatch/metrics/metric-store.ts";
import { readSeriesFrom } from "../cloudwatch/read-series.ts";

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
    const { readSeries } = this;
    this.alarms = new Alarms({ ...home, readSeries, revision: () => this.#revision });
  }

  put(data: readonly Datum[]): void {
    for (const datum of data) this.#store.put(datum);
    if (data.length > 0) this.#revision += 1;
  }

  /** Rolls up and drops data as they age. */
  retain(nowMs: number): void {
    this.#store.retain(nowMs);
    this.#revision += 1;
  }

  /** Every metric that has data, sets of dimensions apart. */
  metricsSeen(): readonly MetricIdentity[] {
    return [...this.#store.metrics()].map(({ identity }) => identity);
  }
}
