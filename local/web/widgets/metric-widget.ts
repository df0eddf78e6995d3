import { h, type ComponentChild } from "preact";
import { Chart } from "../charts/chart.ts";
import { seriesColor } from "../charts/chart-theme.ts";
import { Bars, Gauge, Numbers, Pie, SummaryTable } from "./number-views.ts";
import { shortNumber, summarise } from "../words/series-summary.ts";
import type { MetricWidget } from "../views.ts";

/** A metric widget with the time range of its dashboard. */
export interface MetricProps {
  readonly widget: MetricWidget;
  readonly startMs: number;
  readonly endMs: number;
}

const VIEWS: Readonly<Record<MetricWidget["view"], (props: MetricProps) => ComponentChild>> = {
  timeSeries: TimeSeries,
  singleValue: Numbers,
  gauge: Gauge,
  bar: Bars,
  pie: Pie,
  table: SummaryTable,
};

/** A metric widget in the view that it asks for. */
export function MetricBody(props: MetricProps): ComponentChild {
  const { widget } = props;
  const hasPoints = widget.series.some((one) => one.values.some((value) => value !== null));
  const isChart = widget.view === "timeSeries";
  if (widget.series.length === 0) return h("p", { class: "empty" }, "This widget has no metrics.");
  if (!hasPoints && !isChart) return h("p", { class: "empty" }, "No data in this time range.");
  return h(VIEWS[widget.view], props);
}

function TimeSeries({ widget, startMs, endMs }: MetricProps): ComponentChild {
  const hasPoints = widget.series.some((one) => one.values.some((value) => value !== null));
  return h("div", { class: `series legend-${widget.legend}`, role: "img", "aria-label": describe(widget) }, [
    h(Chart, { widget, startMs, endMs }),
    hasPoints ? null : h("p", { class: "no-data" }, "No data in this time range"),
    widget.legend === "hidden" ? null : h(Legend, { widget }),
  ]);
}

function Legend({ widget }: { readonly widget: MetricWidget }): ComponentChild {
  const entry = (one: MetricWidget["series"][number], i: number): ComponentChild =>
    h("li", { key: one.id }, [
      h("span", { class: "swatch", style: { backgroundColor: seriesColor(one.color, i) } }),
      h("span", { class: "legend-label", title: one.label }, one.label),
      h("span", { class: "legend-value" }, shortNumber(summarise(one).last)),
    ]);
  return h("ul", { class: "legend" }, widget.series.map(entry));
}

function describe(widget: MetricWidget): string {
  const lines = widget.series.map((one) => {
    const { count, last, min, max } = summarise(one);
    if (count === 0) return `${one.label}: no points`;
    return `${one.label}: last ${shortNumber(last)}, from ${shortNumber(min)} to ${shortNumber(max)}, ${count} points`;
  });
  const thresholds = widget.horizontal.map(
    (line) => `threshold ${line.label ?? ""} ${shortNumber(line.value)}`,
  );
  return [`${widget.title ?? "Chart"} over time`, ...lines, ...thresholds].join(". ");
}
