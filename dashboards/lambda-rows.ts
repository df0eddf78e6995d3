import { type HorizontalAnnotation, MathExpression } from "aws-cdk-lib/aws-cloudwatch";
import { Duration } from "aws-cdk-lib/core";
import type { DashboardInputs } from "../lib/monitoring/agent-monitoring.ts";
import { latencySloMs } from "../lib/monitoring/metrics.ts";
import { COLOURS, graph, type GridRow, singleValue } from "./widgets.ts";

const FIVE_MINUTES = 300;
const HOUR = 3600;
const DAY = 86_400;

/** Crashes, throttles and the longest run, against what raises an alarm. */
export function lambdaErrorsRow({ metrics, config }: DashboardInputs): GridRow {
  const crashed = metrics.lambda("Errors", "Sum", FIVE_MINUTES);
  const throttled = metrics.lambda("Throttles", "Sum", FIVE_MINUTES);
  const longest = metrics.lambda("Duration", "Maximum", FIVE_MINUTES);
  return [
    graph(
      { title: "Lambda: crashes and throttles", width: 12, height: 6 },
      [
        crashed.with({ label: "crashed or timed out", color: COLOURS.failed }),
        throttled.with({ label: "throttled", color: COLOURS.refused }),
      ],
      {
        unit: "invocations",
        thresholds: [{ value: 1, label: "threshold of both alarms", color: COLOURS.limit }],
      },
    ),
    graph(
      { title: "Lambda: longest invocation", width: 12, height: 6 },
      [longest.with({ label: "max", color: COLOURS.model })],
      {
        unit: "ms",
        thresholds: [timeoutLine(config.timeoutSeconds)],
      },
    ),
  ];
}

/** Where Lambda ends a run. */
export function timeoutLine(timeoutSeconds: number): HorizontalAnnotation {
  return { value: timeoutSeconds * 1000, label: "timeout", color: COLOURS.failed };
}

/** The latency objective. */
export function latencyObjectiveLine(config: DashboardInputs["config"]): HorizontalAnnotation {
  return { value: latencySloMs(config), label: "objective", color: COLOURS.good };
}

/** Figures of a function that says nothing of its own. */
export function lambdaSummaryRow({ metrics }: DashboardInputs): GridRow {
  const frame = (title: string) => ({ title, width: 6, height: 3 });
  const lambda = (name: "Invocations" | "Errors" | "Throttles", label: string) =>
    metrics.lambda(name, "Sum", FIVE_MINUTES).with({ label });
  const percent = new MathExpression({
    expression: "100 * crashedShare",
    usingMetrics: { crashedShare: metrics.lambda("Errors", "Average", FIVE_MINUTES) },
    label: "% of all",
    period: Duration.seconds(FIVE_MINUTES),
  });
  const duration = (statistic: string, label: string) =>
    metrics.lambda("Duration", statistic, FIVE_MINUTES).with({ label });
  return [
    singleValue(frame("Invocations"), lambda("Invocations", "invocations")),
    singleValue(frame("Crashed"), lambda("Errors", "crashed"), percent),
    singleValue(frame("Throttled"), lambda("Throttles", "throttled")),
    singleValue(frame("Duration (ms)"), duration("p50", "p50"), duration("Maximum", "max")),
  ];
}

/** Invocations and how long they took. */
export function invocationsRow({ metrics, config }: DashboardInputs): GridRow {
  const duration = (statistic: string) => metrics.lambda("Duration", statistic, HOUR);
  return [
    graph(
      { title: "Invocations per hour", width: 12, height: 6 },
      [metrics.lambda("Invocations", "Sum", HOUR).with({ label: "invocations", color: COLOURS.requests })],
      { unit: "invocations" },
    ),
    graph(
      { title: "Duration per hour", width: 12, height: 6 },
      [
        duration("p50").with({ label: "p50", color: COLOURS.good }),
        duration("Maximum").with({ label: "max", color: COLOURS.model }),
      ],
      { unit: "ms", thresholds: [latencyObjectiveLine(config), timeoutLine(config.timeoutSeconds)] },
    ),
  ];
}

/** Answers of the Function URL by class of status; Lambda counts those of 4xx and 5xx. */
export function urlStatusWidgets({ metrics: { url } }: DashboardInputs, width: number): GridRow {
  const [asked, refused, failed] = (["UrlRequestCount", "Url4xxCount", "Url5xxCount"] as const).map((name) =>
    url(name, "Sum", HOUR),
  ) as [ReturnType<typeof url>, ReturnType<typeof url>, ReturnType<typeof url>];
  const served = new MathExpression({
    expression: "asked - FILL(refused, 0) - FILL(failed, 0)",
    usingMetrics: { asked, refused, failed },
    label: "2xx",
    color: COLOURS.good,
    period: Duration.seconds(HOUR),
  });
  return [
    graph(
      { title: "Function URL per hour, by status", width, height: 6 },
      [
        failed.with({ label: "5xx", color: COLOURS.failed }),
        refused.with({ label: "4xx", color: COLOURS.refused }),
        served,
      ],
      { unit: "requests", stacked: true },
    ),
  ];
}

/** Concurrent executions. */
export function concurrencyWidgets({ metrics }: DashboardInputs, width: number): GridRow {
  return [
    graph(
      { title: "Concurrent executions, max per day", width, height: 6 },
      [metrics.lambda("ConcurrentExecutions", "Maximum", DAY).with({ label: "max", color: COLOURS.model })],
      { unit: "invocations" },
    ),
  ];
}
