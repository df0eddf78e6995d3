import { replayable, recordedStretches } from "cw-alarm-test/backtest/metric-requests";
import {
  METRICS_FORMAT,
  type RecordedMetrics,
  type RecordedSeries,
} from "cw-alarm-test/backtest/recorded-metrics";
import { replayMetrics } from "cw-alarm-test/backtest/replay-metrics";
import { alarmsOf } from "cw-alarm-test/api";
import type { Bench } from "./bench.ts";

const ALARMS = 500;
const MINUTES = 15 * 24 * 60;
const START_MS = Date.UTC(2026, 0, 5);

/** Sums over a minute, averages over five, and shares of errors: 500 alarms as an assembly of services has them. */
export const bench: Bench = {
  description: "backtest of 500 alarms over 15 days of one-minute data",
  run: () => {
    const { templates } = alarmsOf({ Resources: Object.fromEntries(resources()) });
    const recorded = recordedMetrics();
    const start = process.cpuUsage();
    const stretches = recordedStretches(recorded);
    const result = replayMetrics({
      templates,
      recorded,
      replayable: replayable(templates.alarms, { stretches, fromMs: recorded.fromMs }),
      incidents: [],
    });
    const { user, system } = process.cpuUsage(start);
    const times = result.alarms.reduce((sum, { spans }) => sum + spans.length, 0);
    return Promise.resolve([
      { name: "replay, CPU time (at most 10)", value: (user + system) / 1e6, unit: "s" },
      {
        name: "memory of the process (at most 500)",
        value: process.memoryUsage.rss() / 1024 ** 2,
        unit: "MB",
      },
      { name: "times in ALARM", value: times, unit: "times" },
    ]);
  },
};

type Resource = readonly [string, object];

function resources(): readonly Resource[] {
  return Array.from({ length: ALARMS }, (_, index): Resource => {
    const Properties = {
      ...KINDS[index % KINDS.length]?.(`s${index}`),
      EvaluationPeriods: 5,
      DatapointsToAlarm: 3,
    };
    return [`Alarm${index}`, { Type: "AWS::CloudWatch::Alarm", Properties }];
  });
}

const OPERATOR = { ComparisonOperator: "GreaterThanOrEqualToThreshold", TreatMissingData: "notBreaching" };

/** What one alarm of each kind watches, by the name of its service. */
const KINDS: readonly ((service: string) => object)[] = [
  (service) => ({ ...OPERATOR, ...metric(service, "Errors"), Statistic: "Sum", Period: 60, Threshold: 5 }),
  (service) => ({
    ...OPERATOR,
    ...metric(service, "Errors"),
    Statistic: "Maximum",
    Period: 300,
    Threshold: 5,
  }),
  (service) => ({
    ...OPERATOR,
    Threshold: 50,
    Metrics: [
      { Id: "share", Expression: "100 * e / r" },
      hidden("e", service, "Errors"),
      hidden("r", service, "Requests"),
    ],
  }),
];

function metric(service: string, MetricName: string) {
  return { Namespace: "Bench", MetricName, Dimensions: [{ Name: "service", Value: service }] };
}

function hidden(Id: string, service: string, name: string): object {
  return { Id, ReturnData: false, MetricStat: { Metric: metric(service, name), Period: 60, Stat: "Sum" } };
}

/** A burst of five bad minutes every 500, shifted from service to service. */
function recordedMetrics(): RecordedMetrics {
  const series = Array.from({ length: ALARMS }, (_, index): readonly RecordedSeries[] => {
    const errors = Array.from({ length: MINUTES }, (_value, minute) =>
      (minute + index * 17) % 500 < 5 ? 7 : 0,
    );
    const base = {
      region: "us-east-1",
      namespace: "Bench",
      dimensions: { service: `s${index}` },
      periodSeconds: 60,
      stepSeconds: 60,
      startMs: START_MS,
    };
    const statistic = index % 3 === 1 ? "Maximum" : "Sum";
    const requests = { ...base, metricName: "Requests", statistic: "Sum", values: errors.map(() => 10) };
    return [
      { ...base, metricName: "Errors", statistic, values: errors },
      ...(index % 3 === 2 ? [requests] : []),
    ];
  });
  return {
    format: METRICS_FORMAT,
    fromMs: START_MS,
    toMs: START_MS + MINUTES * 60_000,
    series: series.flat(),
    history: [],
  };
}
