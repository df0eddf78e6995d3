import type { DashboardView } from "@wrist-agent/cloudwatch/dashboards/dashboard-view";
import { isJsonObject, parseJsonObject } from "@wrist-agent/cloudwatch/json";
import { openingRangeSeconds } from "@wrist-agent/cloudwatch/dashboards/time-range";
import type { Drawer } from "../drawing/drawer.ts";
import type { KnownAlarm } from "../drawing/protocol.ts";
import type { CloudWatchRegion } from "../monitoring/cloudwatch-region.ts";
import type { DashboardStore } from "../monitoring/cloudwatch-account.ts";
import type { DashboardQuery, DashboardTexts } from "../server/page-api.ts";
import { bodyWithPeriodsOf } from "./period-of-range.ts";
import { type LocalAddress, type Plan, withLocalAddress } from "./plan.ts";

/** What CloudWatch shows of a dashboard that says nothing of its range. */
const DEFAULT_RANGE_SECONDS = 10_800;

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
  { name, rangeSeconds, endMs, logs }: DashboardQuery,
  { nowMs, address }: DashboardViewpoint,
): Promise<DashboardTexts | undefined> {
  const source = dashboardStore.find(name);
  if (source === undefined) return undefined;
  const own = withLocalAddress(source.body, address);
  const ownSeconds = openingRangeSeconds(own, nowMs) ?? DEFAULT_RANGE_SECONDS;
  const seconds = rangeSeconds ?? openingSeconds(ownSeconds, nowMs - (oldestMs() ?? nowMs));
  const end = endMs ?? drawnUpTo(nowMs, seconds);
  return drawer.draw({
    name,
    body: bodyWithPeriodsOf(logs === "later" ? bodyWithoutLogs(own) : own, seconds),
    startMs: end - seconds * 1e3,
    endMs: end,
    region: plan.home.home.region,
    alarms: knownAlarms(plan),
  });
}

/** The body with a line of text in the place of each log query. */
export function bodyWithoutLogs(body: string): string {
  const dashboard = parseJsonObject(body);
  if (!Array.isArray(dashboard?.widgets)) return body;
  const widgets = dashboard.widgets.map((widget: unknown) => {
    if (!isJsonObject(widget) || widget.type !== "log") return widget;
    const title = isJsonObject(widget.properties) ? widget.properties.title : undefined;
    const heading = typeof title === "string" ? `**${title}**\n\n` : "";
    return { ...widget, type: "text", properties: { markdown: `${heading}Querying the log…` } };
  });
  return JSON.stringify({ ...dashboard, widgets });
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
