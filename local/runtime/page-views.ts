import type { DashboardView, WidgetView } from "@wrist-agent/cloudwatch/dashboards/dashboard-view";
import { openingRangeSeconds } from "@wrist-agent/cloudwatch/dashboards/time-range";
import { isJsonObject, type JsonObject, parseJsonObject } from "@wrist-agent/cloudwatch/json";
import type { Drawer } from "../drawing/drawer.ts";
import type { KnownAlarm } from "../drawing/protocol.ts";
import type { DashboardStore } from "../monitoring/cloudwatch-account.ts";
import type { CloudWatchRegion } from "../monitoring/cloudwatch-region.ts";
import type { WidgetRequest } from "../server/aws/cloudwatch-widget-image.ts";
import type { DashboardQuery, DashboardTexts } from "../server/page-api.ts";
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
  const young = hasShortPeriods(own) ? openingSeconds(ownSeconds, nowMs - (oldestMs() ?? nowMs)) : ownSeconds;
  const seconds = rangeSeconds ?? young;
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

/** Draws one metric widget in the worker, as GetMetricWidgetImage asks for it. */
export async function drawOneWidget(
  drawer: Pick<Drawer, "draw">,
  plan: Pick<Plan, "regions">,
  { properties, region, startMs, endMs }: WidgetRequest,
): Promise<WidgetView> {
  const widget = { type: "metric", x: 0, y: 0, width: 24, height: 12, properties: { region, ...properties } };
  const body = JSON.stringify({ widgets: [widget] });
  const drawn = await drawer.draw({ name: "", body, startMs, endMs, region, alarms: knownAlarms(plan) });
  const [view] = drawnView(drawn).widgets;
  if (view === undefined) throw new Error("the drawing of one widget has none");
  return view;
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

/**
 * A chart is about a thousand pixels wide: its end moves on by whole pixels, so that most refreshes move
 * nothing.
 */
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

/** Periods that a chart can fall back to, seconds, the longest first. */
const SHORTER_PERIODS = [3600, 900, 300, 60] as const;

/** A chart of fewer points says little: one bar an hour in a range of an hour. */
const MIN_POINTS = 12;

const DAY_SECONDS = 86_400;

/** How titles name a period of so many seconds, after `per` and after `of`. */
const PERIOD_WORDS: Readonly<Record<number, readonly [per: string, of: string]>> = {
  3600: ["hour", "the hour"],
  900: ["15 minutes", "15 minutes"],
  300: ["5 minutes", "5 minutes"],
  60: ["minute", "the minute"],
};

/**
 * A dashboard's body in which the periods of charts follow a short range, as with the period override of
 * CloudWatch's console: so a young system, or a zoom into an incident, is not drawn as a single bar. Titles
 * name the period that is drawn.
 *
 * Charts with a line at a value keep theirs, since what a threshold is compared with depends on it, and so do
 * those of days and those with a range of their own.
 */
export function bodyWithPeriodsOf(body: string, rangeSeconds: number): string {
  const dashboard = parseJsonObject(body);
  if (!Array.isArray(dashboard?.widgets)) return body;
  const widgets = dashboard.widgets.map((widget: unknown) =>
    isJsonObject(widget) && isJsonObject(widget.properties) && isTimeSeries(widget, widget.properties)
      ? { ...widget, properties: withPeriodOf(widget.properties, rangeSeconds) }
      : widget,
  );
  return JSON.stringify({ ...dashboard, widgets });
}

/** Whether a chart of a dashboard has something to say of an hour: one of bars a day has not. */
export function hasShortPeriods(body: string): boolean {
  const dashboard = parseJsonObject(body);
  const widgets: readonly unknown[] = Array.isArray(dashboard?.widgets) ? dashboard.widgets : [];
  const charts = widgets.filter(isJsonObject).flatMap((widget) => {
    const { properties } = widget;
    return isJsonObject(properties) && isChart(widget, properties) ? [properties] : [];
  });
  return charts.length === 0 || charts.some((properties) => longestPeriod(properties) <= SHORTER_PERIODS[0]);
}

function isChart({ type }: JsonObject, { view }: JsonObject): boolean {
  return type === "metric" && (view === undefined || view === "timeSeries");
}

function isTimeSeries(widget: JsonObject, properties: JsonObject): boolean {
  const { annotations } = properties;
  const lines = isJsonObject(annotations) ? annotations.horizontal : undefined;
  const keeps = properties.start !== undefined || (Array.isArray(lines) && lines.length > 0);
  return isChart(widget, properties) && !keeps;
}

/** CloudWatch's own where a widget says nothing. */
const DEFAULT_PERIOD_SECONDS = 300;

function withPeriodOf(properties: JsonObject, rangeSeconds: number): JsonObject {
  const rows = rowsOf(properties);
  const longest = longestPeriod(properties);
  const seconds = shorterPeriod(longest, rangeSeconds);
  if (seconds === undefined) return properties;
  const shortened = (row: unknown): unknown =>
    Array.isArray(row)
      ? row.map((part: unknown) =>
          isJsonObject(part) && part.period !== undefined ? { ...part, period: seconds } : part,
        )
      : row;
  const { title } = properties;
  return {
    ...properties,
    period: seconds,
    metrics: rows.map(shortened),
    ...(typeof title === "string" && { title: retitled(title, longest, seconds) }),
  };
}

function rowsOf({ metrics }: JsonObject): readonly unknown[] {
  return Array.isArray(metrics) ? metrics : [];
}

function longestPeriod(properties: JsonObject): number {
  const asked = rowsOf(properties).flatMap((row) => periodOf(optionsOf(row)) ?? []);
  return Math.max(periodOf(properties) ?? DEFAULT_PERIOD_SECONDS, ...asked);
}

function optionsOf(row: unknown): JsonObject {
  const last: unknown = Array.isArray(row) ? row.at(-1) : undefined;
  return isJsonObject(last) ? last : {};
}

function periodOf({ period }: JsonObject): number | undefined {
  return typeof period === "number" && period > 0 ? period : undefined;
}

/** `undefined` where the period fits the range, or is one of days. */
function shorterPeriod(asked: number, rangeSeconds: number): number | undefined {
  if (asked >= DAY_SECONDS || rangeSeconds / asked >= MIN_POINTS) return undefined;
  const fitting = SHORTER_PERIODS.find((seconds) => rangeSeconds / seconds >= MIN_POINTS) ?? 60;
  return fitting < asked ? fitting : undefined;
}

function retitled(title: string, from: number, to: number): string {
  const [before, after] = [PERIOD_WORDS[from], PERIOD_WORDS[to]];
  if (before === undefined || after === undefined) return title;
  return title.replace(`per ${before[0]}`, `per ${after[0]}`).replace(`of ${before[1]}`, `of ${after[1]}`);
}
