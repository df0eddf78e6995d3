import { Alarms } from "../cloudwatch/alarm/alarms.ts";
import type { AlarmHome } from "../cloudwatch/alarm/alarm-status.ts";
import type { Datum, MetricIdentity, ReadSeries } from "../cloudwatch/metric.ts";
import { MetricStore } from "../cloudwatch/metrics/metric-store.ts";
import { readSeriesFrom } from "../cloudwatch/read-series.ts";

/** A metric that was seen, and how many values came of it. */
export interface MetricSeen {
  readonly namespace: string;
  readonly metricName: string;
  /** Of the set of dimensions that got the most. */
  readonly values: number;
}

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

  /** Every metric name that has data, with the samples of the last day. */
  metricsSeen(nowMs: number): readonly MetricSeen[] {
    const most = new Map<string, MetricSeen>();
    for (const { identity } of this.#store.metrics()) {
      const { namespace, metricName } = identity;
      const values = this.#samples(identity, nowMs);
      const key = `${namespace} ${metricName}`;
      if (values > (most.get(key)?.values ?? -1)) most.set(key, { namespace, metricName, values });
    }
    return [...most.values()];
  }

  #samples(metric: MetricIdentity, nowMs: number): number {
    const periodSeconds = 86_400;
    // The day ends a minute ahead, so that the current minute is in it.
    const startMs = Math.floor(nowMs / 60_000) * 60_000 + 60_000 - periodSeconds * 1000;
    const metricStat = { metric, periodSeconds, stat: "SampleCount" };
    const [series] = this.readSeries([{ id: "n", metricStat }], { startMs, periodSeconds, slots: 1 });
    return series?.values[0] ?? 0;
  }
}
