import type { AlarmDefinition, MetricAlarmDefinition } from "../../cloudwatch/alarm-definition.ts";
import type { Datum, MetricIdentity } from "../../cloudwatch/metric.ts";
import { MetricStore } from "../../cloudwatch/metrics/metric-store.ts";
import { publisherOf, type Published, type Publisher } from "./published-metrics.ts";

/** Stores what is published of requests, as far as one of the alarms reads it. */
export class MetricFeed {
  readonly store = new MetricStore();
  /** Changes whenever something was stored. */
  revision = 0;
  readonly #read = new Map<Publisher, Map<string, MetricIdentity[]>>();
  readonly #stored = new Set<MetricIdentity>();

  constructor(definitions: readonly AlarmDefinition[], probeService: string) {
    const seen = new Set<string>();
    for (const metric of definitions.flatMap(metricsOf)) {
      const text = JSON.stringify(metric);
      if (seen.has(text)) continue;
      seen.add(text);
      this.#readsAlso(publisherOf(metric, probeService), metric);
    }
  }

  #readsAlso(by: Publisher, metric: MetricIdentity): void {
    const byName = this.#read.get(by) ?? new Map<string, MetricIdentity[]>();
    byName.set(metric.metricName, [...(byName.get(metric.metricName) ?? []), metric]);
    this.#read.set(by, byName);
  }

  /** Whether an alarm reads anything of this publisher. */
  reads(by: Publisher): boolean {
    return this.#read.has(by);
  }

  /** Stores values; those that no alarm reads are left out. */
  publish({ by, atMs: timestampMs, values }: Published): void {
    for (const [name, metrics] of this.#read.get(by) ?? []) {
      const value = values[name];
      if (value !== undefined) this.#store(metrics, { timestampMs, values: [value] });
    }
  }

  #store(metrics: readonly MetricIdentity[], datum: Pick<Datum, "timestampMs" | "values">): void {
    for (const metric of metrics) {
      this.store.put({ ...metric, ...datum });
      this.#stored.add(metric);
      this.revision += 1;
    }
  }

  /** Names of metrics that alarms read and nobody published. */
  unpublished(): readonly string[] {
    const all = [...this.#read.values()].flatMap((byName) => [...byName.values()].flat());
    return all.filter((metric) => !this.#stored.has(metric)).map((metric) => metric.metricName);
  }
}

/** Every metric that an alarm reads itself; a composite reads none. */
export function metricsOf(definition: AlarmDefinition): readonly MetricIdentity[] {
  if ("alarmRule" in definition) return [];
  const { namespace = "", metricName, dimensions = {}, metrics = [] }: MetricAlarmDefinition = definition;
  if (metricName !== undefined) return [{ namespace, metricName, dimensions }];
  return metrics.flatMap(({ metricStat }) => metricStat?.metric ?? []);
}
