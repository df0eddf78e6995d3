import type { DashboardInputs } from "../lib/monitoring/dashboard-inputs.ts";
import { latencySloMs } from "../lib/monitoring/metrics/latency-slo.ts";
import { BY_MODE, COLD_STARTS, modesPer } from "../lib/monitoring/queries/log-queries.ts";
import { STOCK_COLD_STARTS } from "../lib/monitoring/queries/stock-log-queries.ts";
import { COLOURS } from "./colours.ts";
import { countsByFate, requests } from "./counts.ts";
import type { GridRow } from "./grid.ts";
import { aim, concurrency, statusClasses, stockTraffic, stopped } from "./lambda-rows.ts";
import { logBars, logTable, overRange, overTime } from "./widgets.ts";

const HOUR = 3600;

/** Who asks, how much, how fast. */
export function traffic(inputs: DashboardInputs): readonly GridRow[] {
  return inputs.sources.has("custom") ? ownTraffic(inputs) : anyTraffic(inputs);
}

function ownTraffic(inputs: DashboardInputs): readonly GridRow[] {
  return [numbers(inputs), amounts(inputs), times(inputs), byMode(inputs), lengths(inputs), edge(inputs)];
}

function anyTraffic(inputs: DashboardInputs): readonly GridRow[] {
  const coldStarts = { title: "Cold starts per day", width: 12, height: 6 };
  return [
    stockTraffic(inputs),
    [logTable(coldStarts, inputs, STOCK_COLD_STARTS), ...concurrency(inputs, 12)],
    ...(inputs.sources.has("url") ? [statusClasses(inputs, 24)] : []),
  ];
}

function numbers({ metrics, config }: DashboardInputs): GridRow {
  const frame = (title: string) => ({ title, width: 6, height: 3 });
  const latency = (statistic: string, label: string) =>
    metrics.custom("Latency", statistic, HOUR).with({ label });
  const tokens = (name: "InputTokens" | "OutputTokens", label: string) =>
    metrics.custom(name, "Average", HOUR).with({ label });
  const withinMs = latencySloMs(config);
  return [
    overRange(frame("Requests"), requests(metrics, HOUR)),
    overRange(
      frame("Time to the answer, ms"),
      latency("p50", "half are faster"),
      latency("p90", "nine of ten are"),
    ),
    overRange(
      frame(`Answered within ${withinMs / 1000} s, percent`),
      latency(`PR(:${withinMs})`, "within the aim"),
    ),
    overRange(
      frame("Tokens per request"),
      tokens("InputTokens", "read by the model"),
      tokens("OutputTokens", "written by the model"),
    ),
  ];
}

function amounts(inputs: DashboardInputs): GridRow {
  return [
    overTime({ title: "Requests per hour", width: 12, height: 6 }, countsByFate(inputs, HOUR), {
      unit: "requests",
      stacked: true,
    }),
    logBars({ title: "Requests per day, by mode", width: 12, height: 6 }, inputs, modesPer("1d")),
  ];
}

/** Hourly points: at ten requests a day a percentile of five minutes is one request under another name. */
function times({ metrics, config }: DashboardInputs): GridRow {
  const half = (name: "Latency" | "TimeToFirstToken") =>
    metrics.custom(name, "p50", HOUR).with({ label: "half are faster", color: COLOURS.good });
  const slowest = (name: "Latency" | "TimeToFirstToken") =>
    metrics.custom(name, "Maximum", HOUR).with({ label: "slowest", color: COLOURS.model });
  return [
    overTime(
      { title: "Time to the answer, per hour", width: 12, height: 6 },
      [half("Latency"), slowest("Latency")],
      { unit: "ms", thresholds: [aim(config), stopped(config.timeoutSeconds)] },
    ),
    overTime(
      { title: "Time to the model's first token, per hour", width: 12, height: 6 },
      [half("TimeToFirstToken"), slowest("TimeToFirstToken")],
      { unit: "ms", thresholds: [aim(config)] },
    ),
  ];
}

function byMode(inputs: DashboardInputs): GridRow {
  return [
    logTable({ title: "By mode: time and characters", width: 16, height: 6 }, inputs, BY_MODE),
    logTable({ title: "Cold starts per day", width: 8, height: 6 }, inputs, COLD_STARTS),
  ];
}

function lengths({ metrics }: DashboardInputs): GridRow {
  return [
    overTime(
      { title: "Tokens per request, average of the hour", width: 24, height: 6 },
      [
        metrics.custom("InputTokens", "Average", HOUR).with({ label: "read", color: COLOURS.model }),
        metrics.custom("OutputTokens", "Average", HOUR).with({ label: "written", color: COLOURS.output }),
      ],
      { unit: "tokens" },
    ),
  ];
}

function edge(inputs: DashboardInputs): GridRow {
  return [...statusClasses(inputs, 12), ...concurrency(inputs, 12)];
}
