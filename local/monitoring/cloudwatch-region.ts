import type { AlarmHome, Transition } from "@wrist-agent/cloudwatch/alarm";
import { Alarms } from "@wrist-agent/cloudwatch/alarms/alarms";
import { readSeriesFrom } from "@wrist-agent/cloudwatch/math/read-series";
import { type InsightEntry, RegionInsights } from "./region-insights.ts";
import type { Datum, ReadSeries } from "@wrist-agent/cloudwatch/metric";
import { MetricStore, type StoredMetric } from "@wrist-agent/cloudwatch/metrics/metric-store";

/**
 * AWS lets an account have 5,000 in a Region and raises that on request: what this machine evaluates within a
 * minute.
 */
const MAX_ALARMS = 10_000;

/** CloudWatch in one Region: metrics and alarms do not cross Regions. */
export class CloudWatchRegion {
  readonly home: AlarmHome;
  readonly readSeries: ReadSeries;
  readonly alarms: Alarms;
  readonly insights = new RegionInsights();
  readonly #store = new MetricStore();
  #revision = 0;

  constructor(home: AlarmHome) {
    this.home = home;
    this.readSeries = readSeriesFrom(this.#store, undefined, () => this.insights.sources);
    this.alarms = new Alarms({
      ...home,
      readSeries: this.readSeries,
      revision: () => this.#revision,
      maxAlarms: MAX_ALARMS,
    });
  }

  put(data: readonly Datum[]): void {
    for (const datum of data) this.#store.put(datum);
    if (data.length > 0) this.#revision += 1;
  }

  /** Takes a change of a detector or a rule that is written down. */
  learn(entry: InsightEntry): void {
    this.insights.apply(entry);
    this.#revision += 1;
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
          `alarm ${alarmName} keeps its state, because it cannot be evaluated: ${failureText(error)}`,
      );
  }

  /** Rolls up and drops data as they age. */
  retain(nowMs: number): void {
    this.#store.retain(nowMs);
    this.insights.rules.retain(nowMs);
    this.#revision += 1;
  }

  /** How many metrics there will be with these data. */
  sizeWith(data: readonly Datum[]): number {
    const isNew = (datum: Datum): boolean => this.#store.unitsOf(datum).length === 0;
    return this.#store.size + data.filter(isNew).length;
  }

  /** Every metric that has data, sets of dimensions apart. */
  metrics(): readonly StoredMetric[] {
    return [...this.#store.metrics()];
  }
}

function failureText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
