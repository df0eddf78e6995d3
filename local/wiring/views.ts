import type { AlarmDefinition } from "../cloudwatch/alarm-definition.ts";
import { alarmNameOf, isComposite } from "../cloudwatch/alarm/alarm-status.ts";
import { alarmCondition } from "../cloudwatch/alarm/condition.ts";
import { parseAlarmRule } from "../cloudwatch/composite/alarm-rule.ts";
import { ruleCauses } from "../cloudwatch/composite/rule-causes.ts";
import { dashboardView } from "../cloudwatch/dashboard/dashboard.ts";
import { openingRangeSeconds } from "../cloudwatch/dashboard/opening-range.ts";
import type { DashboardAlarm } from "../cloudwatch/dashboard/drawing.ts";
import type { DashboardView } from "../cloudwatch/dashboard-view.ts";
import type { DashboardQuery } from "../server/page-port.ts";
import type { AlarmRow } from "../server/wire.ts";
import type { CloudWatchRegion } from "./cloudwatch/cloud-watch-region.ts";
import type { DashboardShelf } from "./cloudwatch/dashboard-shelf.ts";
import type { LogShelf } from "./cloudwatch/log-shelf.ts";
import { withLocalAddress, type LocalAddress } from "./functions/local-address.ts";
import type { Plan } from "./open-system.ts";

/** Items of an alarm's history that the page shows. */
const MOST_HISTORY = 50;

/** What CloudWatch shows of a dashboard that says nothing of its range. */
const DEFAULT_RANGE_SECONDS = 10_800;

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
      topics: topicsOf(definition),
      ...(isComposite(definition) && { causes: causesOf(definition.alarmRule) }),
      history: historyOf(region, definition.alarmName),
    })),
  );
}

function stackOf(plan: Plan, alarmName: string): string {
  const source = plan.emulated.alarms.find(({ definition }) => definition.alarmName === alarmName);
  return source?.stackName ?? "made through the AWS API";
}

/** An SNS topic's ARN ends in its name; other actions are nobody's mail. */
function topicsOf({ actionsEnabled = true, alarmActions = [] }: AlarmDefinition): readonly string[] {
  if (!actionsEnabled) return [];
  const parts = alarmActions.map((arn) => arn.split(":"));
  return parts.flatMap(([, , service, , , name]) => (service === "sns" && name ? [name] : []));
}

function causesOf(alarmRule: string): readonly string[] {
  return ruleCauses(parseAlarmRule(alarmRule)).map(alarmNameOf);
}

/** Newest first. */
function historyOf(region: CloudWatchRegion, alarmName: string): AlarmRow["history"] {
  return region.alarms
    .history(alarmName)
    .slice(-MOST_HISTORY)
    .reverse()
    .map(({ timestampMs, historySummary }) => ({ timeMs: timestampMs, summary: historySummary }));
}

/** What dashboards are drawn from. */
export interface DashboardSources {
  readonly plan: Plan;
  readonly shelf: DashboardShelf;
  readonly logs: LogShelf;
}

/** When and where a dashboard is looked at. */
export interface Viewpoint {
  /** Epoch milliseconds up to which it is drawn. */
  readonly nowMs: number;
  /** Stands in its texts in place of the templates'. */
  readonly address: LocalAddress;
}

/** Draws a dashboard; `undefined` when there is none of that name. */
export function drawnDashboard(
  sources: DashboardSources,
  { name, rangeSeconds }: DashboardQuery,
  { nowMs, address }: Viewpoint,
): DashboardView | undefined {
  const source = sources.shelf.find(name);
  if (source === undefined) return undefined;
  const body = withLocalAddress(source.body, address);
  const seconds = rangeSeconds ?? openingRangeSeconds(body, nowMs) ?? DEFAULT_RANGE_SECONDS;
  return drawnBody(sources, { name, body, startMs: nowMs - seconds * 1000, endMs: nowMs });
}

/** A body to draw over a span of time, epoch milliseconds. */
export interface BodyToDraw {
  readonly name: string;
  readonly body: string;
  readonly startMs: number;
  readonly endMs: number;
}

/** Draws a dashboard's body from the metrics, alarms and log lines that are here. */
export function drawnBody({ plan, logs }: DashboardSources, request: BodyToDraw): DashboardView {
  const notices = new Set<string>();
  const view = dashboardView(request, {
    readSeries: plan.home.readSeries,
    alarm: (arn) => dashboardAlarm(plan, arn),
    logs: (query) => {
      const missing = logs.missing(query.startMs);
      if (missing !== undefined) notices.add(missing);
      return logs.query(query);
    },
  });
  return { ...view, notices: [...view.notices, ...notices] };
}

function dashboardAlarm(plan: Plan, arn: string): DashboardAlarm | undefined {
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
}

/** Metric names that have data, by namespace. */
export function metricNames(
  regions: readonly CloudWatchRegion[],
): Readonly<Record<string, readonly string[]>> {
  const names = new Map<string, Set<string>>();
  const metrics = regions.flatMap((region) => region.metrics());
  for (const { namespace, metricName } of metrics.map(({ identity }) => identity))
    names.set(namespace, (names.get(namespace) ?? new Set()).add(metricName));
  return Object.fromEntries([...names].map(([namespace, set]) => [namespace, [...set]]));
}
