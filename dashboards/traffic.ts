import type { DashboardInputs } from "../lib/monitoring/dashboard-inputs.ts";
import { BY_MODE, COLD_STARTS } from "../lib/monitoring/log-queries.ts";
import { COLOURS } from "./colours.ts";
import { countsByFate, requests } from "./counts.ts";
import type { GridRow } from "./grid.ts";
import { logTable, overRange, overTime } from "./widgets.ts";

const HOUR = 3600;
const DAY = 86_400;

/** Who asks, how much, how fast. */
export function traffic(inputs: DashboardInputs): readonly GridRow[] {
  return [numbers(inputs), amounts(inputs), times(inputs), lengths(inputs), edge(inputs)];
}

function numbers({ metrics }: DashboardInputs): GridRow {
  const frame = (title: string) => ({ title, width: 8, height: 3 });
  const latency = (statistic: string, label: string) =>
    metrics.custom("Latency", statistic, HOUR).with({ label });
  const tokens = (name: "InputTokens" | "OutputTokens", label: string) =>
    metrics.custom(name, "Average", HOUR).with({ label });
  return [
    overRange(frame("Requests"), requests(metrics, HOUR)),
    overRange(
      frame("Time to the answer, ms"),
      latency("p50", "half are faster"),
      latency("p90", "nine of ten are"),
    ),
    overRange(
      frame("Tokens per request"),
      tokens("InputTokens", "read by the model"),
      tokens("OutputTokens", "written by the model"),
    ),
  ];
}

function amounts(inputs: DashboardInputs): GridRow {
  const { metrics } = inputs;
  return [
    overTime({ title: "Requests per hour", width: 12, height: 6 }, countsByFate(metrics, HOUR), {
      unit: "requests",
      stacked: true,
    }),
    logTable({ title: "By mode", width: 12, height: 6 }, inputs, BY_MODE),
  ];
}

/** Hourly points: at ten requests a day a percentile of five minutes is one request under another name. */
function times({ metrics, config }: DashboardInputs): GridRow {
  const half = (name: "Latency" | "TimeToFirstToken") =>
    metrics.custom(name, "p50", HOUR).with({ label: "half are faster", color: COLOURS.good });
  const slowest = (name: "Latency" | "TimeToFirstToken") =>
    metrics.custom(name, "Maximum", HOUR).with({ label: "slowest", color: COLOURS.model });
  const stopped = { value: config.timeoutSeconds * 1000, label: "Lambda stops it", color: COLOURS.failed };
  return [
    overTime(
      { title: "Time to the answer, per hour", width: 12, height: 6 },
      [half("Latency"), slowest("Latency")],
      { unit: "ms", thresholds: [stopped] },
    ),
    overTime(
      { title: "Time to the model's first token, per hour", width: 12, height: 6 },
      [half("TimeToFirstToken"), slowest("TimeToFirstToken")],
      { unit: "ms" },
    ),
  ];
}

function lengths(inputs: DashboardInputs): GridRow {
  const { metrics } = inputs;
  return [
    overTime(
      { title: "Tokens per request, average of the hour", width: 12, height: 6 },
      [
        metrics.custom("InputTokens", "Average", HOUR).with({ label: "read", color: COLOURS.model }),
        metrics.custom("OutputTokens", "Average", HOUR).with({ label: "written", color: COLOURS.output }),
      ],
      { unit: "tokens" },
    ),
    logTable({ title: "Cold starts per day", width: 12, height: 6 }, inputs, COLD_STARTS),
  ];
}

function edge({ metrics }: DashboardInputs): GridRow {
  const { url, lambda } = metrics;
  return [
    overTime(
      { title: "Function URL per hour", width: 12, height: 6 },
      [
        url("UrlRequestCount", "Sum", HOUR).with({ label: "requests", color: COLOURS.requests }),
        url("Url4xxCount", "Sum", HOUR).with({ label: "4xx", color: COLOURS.refused }),
        url("Url5xxCount", "Sum", HOUR).with({ label: "5xx", color: COLOURS.failed }),
      ],
      { unit: "requests" },
    ),
    overTime(
      { title: "Most invocations at once, per day", width: 12, height: 6 },
      [lambda("ConcurrentExecutions", "Maximum", DAY).with({ label: "at once", color: COLOURS.model })],
      { unit: "invocations" },
    ),
  ];
}
