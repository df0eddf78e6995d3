import { type AlarmDefinition, alarmNameOf, isComposite } from "@wrist-agent/cloudwatch/alarm";
import { alarmCondition } from "@wrist-agent/cloudwatch/alarms/alarm-plan";
import { alarmRuleCauses, parseAlarmRule } from "@wrist-agent/cloudwatch/alarms/alarm-rule";
import type { DashboardView } from "@wrist-agent/cloudwatch/dashboards/dashboard-view";
import { openingRangeSeconds } from "@wrist-agent/cloudwatch/dashboards/time-range";
import type { Drawer } from "../drawing/drawer.ts";
import type { KnownAlarm } from "../drawing/protocol.ts";
import type { CloudWatchRegion } from "../monitoring/cloudwatch-region.ts";
import type { DashboardStore } from "../monitoring/dashboard-store.ts";
import type { DashboardQuery, DashboardTexts } from "../server/page-api.ts";
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
  readonly drawer: Drawer;
  /** When the oldest entry came, epoch milliseconds; `undefined` while there is none. */
  readonly oldestMs: () => number | undefined;
}

/** When and where a dashboard is looked at. */
export interface DashboardViewpoint {
  /** Epoch milliseconds up to which it is drawn. */
  readonly nowMs: number;
  /** Stands in its texts in place of the templates'. */
  readonly address: LocalAddress;
}

/** Draws a dashboard in the worker; `undefined` when there is none of that name. */
export async function drawDashboard(
  { plan, dashboardStore, drawer, oldestMs }: DashboardDrawingSources,
  { name, rangeSeconds, endMs }: DashboardQuery,
  { nowMs, address }: DashboardViewpoint,
): Promise<DashboardTexts | undefined> {
  const source = dashboardStore.find(name);
  if (source === undefined) return undefined;
  const body = withLocalAddress(source.body, address);
  const own = openingRangeSeconds(body, nowMs) ?? DEFAULT_RANGE_SECONDS;
  const seconds = rangeSeconds ?? openingSeconds(own, nowMs - (oldestMs() ?? nowMs));
  const end = endMs ?? drawnUpTo(nowMs, seconds);
  return drawer.draw({
    name,
    body,
    startMs: end - seconds * 1e3,
    endMs: end,
    region: plan.home.home.region,
    alarms: knownAlarms(plan),
  });
}

/** The shortest ranges with which a young system opens, seconds: 24 hours of nothing say nothing. */
const OPENING_RANGES = [900, 3600, 10_800, 43_200] as const;

/** The dashboard's own range, or the shortest that shows everything that there is. */
function openingSeconds(own: number, ageMs: number): number {
  const enough = OPENING_RANGES.find((seconds) => seconds * 1000 >= ageMs);
  return enough === undefined ? own : Math.min(own, enough);
}

/** A chart is about a thousand pixels wide: its end moves on by whole pixels, so that most refreshes move nothing. */
const PIXELS = 1000;
const MIN_STEP_MS = 2000;

function drawnUpTo(nowMs: number, rangeSeconds: number): number {
  const stepMs = Math.max(MIN_STEP_MS, Math.floor(rangeSeconds / PIXELS) * 1000);
  return Math.ceil(nowMs / stepMs) * stepMs;
}

function knownAlarms({ regions }: Pick<Plan, "regions">): readonly KnownAlarm[] {
  return regions
    .flatMap((region) => region.alarms.describe())
    .map(({ arn, definition, status: { state, stateUpdatedMs } }) => ({
      arn,
      definition,
      state,
      stateUpdatedMs,
    }));
}

/** The view that the texts of a drawing stand for. */
export function drawnView({ frame, widgets }: DashboardTexts): DashboardView {
  const view = JSON.parse(frame) as DashboardView;
  return {
    ...view,
    widgets: widgets.map((widget) => JSON.parse(widget) as DashboardView["widgets"][number]),
  };
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
