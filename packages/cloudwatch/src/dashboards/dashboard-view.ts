import type { AlarmState } from "../alarm.ts";

/** Place and size of a widget on the 24-column grid. */
export interface WidgetPlace {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** One drawn line, bar, slice or number of a metric widget. */
export interface SeriesView {
  readonly id: string;
  /** Dynamic labels are already filled in. */
  readonly label: string;
  readonly color?: string;
  readonly yAxis: "left" | "right";
  /** The statistic of a metric, as the widget spells it; an expression has none. */
  readonly stat?: string;
  readonly startMs: number;
  readonly periodSeconds: number;
  /** JSON has no `undefined`: a gap is `null`. */
  readonly values: readonly (number | null)[];
}

/** A threshold line or band of a metric widget. */
export interface HorizontalAnnotation {
  readonly value: number;
  /** The other edge of a band. */
  readonly toValue?: number;
  readonly label?: string;
  readonly color?: string;
  readonly fill?: "above" | "below";
  readonly yAxis: "left" | "right";
}

/** A moment or span marked on a metric widget. */
export interface VerticalAnnotation {
  readonly timeMs: number;
  readonly toTimeMs?: number;
  readonly label?: string;
  readonly color?: string;
  readonly fill?: "before" | "after";
}

/** Bounds and title of a y axis. */
export interface AxisView {
  readonly min?: number;
  readonly max?: number;
  readonly label?: string;
  readonly showUnits?: boolean;
}

/** How a metric widget is drawn. */
export type MetricViewKind = "timeSeries" | "singleValue" | "gauge" | "bar" | "pie" | "table";

/** A metric widget with its data. */
export interface MetricWidgetView {
  readonly type: "metric";
  readonly place: WidgetPlace;
  /** Its own span of time, epoch milliseconds; the dashboard's when missing. */
  readonly range?: { readonly startMs: number; readonly endMs: number };
  readonly title?: string;
  readonly view: MetricViewKind;
  readonly stacked: boolean;
  readonly sparkline: boolean;
  /** One value over the whole range instead of a line. */
  readonly setPeriodToTimeRange: boolean;
  readonly legend: "right" | "bottom" | "hidden";
  readonly left?: AxisView;
  readonly right?: AxisView;
  readonly series: readonly SeriesView[];
  readonly horizontal: readonly HorizontalAnnotation[];
  readonly vertical: readonly VerticalAnnotation[];
}

/** A text widget: Markdown as CloudWatch accepts it. */
export interface TextWidgetView {
  readonly type: "text";
  readonly place: WidgetPlace;
  readonly markdown: string;
  readonly background: "solid" | "transparent";
}

/** An alarm-state widget. */
export interface AlarmWidgetView {
  readonly type: "alarm";
  readonly place: WidgetPlace;
  readonly title?: string;
  readonly alarms: readonly { readonly alarmName: string; readonly state: AlarmState }[];
}

/** A log widget with the rows that its query found. */
export interface LogWidgetView {
  readonly type: "log";
  readonly place: WidgetPlace;
  readonly title?: string;
  readonly view: "table" | "timeSeries" | "bar" | "pie";
  readonly fields: readonly string[];
  readonly rows: readonly Readonly<Record<string, string>>[];
}

/** A widget, or a part of one, that this runtime does not draw: shown with its reason, never dropped. */
export interface RefusedWidgetView {
  readonly type: "refused";
  readonly place: WidgetPlace;
  readonly title?: string;
  readonly reason: string;
}

/** Any widget, ready to draw. */
export type WidgetView =
  | MetricWidgetView
  | TextWidgetView
  | AlarmWidgetView
  | LogWidgetView
  | RefusedWidgetView;

/** A dashboard over a time range, ready to draw. */
export interface DashboardView {
  readonly name: string;
  /** Epoch milliseconds. */
  readonly startMs: number;
  readonly endMs: number;
  readonly widgets: readonly WidgetView[];
  /** Unknown members and everything else that was named instead of guessed. */
  readonly notices: readonly string[];
}
