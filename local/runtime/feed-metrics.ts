import type { MetricFeed } from "../server/page-api.ts";
import type { Core } from "./core.ts";

/** Takes data as if AWS had them, in whatever namespace; gives the reason where their Region is none that runs here. */
export function feedMetrics(
  { plan, eventLog }: Pick<Core, "plan" | "eventLog">,
  { region, data }: MetricFeed,
  nowMs: number,
): string | undefined {
  if (!plan.regions.some(({ home }) => home.region === region))
    return `Region ${region} is none that runs here: use ${plan.home.home.region} or another of its partition`;
  eventLog.record({ kind: "metrics", atMs: nowMs, region, data });
  return undefined;
}
