import { Duration } from "aws-cdk-lib/core";
import { MathExpression, type IMetric } from "aws-cdk-lib/aws-cloudwatch";
import type { AgentMetrics } from "../lib/monitoring/metrics.ts";
import type { DashboardInputs } from "../lib/monitoring/agent-monitoring.ts";
import { PROBE_TRIES } from "../lib/monitoring/availability-alarms.ts";
import { answeredRequests, hasSpendBreaker } from "../lib/monitoring/metrics.ts";
import { COLOURS } from "./widgets.ts";

/** Requests per period by outcome; together they are all requests. */
export function requestsByOutcome(
  { metrics, config }: Pick<DashboardInputs, "metrics" | "config">,
  periodSeconds: number,
): readonly IMetric[] {
  const unsuccessful = unsuccessfulRequests(metrics, periodSeconds);
  // Where there is no breaker there is no such metric, and a sum over nothing would leave no line at all.
  const blocked = hasSpendBreaker(config) ? { blocked: blockedRequests(metrics, periodSeconds) } : {};
  const answered = new MathExpression({
    expression: ["requests", ...Object.keys({ ...unsuccessful, ...blocked })].join(" - "),
    usingMetrics: {
      requests: metrics.custom("Failure", "SampleCount", periodSeconds),
      ...unsuccessful,
      ...blocked,
    },
    label: "answered well",
    color: COLOURS.good,
    period: Duration.seconds(periodSeconds),
  });
  // Stacked with the worst at the bottom: on top it would colour the edge of a healthy day.
  return [
    unsuccessful.failed,
    unsuccessful.refused,
    unsuccessful.degraded,
    ...Object.values(blocked),
    answered,
  ];
}

function blockedRequests(metrics: AgentMetrics, periodSeconds: number): IMetric {
  return metrics
    .custom("SpendBreaker", "Sum", periodSeconds)
    .with({ label: "blocked by the spend limit", color: COLOURS.blocked });
}

/** Requests per period that did not go well, by why. */
export function unsuccessfulRequests(metrics: AgentMetrics, periodSeconds: number) {
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

/** Percent of all requests that failed. */
export function failedPercent(metrics: AgentMetrics, periodSeconds: number): IMetric {
  return new MathExpression({
    expression: "100 * failedShare",
    usingMetrics: { failedShare: metrics.custom("Failure", "Average", periodSeconds) },
    label: "% of all",
    color: COLOURS.failed,
    period: Duration.seconds(periodSeconds),
  });
}

/**
 * Tries of the probe that failed. A run's value is the share of its tries that did, rounded to a thousandth,
 * so its sum counts neither runs nor tries: times the tries of a run, and rounded, it does.
 */
export function failedTries(metrics: AgentMetrics, periodSeconds: number): IMetric {
  return new MathExpression({
    expression: `FLOOR(${PROBE_TRIES} * shares + 0.5)`,
    usingMetrics: { shares: metrics.probe("Failure", "Sum", periodSeconds) },
    label: `failed tries (up to ${PROBE_TRIES} a run)`,
    color: COLOURS.failed,
    period: Duration.seconds(periodSeconds),
  });
}

/** All requests per period. */
export function allRequests(metrics: AgentMetrics, periodSeconds: number): IMetric {
  return metrics
    .custom("Failure", "SampleCount", periodSeconds)
    .with({ label: "requests", color: COLOURS.requests });
}

/**
 * Percent of the requests that should have been answered which were, within the latency objective: a failed
 * request is not within it.
 *
 * Refused requests are on neither side. The count of failures has a point wherever there was a request, so
 * the others are filled to meet it.
 */
export function shareWithinObjective(
  metrics: AgentMetrics,
  { withinMs, periodSeconds }: { readonly withinMs: number; readonly periodSeconds: number },
): IMetric {
  return new MathExpression({
    expression: "100 * FILL(within, 0) / (FILL(answered, 0) + failed)",
    usingMetrics: {
      within: metrics.custom("Latency", `TC(:${withinMs})`, periodSeconds),
      answered: answeredRequests(metrics, periodSeconds),
      failed: metrics.custom("Failure", "Sum", periodSeconds),
    },
    label: "within the objective",
    color: COLOURS.good,
    period: Duration.seconds(periodSeconds),
  });
}
