import { alarmsOf } from "cw-alarm-test";
import { backtestPage } from "cw-alarm-test/backtest/backtest-page";
import {
  METRICS_FORMAT,
  type RecordedMetrics,
  type RecordedSeries,
} from "cw-alarm-test/backtest/recorded-metrics";
import { replayMetrics } from "cw-alarm-test/backtest/replay-metrics";
import { describe, expect, test } from "vitest";

const FROM_MS = Date.UTC(2026, 0, 5);

function series(metricName: string, value: (minute: number) => number): RecordedSeries {
  return {
    region: "us-east-1",
    namespace: "Shop",
    metricName,
    dimensions: {},
    statistic: "Sum",
    periodSeconds: 60,
    stepSeconds: 60,
    startMs: FROM_MS,
    values: Array.from({ length: 1000 }, (_, minute) => value(minute)),
  };
}

/**
 * The page of one alarm, `Errors`, over a thousand minutes: two errors and ten requests a minute in ten of
 * them.
 */
function page(properties: object): string {
  const recorded: RecordedMetrics = {
    format: METRICS_FORMAT,
    fromMs: FROM_MS,
    toMs: FROM_MS + 60_000_000,
    history: [],
    series: [
      series("Errors", (minute) => (minute >= 500 && minute < 510 ? 2 : 0)),
      series("Requests", () => 10),
    ],
  };
  const Properties = {
    EvaluationPeriods: 1,
    ComparisonOperator: "GreaterThanOrEqualToThreshold",
    ...properties,
  };
  const { templates } = alarmsOf({ Resources: { Errors: { Type: "AWS::CloudWatch::Alarm", Properties } } });
  const replayable = templates.alarms.map((alarm) => ({ alarm, fromMs: FROM_MS }));
  const result = replayMetrics({ templates, replayable, recorded, incidents: [] });
  expect(result.alarms[0]?.spans).toHaveLength(1);
  return backtestPage({ result, compared: [], recorded, alarms: templates.alarms });
}

/**
 * How far up the curve comes in the picture, 10 at the top and 130 at the bottom, and where the threshold is.
 */
function heights(html: string): { readonly curve: number; readonly threshold: number } {
  const [, path = ""] = /<path d="([^"]*)" stroke="var\(--line\)"/.exec(html) ?? [];
  const [, threshold = ""] = /<path d="M0 ([\d.]+)H/.exec(html) ?? [];
  const ys = [...path.matchAll(/[ML][\d.]+ ([\d.]+)/g)].map(([, y]) => Number(y));
  return { curve: Math.min(...ys), threshold: Number(threshold) };
}

describe("the page of a backtest draws what the alarm judged", () => {
  test("a sum over its own period, not over the minutes that were recorded", () => {
    const html = page({
      Namespace: "Shop",
      MetricName: "Errors",
      Statistic: "Sum",
      Period: 300,
      Threshold: 5,
    });
    expect(heights(html)).toEqual({ curve: 10, threshold: 70 });
  });

  test("the result of metric math, not its first metric", () => {
    const query = (Id: string, MetricName: string) => ({
      Id,
      ReturnData: false,
      MetricStat: { Metric: { Namespace: "Shop", MetricName }, Period: 60, Stat: "Sum" },
    });
    const share = { Id: "share", Expression: "100 * e / r" };
    const html = page({ Metrics: [share, query("e", "Errors"), query("r", "Requests")], Threshold: 10 });
    expect(heights(html)).toEqual({ curve: 10, threshold: 70 });
  });
});
