import type { AlarmRow, PageApi } from "../server/wire.ts";

/** A dashboard with its data. */
export type DashboardView = PageApi["/api/dashboard"];
/** Any widget. */
export type WidgetView = DashboardView["widgets"][number];
/** A widget made of metrics. */
export type MetricWidget = Extract<WidgetView, { readonly type: "metric" }>;
/** A widget that lists log rows. */
export type LogWidget = Extract<WidgetView, { readonly type: "log" }>;
/** A widget of alarms' states. */
export type AlarmWidget = Extract<WidgetView, { readonly type: "alarm" }>;
/** One line, bar, slice or number. */
export type Series = MetricWidget["series"][number];
/** The state of an alarm, as CloudWatch spells it. */
export type AlarmState = AlarmRow["state"];
