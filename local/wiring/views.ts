import { alarmCondition } from "../cloudwatch/alarm/condition.ts";
import { dashboardView } from "../cloudwatch/dashboard/dashboard.ts";
import { RefusedWidget } from "../cloudwatch/dashboard/drawing.ts";
import type { DashboardView } from "../cloudwatch/dashboard-view.ts";
import type { DashboardQuery } from "../server/page-port.ts";
import type { AlarmRow } from "../server/wire.ts";
import type { CloudWatchRegion } from "./cloud-watch-region.ts";
import type { Plan } from "./open-system.ts";

/** Items of an alarm's history that the page shows. */
const MOST_HISTORY = 50;

/** Every alarm with its state, in the templates' order. */
export function alarmRows(plan: Plan): readonly AlarmRow[] {
  return plan.regions.flatMap((region) =>
    region.alarms.describe().map(({ definition, status }) => ({
      alarmName: definition.alarmName,
      description: definition.alarmDescription ?? "",
      stackName: stackOf(plan, definition.alarmName),
      state: status.state,
      stateReason: status.stateReason,
      sinceMs: status.stateTransitionedMs,
      condition: alarmCondition(definition),
      history: historyOf(region, definition.alarmName),
    })),
  );
}

function stackOf(plan: Plan, alarmName: string): string {
  const source = plan.emulated.alarms.find(({ definition }) => definition.alarmName === alarmName);
  return source?.stackName ?? "";
}

/** Newest first. */
function historyOf(region: CloudWatchRegion, alarmName: string): AlarmRow["history"] {
  return region.alarms
    .history(alarmName)
    .slice(-MOST_HISTORY)
    .reverse()
    .map(({ timestampMs, historySummary }) => ({ timeMs: timestampMs, summary: historySummary }));
}

/** Draws a dashboard up to `nowMs`; `undefined` when no template has one of that name. */
export function drawnDashboard(
  plan: Plan,
  { name, rangeSeconds }: DashboardQuery,
  nowMs: number,
): DashboardView | undefined {
  const source = plan.emulated.dashboards.find((dashboard) => dashboard.name === name);
  if (source === undefined) return undefined;
  const { home } = plan;
  const range = { startMs: nowMs - rangeSeconds * 1000, endMs: nowMs };
  return dashboardView(
    { ...source, ...range },
    {
      readSeries: home.readSeries,
      alarm: (arn) => {
        const found = plan.regions
          .flatMap((region) => region.alarms.describe())
          .find((alarm) => alarm.arn === arn || alarm.definition.alarmName === arn);
        return (
          found && {
            definition: found.definition,
            state: found.status.state,
            stateUpdatedMs: found.status.stateUpdatedMs,
          }
        );
      },
      logs: () => {
        throw new RefusedWidget("log queries are not run by the local runtime: read the requests below");
      },
    },
  );
}

/** Metric names that have data, by namespace. */
export function metricNames(
  regions: readonly CloudWatchRegion[],
): Readonly<Record<string, readonly string[]>> {
  const names = new Map<string, Set<string>>();
  for (const { namespace, metricName } of regions.flatMap((region) => region.metricsSeen()))
    names.set(namespace, (names.get(namespace) ?? new Set()).add(metricName));
  return Object.fromEntries([...names].map(([namespace, set]) => [namespace, [...set]]));
}
