import type { DashboardInputs, RegionMetrics } from "../lib/monitoring/dashboard-inputs.ts";
import { COLOURS } from "./colours.ts";
import { badFates, requests } from "./counts.ts";
import type { GridRow } from "./grid.ts";
import { overRange } from "./widgets.ts";

const FIVE_MINUTES = 300;

/** A row of figures for each other Region of the stage: whether the trouble is here alone. */
export function otherRegions({ otherRegions: others }: DashboardInputs): readonly GridRow[] {
  return others.map(regionRow);
}

function regionRow({ region, metrics }: RegionMetrics): GridRow {
  const frame = (what: string) => ({ title: `${region}: ${what}`, width: 6, height: 3, region });
  const { failed, refused } = badFates(metrics, FIVE_MINUTES);
  const share = metrics.custom("Failure", "Average", FIVE_MINUTES).with({ label: "share" });
  const crashed = metrics.lambda("Errors", "Sum", FIVE_MINUTES).with({ label: "crashed" });
  const throttled = metrics.lambda("Throttles", "Sum", FIVE_MINUTES).with({ label: "throttled" });
  const slowest = metrics.custom("Latency", "Maximum", FIVE_MINUTES);
  return [
    overRange(frame("requests"), requests(metrics, FIVE_MINUTES), refused),
    overRange(frame("failed, and their share"), failed, share),
    overRange(frame("Lambda"), crashed, throttled),
    overRange(frame("slowest answer, ms"), slowest.with({ label: "slowest", color: COLOURS.model })),
  ];
}
