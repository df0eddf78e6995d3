import type { DashboardInputs } from "../lib/monitoring/dashboard-inputs.ts";
import { LAST_FAILED_RUNS } from "../lib/monitoring/queries/probe-queries.ts";
import { COLOURS } from "./colours.ts";
import type { GridRow } from "./grid.ts";
import { logTable, overTime } from "./widgets.ts";

const HOUR = 3600;

/** Whether the probe is served, and where its failed runs got stuck; no row for a stage without a probe. */
export function probeRows(inputs: DashboardInputs): readonly GridRow[] {
  const { sources, metrics, probeLogGroupName: logGroupName } = inputs;
  if (!sources.has("probe")) return [];
  const runs = metrics.probe("Failure", "SampleCount", HOUR).with({ label: "runs", color: COLOURS.good });
  const failed = metrics.probe("Failure", "Sum", HOUR).with({ label: "failed", color: COLOURS.failed });
  return [
    [
      overTime({ title: "Runs of the probe per hour", width: 8, height: 5 }, [runs, failed], {
        unit: "runs",
      }),
      logTable(
        { title: "Last failed runs of the probe", width: 16, height: 5 },
        { ...inputs, logGroupName },
        LAST_FAILED_RUNS,
      ),
    ],
  ];
}
