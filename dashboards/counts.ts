import { Duration } from "aws-cdk-lib/core";
import { MathExpression, type IMetric } from "aws-cdk-lib/aws-cloudwatch";
import type { AgentMetrics } from "../lib/monitoring/agent-metrics.ts";
import { COLOURS } from "./colours.ts";

/** Requests per period by what became of them; the four together are all requests. */
export function countsByFate(metrics: AgentMetrics, periodSeconds: number): readonly IMetric[] {
  const fates = badFates(metrics, periodSeconds);
  const answered = new MathExpression({
    expression: "requests - failed - refused - degraded",
    usingMetrics: { requests: metrics.custom("Failure", "SampleCount", periodSeconds), ...fates },
    label: "answered well",
    color: COLOURS.good,
    period: Duration.seconds(periodSeconds),
  });
  // Stacked with the worst at the bottom: on top it would colour the edge of a healthy day.
  return [fates.failed, fates.refused, fates.degraded, answered];
}

/** Requests per period that did not go well, by why. */
export function badFates(metrics: AgentMetrics, periodSeconds: number) {
  return {
    degraded: metrics
      .custom("Degraded", "Sum", periodSeconds)
      .with({ label: "answered as plain text", color: COLOURS.degraded }),
    refused: metrics
      .custom("Rejected", "Sum", periodSeconds)
      .with({ label: "refused", color: COLOURS.refused }),
    failed: metrics.custom("Failure", "Sum", periodSeconds).with({ label: "failed", color: COLOURS.failed }),
  };
}

/** All requests per period. */
export function requests(metrics: AgentMetrics, periodSeconds: number): IMetric {
  return metrics
    .custom("Failure", "SampleCount", periodSeconds)
    .with({ label: "requests", color: COLOURS.requests });
}
