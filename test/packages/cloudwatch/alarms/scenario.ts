import { Alarms, type AlarmsOptions } from "@wrist-agent/cloudwatch/alarms/alarms";
import type {
  AlarmDefinition,
  AlarmStatus,
  MetricAlarmDefinition,
  Transition,
} from "@wrist-agent/cloudwatch/alarm";
import { MetricStore } from "@wrist-agent/cloudwatch/metrics/metric-store";
import { readSeriesFrom } from "@wrist-agent/cloudwatch/math/read-series";

/** Midnight of the day on which every scenario begins. */
export const START_MS = Date.UTC(2026, 8, 14);
const MINUTE_MS = 60_000;

/** A plain alarm on the metric that {@link Scenario.feed} writes; cases change what they are about. */
export function alarm(changes: Partial<MetricAlarmDefinition> = {}): MetricAlarmDefinition {
  return {
    alarmName: "errors",
    namespace: "Test",
    metricName: "Errors",
    dimensions: {},
    statistic: "Sum",
    periodSeconds: 60,
    evaluationPeriods: 1,
    threshold: 1,
    comparisonOperator: "GreaterThanOrEqualToThreshold",
    ...changes,
  };
}

/** Alarms over a real store, moved minute by minute. */
export class Scenario {
  readonly store = new MetricStore();
  readonly alarms: Alarms;
  readonly transitions: Transition[] = [];
  nowMs = START_MS;

  constructor(options: Partial<AlarmsOptions> = {}) {
    const readSeries = readSeriesFrom(this.store);
    this.alarms = new Alarms({ accountId: "123456789012", region: "us-east-1", readSeries, ...options });
  }

  /** Puts alarms now. */
  put(...definitions: readonly AlarmDefinition[]): this {
    for (const definition of definitions) this.alarms.put(definition, this.nowMs);
    return this;
  }

  /** Writes a series, `0x4 5 _ 7x2`: one item a minute from the start, a value, x more, `_` for no datum. */
  feed(line: string, series: { readonly metricName?: string; readonly intervalMs?: number } = {}): this {
    const { metricName = "Errors", intervalMs = MINUTE_MS } = series;
    items(line).forEach((value, index) => {
      if (value === undefined) return;
      const timestampMs = START_MS + index * intervalMs;
      const storageResolution = intervalMs < MINUTE_MS ? 1 : 60;
      this.store.put({
        namespace: "Test",
        metricName,
        dimensions: {},
        timestampMs,
        storageResolution,
        values: [value],
      });
    });
    return this;
  }

  /**
   * Evaluates up to `minutes` after the start; gives the changes as `5m ALARM`, with the name for others than
   * `errors`.
   */
  run(minutes: number, stepMs = MINUTE_MS): readonly string[] {
    const before = this.transitions.length;
    while (this.nowMs < START_MS + minutes * MINUTE_MS) {
      this.nowMs += stepMs;
      this.transitions.push(...this.alarms.evaluate(this.nowMs));
    }
    return this.transitions.slice(before).map(shortText);
  }

  /** An alarm's status now. */
  status(name = "errors"): AlarmStatus {
    const found = this.alarms.describe().find((described) => described.definition.alarmName === name);
    if (found === undefined) throw new Error(`no alarm ${name}`);
    return found.status;
  }
}

/** `5m ALARM`, with the alarm's name in front unless it is `errors`. */
export function shortText({ current }: Transition): string {
  const seconds = (current.stateTransitionedMs - START_MS) / 1000;
  const name = current.alarmName === "errors" ? "" : `${current.alarmName} `;
  return `${name}${seconds % 60 === 0 ? `${seconds / 60}m` : `${seconds}s`} ${current.state}`;
}

function items(line: string): readonly (number | undefined)[] {
  return line.split(" ").flatMap((item) => {
    const [value = "", more = "0"] = item.split("x");
    return Array.from({ length: Number(more) + 1 }, () => (value === "_" ? undefined : Number(value)));
  });
}
