import { isObject } from "../../assembly/template/template.ts";
import { resourcesOf, textOf, type BilledResource } from "../billed-stack.ts";
import { PRICES } from "../prices.ts";
import type { Billed, Reading, Usage } from "../usage.ts";

/** Metrics that a free dashboard may draw. */
export const FREE_DASHBOARD_METRICS = 50;

/** What of a dashboard its price depends on. */
export interface BilledDashboard {
  readonly name: string;
  readonly metrics: number;
  readonly logWidgets: number;
  /** Days that it shows when it is opened; three hours when its body does not say. */
  readonly rangeDays: number;
}

/** Every dashboard of the stacks. */
export function dashboardsOf({ stacks }: Billed): readonly BilledDashboard[] {
  return stacks.flatMap((stack) => resourcesOf(stack, "AWS::CloudWatch::Dashboard")).map(billedDashboard);
}

/** Dashboards: the free ones draw 50 metrics at most. */
export function readDashboards(billed: Billed): Reading {
  return {
    usages: dashboardsOf(billed).map(({ name, metrics }): Usage => ({
      area: "monitoring",
      what: `${name}: ${metrics} metrics`,
      price: metrics > FREE_DASHBOARD_METRICS ? PRICES.wideDashboard : PRICES.dashboard,
      quantity: 1,
    })),
  };
}

function billedDashboard(resource: BilledResource): BilledDashboard {
  const { DashboardName, DashboardBody } = resource.properties;
  const body: unknown = JSON.parse(textOf(DashboardBody) ?? "{}");
  const { widgets = [], start } = isObject(body) ? body : {};
  const all = Array.isArray(widgets) ? widgets.filter(isObject) : [];
  return {
    name: textOf(DashboardName) ?? resource.logicalId,
    metrics: all.reduce((sum, widget) => sum + metricsDrawn(widget), 0),
    logWidgets: all.filter(({ type }) => type === "log").length,
    rangeDays: daysOf(start),
  };
}

function metricsDrawn({ properties }: Readonly<Record<string, unknown>>): number {
  const rows = isObject(properties) ? properties.metrics : undefined;
  if (!Array.isArray(rows)) return 0;
  return rows.filter((row) => Array.isArray(row) && typeof row[0] === "string").length;
}

const DAYS = { H: 1 / 24, D: 1, W: 7, M: 30 } as const;

/** A relative start as `-P7D` or `-PT24H`. */
function daysOf(start: unknown): number {
  const [, count, unit] = /^-PT?(\d+)([HDWM])$/.exec(String(start)) ?? [];
  return count === undefined ? 3 / 24 : Number(count) * DAYS[unit as keyof typeof DAYS];
}
