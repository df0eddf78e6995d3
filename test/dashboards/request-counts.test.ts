import { readSeriesFrom } from "@wrist-agent/cloudwatch/math/read-series";
import { MetricStore } from "@wrist-agent/cloudwatch/metrics/metric-store";
import type { MetricDataQuery } from "@wrist-agent/cloudwatch/metric";
import { MathExpression, Metric } from "aws-cdk-lib/aws-cloudwatch";
import { expect, test } from "vitest";
import { failedTries, shareWithinObjective } from "../../dashboards/request-counts.ts";
import { agentMetrics } from "../../lib/monitoring/metrics.ts";

const HOUR = 3600;
const DIMENSIONS = { service: "wrist-agent-production" };
const METRICS = agentMetrics(
  { service: DIMENSIONS.service, probeService: "probe", modelId: "m", functionName: "f" },
  { logGroupName: "log" },
);

/** The queries of an expression, as a widget's body holds them. */
function queriesOf(expression: MathExpression): readonly MetricDataQuery[] {
  const metrics = Object.entries(expression.usingMetrics).map(([id, metric]) => {
    if (!(metric instanceof Metric)) throw new Error(`${id} is no plain metric`);
    const { namespace, metricName, statistic } = metric;
    const identity = { namespace, metricName, dimensions: DIMENSIONS };
    return { id, returnData: false, metricStat: { metric: identity, stat: statistic, periodSeconds: HOUR } };
  });
  return [...metrics, { id: "share", expression: expression.expression, periodSeconds: HOUR }];
}

/** An hour of the agent: seconds that each answered request took, and how many failed or were refused. */
interface AgentHour {
  readonly answeredSeconds: readonly number[];
  readonly failed: number;
  readonly refused?: number;
}

function shareOf(hours: readonly AgentHour[]): readonly (number | undefined)[] {
  const store = new MetricStore();
  hours.forEach(({ answeredSeconds, failed, refused = 0 }, hour) => {
    const put = (metricName: string, values: readonly number[]): void => {
      const metric = { namespace: "WristAgent", metricName, dimensions: DIMENSIONS };
      if (values.length > 0) store.put({ ...metric, timestampMs: hour * HOUR * 1000, values });
    };
    put(
      "Latency",
      answeredSeconds.map((seconds) => seconds * 1000),
    );
    put("Failure", Array<number>(failed).fill(1));
    put("Failure", Array<number>(answeredSeconds.length + refused).fill(0));
  });
  const share = shareWithinObjective(METRICS, { withinMs: 10_000, periodSeconds: HOUR });
  if (!(share instanceof MathExpression)) throw new Error("the share is no expression");
  const grid = { startMs: 0, periodSeconds: HOUR, slots: hours.length };
  return readSeriesFrom(store)(queriesOf(share), grid)[0]?.values ?? [];
}

test("a failed request is not within the objective, however fast it failed, and a refused one does not count", () => {
  const quick = Array.from({ length: 137 }, () => 1.5);
  expect(
    shareOf([
      { answeredSeconds: quick, failed: 163, refused: 1501 },
      { answeredSeconds: [1, 2, 9, 11], failed: 0 },
      { answeredSeconds: [], failed: 3 },
      { answeredSeconds: [], failed: 0, refused: 5 },
      { answeredSeconds: [], failed: 0 },
    ]),
  ).toEqual([expect.closeTo(45.67, 2), 75, 0, undefined, undefined]);
});

test("tries of the probe that failed are whole, though each run's value is a rounded share of its tries", () => {
  const store = new MetricStore();
  const hours = [[0, 0, 0], [0.111, 0, 0.333], Array<number>(60).fill(0.111), [1, 1, 0.889]];
  hours.forEach((values, hour) => {
    const metric = { namespace: "WristAgent", metricName: "Failure", dimensions: DIMENSIONS };
    store.put({ ...metric, timestampMs: hour * HOUR * 1000, values });
  });
  const tries = failedTries(METRICS, HOUR);
  if (!(tries instanceof MathExpression)) throw new Error("the count is no expression");
  const grid = { startMs: 0, periodSeconds: HOUR, slots: hours.length + 1 };
  const [series] = readSeriesFrom(store)(queriesOf(tries), grid);
  expect(series?.values).toEqual([0, 4, 60, 26, undefined]);
});
