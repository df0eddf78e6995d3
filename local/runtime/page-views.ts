import { type AlarmDefinition, alarmNameOf, isComposite } from "@wrist-agent/cloudwatch/alarm";
import { alarmCondition } from "@wrist-agent/cloudwatch/alarms/alarm-plan";
import { alarmRuleCauses, parseAlarmRule } from "@wrist-agent/cloudwatch/alarms/alarm-rule";
import { dashboardView } from "@wrist-agent/cloudwatch/dashboards/dashboard";
import { checkDashboardBody } from "@wrist-agent/cloudwatch/dashboards/dashboard-check";
import type { DashboardView } from "@wrist-agent/cloudwatch/dashboards/dashboard-view";
import type { DashboardAlarm } from "@wrist-agent/cloudwatch/dashboards/drawing";
import { openingRangeSeconds } from "@wrist-agent/cloudwatch/dashboards/time-range";
import type { CloudWatchRegion } from "../monitoring/cloudwatch-region.ts";
import type { DashboardStore } from "../monitoring/dashboard-store.ts";
import type { LogStore } from "../monitoring/log-store.ts";
import type { DashboardQuery } from "../server/page-api.ts";
import type { AlarmRow } from "../server/wire.ts";
import { type LocalAddress, type Plan, withLocalAddress } from "./plan.ts";

/** Items of an alarm's history that the page shows. */
const MAX_HISTORY_ITEMS = 50;

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
  return alarmRuleCauses(parseAlarmRule(alarmRule)).map(alarmNameOf);
}

/** Newest first. */
function historyOf(region: CloudWatchRegion, alarmName: string): AlarmRow["history"] {
  return region.alarms
    .history(alarmName)
    .slice(-MAX_HISTORY_ITEMS)
    .reverse()
    .map(({ timestampMs, historySummary }) => ({ timeMs: timestampMs, summary: historySummary }));
}

/** What dashboards are drawn from. */
export interface DashboardDrawingSources {
  readonly plan: Plan;
  readonly dashboardStore: DashboardStore;
  readonly logs: LogStore;
}

/** When and where a dashboard is looked at. */
export interface DashboardViewpoint {
  /** Epoch milliseconds up to which it is drawn. */
  readonly nowMs: number;
  /** Stands in its texts in place of the templates'. */
  readonly address: LocalAddress;
}

/** Draws a dashboard; `undefined` when there is none of that name. */
export function drawDashboard(
  sources: DashboardDrawingSources,
  { name, rangeSeconds }: DashboardQuery,
  { nowMs, address }: DashboardViewpoint,
): DashboardView | undefined {
  const source = sources.dashboardStore.find(name);
  if (source === undefined) return undefined;
  const body = withLocalAddress(source.body, address);
  const seconds = rangeSeconds ?? openingRangeSeconds(body, nowMs) ?? DEFAULT_RANGE_SECONDS;
  return drawDashboardBody(sources, { name, body, startMs: nowMs - seconds * 1000, endMs: nowMs });
}

/** A body to draw over a span of time, epoch milliseconds. */
export interface BodyToDraw {
  readonly name: string;
  readonly body: string;
  readonly startMs: number;
  readonly endMs: number;
}

/** Draws a dashboard's body from the metrics, alarms and log lines that are here. */
export function drawDashboardBody(
  { plan, logs }: DashboardDrawingSources,
  request: BodyToDraw,
): DashboardView {
  const notices = new Set<string>();
  const view = dashboardView(request, {
    readSeries: plan.home.readSeries,
    alarm: (arn) => dashboardAlarm(plan, arn),
    logs: (query) => {
      const missing = logs.missingNotice(query.startMs);
      if (missing !== undefined) notices.add(missing);
      return logs.query(query);
    },
  });
  return { ...view, notices: [...refusalNotices(request.body), ...view.notices, ...notices] };
}

/** What CloudWatch would refuse the dashboard for, were it deployed. */
function refusalNotices(body: string): readonly string[] {
  const { refusal, errors } = checkDashboardBody(body);
  if (refusal === undefined) return [];
  if (errors.length === 0) return [`CloudWatch refuses this dashboard: ${refusal}`];
  return errors.map(
    ({ dataPath, message }) => `CloudWatch refuses this dashboard: ${dataPath || "the body"}: ${message}`,
  );
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
export function storedMetricNames(
  regions: readonly CloudWatchRegion[],
): Readonly<Record<string, readonly string[]>> {
  const names = new Map<string, Set<string>>();
  const metrics = regions.flatMap((region) => region.metrics());
  for (const { namespace, metricName } of metrics.map(({ identity }) => identity))
    names.set(namespace, (names.get(namespace) ?? new Set()).add(metricName));
  return Object.fromEntries([...names].map(([namespace, set]) => [namespace, [...set]]));
}
