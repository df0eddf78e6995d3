import { AGENT_ENVIRONMENT } from "../../../lambda/contract/environment.ts";
import { isSeries, METRICS, type MetricName } from "../../../lambda/contract/metrics.ts";
import { functionsOf, type BilledFunction } from "../billed-function.ts";
import { PRICES } from "../prices.ts";
import type { Billed, Reading, Usage } from "../usage.ts";

/** What the probe itself publishes: whether its run failed. */
const PROBE_METRICS: readonly MetricName[] = ["Failure"];

/** The custom metrics that each agent and each probe publishes, by the catalogue. */
export function readMetrics(billed: Billed): Reading {
  const usages = functionsOf(billed).flatMap(metricsOf);
  return { usages, assumed: ["each custom metric has data in every hour of the month"] };
}

function metricsOf(fn: BilledFunction): readonly Usage[] {
  const names = metricNames(fn);
  if (names.length === 0) return [];
  return [
    {
      area: "monitoring",
      what: `${fn.name}: ${names.join(", ")}`,
      price: PRICES.customMetric,
      quantity: names.length,
    },
  ];
}

function metricNames({ isAgent, isProbe, environment }: BilledFunction): readonly MetricName[] {
  if (isProbe) return PROBE_METRICS;
  if (!isAgent) return [];
  const profile = environment[AGENT_ENVIRONMENT.metricsProfile] === "full" ? "full" : "default";
  return Object.values(METRICS)
    .filter((entry) => isSeries(entry, profile))
    .map(({ name }) => name);
}
