import type { DashboardInputs } from "../lib/monitoring/agent-monitoring.ts";
import {
  COLD_STARTS_QUERY,
  FUNCTION_COLD_STARTS_QUERY,
  LATENCY_BY_MODE_QUERY,
  modesQuery,
} from "../lib/monitoring/log-queries.ts";
import { latencySloMs } from "../lib/monitoring/metrics.ts";
import {
  concurrencyWidgets,
  invocationsRow,
  latencyObjectiveLine,
  timeoutLine,
  urlStatusWidgets,
} from "./lambda-rows.ts";
import { allRequests, requestsByOutcome, shareWithinObjective } from "./request-counts.ts";
import { COLOURS, graph, type GridRow, logBars, logTable, singleValue } from "./widgets.ts";

const HOUR = 3600;

/** Who asks, how much, how fast. */
export function traffic(inputs: DashboardInputs): readonly GridRow[] {
  return inputs.sources.has("custom") ? agentRows(inputs) : anyFunctionRows(inputs);
}

function agentRows(inputs: DashboardInputs): readonly GridRow[] {
  return [
    summaryRow(inputs),
    requestsRow(inputs),
    latencyRow(inputs),
    modesRow(inputs),
    tokensRow(inputs),
    urlRow(inputs),
  ];
}

function anyFunctionRows(inputs: DashboardInputs): readonly GridRow[] {
  const coldStarts = { title: "Cold starts per day", width: 12, height: 6 };
  return [
    invocationsRow(inputs),
    [logTable(coldStarts, inputs, FUNCTION_COLD_STARTS_QUERY), ...concurrencyWidgets(inputs, 12)],
    ...(inputs.sources.has("url") ? [urlStatusWidgets(inputs, 24)] : []),
  ];
}

function summaryRow({ metrics, config }: DashboardInputs): GridRow {
  const frame = (title: string) => ({ title, width: 6, height: 3 });
  const latency = (statistic: string, label: string) =>
    metrics.custom("Latency", statistic, HOUR).with({ label });
  const tokens = (name: "InputTokens" | "OutputTokens", label: string) =>
    metrics.custom(name, "Average", HOUR).with({ label });
  const withinMs = latencySloMs(config);
  return [
    singleValue(frame("Requests"), allRequests(metrics, HOUR)),
    singleValue(frame("Latency of answered requests (ms)"), latency("p50", "p50"), latency("p90", "p90")),
    singleValue(
      frame(`Answered within ${withinMs / 1000} s (%)`),
      shareWithinObjective(metrics, { withinMs, periodSeconds: HOUR }),
    ),
    singleValue(
      frame("Tokens per request"),
      tokens("InputTokens", "input tokens"),
      tokens("OutputTokens", "output tokens"),
    ),
  ];
}

function requestsRow(inputs: DashboardInputs): GridRow {
  return [
    graph({ title: "Requests per hour, by outcome", width: 12, height: 6 }, requestsByOutcome(inputs, HOUR), {
      unit: "requests",
      stacked: true,
    }),
    logBars({ title: "Requests per day, by mode", width: 12, height: 6 }, inputs, modesQuery("1d")),
  ];
}

/** Hourly points: at ten requests a day a percentile of five minutes is one request under another name. */
function latencyRow({ metrics, config }: DashboardInputs): GridRow {
  const p50 = (name: "Latency" | "TimeToFirstToken") =>
    metrics.custom(name, "p50", HOUR).with({ label: "p50", color: COLOURS.good });
  const max = (name: "Latency" | "TimeToFirstToken") =>
    metrics.custom(name, "Maximum", HOUR).with({ label: "max", color: COLOURS.model });
  return [
    graph(
      { title: "Latency of answered requests, per hour", width: 12, height: 6 },
      [p50("Latency"), max("Latency")],
      {
        unit: "ms",
        thresholds: [latencyObjectiveLine(config), timeoutLine(config.timeoutSeconds)],
      },
    ),
    graph(
      { title: "Time to the model's first token, per hour", width: 12, height: 6 },
      [p50("TimeToFirstToken"), max("TimeToFirstToken")],
      { unit: "ms", thresholds: [latencyObjectiveLine(config)] },
    ),
  ];
}

function modesRow(inputs: DashboardInputs): GridRow {
  return [
    logTable({ title: "By mode: time and characters", width: 16, height: 6 }, inputs, LATENCY_BY_MODE_QUERY),
    logTable({ title: "Cold starts per day", width: 8, height: 6 }, inputs, COLD_STARTS_QUERY),
  ];
}

function tokensRow({ metrics }: DashboardInputs): GridRow {
  return [
    graph(
      { title: "Tokens per request, average of the hour", width: 24, height: 6 },
      [
        metrics.custom("InputTokens", "Average", HOUR).with({ label: "input tokens", color: COLOURS.model }),
        metrics
          .custom("OutputTokens", "Average", HOUR)
          .with({ label: "output tokens", color: COLOURS.output }),
      ],
      { unit: "tokens" },
    ),
  ];
}

function urlRow(inputs: DashboardInputs): GridRow {
  return [...urlStatusWidgets(inputs, 12), ...concurrencyWidgets(inputs, 12)];
}
