import { Alarms } from "../../cloudwatch/alarm/alarms.ts";
import type { AlarmHome } from "../../cloudwatch/alarm/alarm-status.ts";
import type { MetricAlarmDefinition, Transition } from "../../cloudwatch/alarm-definition.ts";
import type { Datum, MetricDataQuery, MetricIdentity, ReadSeries } from "../../cloudwatch/metric.ts";
import { MetricStore, type StoredMetric } from "../../cloudwatch/metrics/metric-store.ts";
import { readSeriesFrom } from "../../cloudwatch/read-series.ts";

/** CloudWatch in one Region: metrics and alarms do not cross Regions. */
export class CloudWatchRegion {
  readonly home: AlarmHome;
  readonly readSeries: ReadSeries;
  readonly alarms: Alarms;
  readonly #store = new MetricStore();
  /** Queries of alarms that could not be read in their last evaluation, and why. */
  readonly #unreadable = new Map<readonly MetricDataQuery[], string>();
  #isEvaluating = false;
  #revision = 0;

  constructor(home: AlarmHome) {
    this.home = home;
    this.readSeries = readSeriesFrom(this.#store);
    const readSeries: ReadSeries = (queries, grid) => this.#readForAlarm(queries, grid);
    this.alarms = new Alarms({ ...home, readSeries, revision: () => this.#revision });
  }

  put(data: readonly Datum[]): void {
    for (const datum of data) this.#store.put(datum);
    if (data.length > 0) this.#revision += 1;
  }

  /** Evaluates every alarm that is due; one that cannot be read has no points and stops no other. */
  evaluate(nowMs: number): readonly Transition[] {
    this.#isEvaluating = true;
    try {
      return this.alarms.evaluate(nowMs);
    } finally {
      this.#isEvaluating = false;
    }
  }

  /** One text for each alarm whose data cannot be read, for the user. */
  failures(): readonly string[] {
    return this.alarms.describe().flatMap(({ definition }) => {
      if ("alarmRule" in definition) return [];
      const message = [...this.#unreadable].find(([queries]) => isReadBy(definition, queries))?.[1];
      if (message === undefined) return [];
      return [`alarm ${definition.alarmName} sees no data, because they cannot be read: ${message}`];
    });
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

  /** A mistake is refused when an alarm is put; while the others wait to be evaluated it must not stop them. */
  #readForAlarm(...[queries, grid]: Parameters<ReadSeries>): ReturnType<ReadSeries> {
    try {
      const series = this.readSeries(queries, grid);
      this.#unreadable.delete(queries);
      return series;
    } catch (cause) {
      if (!this.#isEvaluating) throw cause;
      this.#unreadable.set(queries, cause instanceof Error ? cause.message : String(cause));
      return [];
    }
  }
}

function isReadBy(definition: MetricAlarmDefinition, queries: readonly MetricDataQuery[]): boolean {
  if (definition.metrics !== undefined) return definition.metrics === queries;
  const metric = queries[0]?.metricStat?.metric;
  return queries.length === 1 && metric !== undefined && isSameMetric(definition, metric);
}

function isSameMetric(
  { namespace, metricName, dimensions }: MetricAlarmDefinition,
  metric: MetricIdentity,
): boolean {
  return (
    namespace === metric.namespace && metricName === metric.metricName && dimensions === metric.dimensions
  );
}
