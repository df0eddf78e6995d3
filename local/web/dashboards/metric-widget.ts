import { type ComponentChild, h } from "preact";
import { useMemo, useState } from "preact/hooks";
import { quantityText, shortNumber, type Unit, unitOf } from "../format/quantity.ts";
import type { MetricWidget, Series } from "../state/live.ts";
import { chartUnit } from "./chart-axes.ts";
import type { ChartProps } from "./chart-content.ts";
import { isBarChart, summariseSeries } from "./chart-data.ts";
import { seriesColor } from "./chart-theme.ts";
import { Chart } from "./chart.ts";

const VIEWS: Readonly<Record<MetricWidget["view"], (props: ChartProps) => ComponentChild>> = {
  timeSeries: TimeSeries,
  singleValue: SingleValues,
  gauge: Gauge,
  bar: BarList,
  pie: Pie,
  table: SummaryTable,
};

/** A metric widget in the view that it asks for. */
export function MetricBody(props: ChartProps): ComponentChild {
  const { widget } = props;
  const isChart = widget.view === "timeSeries";
  if (widget.series.length === 0)
    return h("p", { class: "empty" }, "No metric matches: nothing has emitted one of these yet.");
  if (!hasPoints(widget) && !isChart) return h("p", { class: "empty" }, "No data in this time range.");
  return h(VIEWS[widget.view], props);
}

function hasPoints({ series }: Pick<MetricWidget, "series">): boolean {
  return series.some((one) => one.values.some((value) => value !== null));
}

/** A chart; a click on a name of its legend leaves that series alone, a second one brings the others back. */
function TimeSeries({ widget, startMs, endMs, onZoom }: ChartProps): ComponentChild {
  const [alone, setAlone] = useState<string>();
  const isolated = widget.series.some(({ label }) => label === alone) ? alone : undefined;
  const shown = useMemo(
    () => (isolated === undefined ? widget : isolatedWidget(widget, isolated)),
    [widget, isolated],
  );
  const pick = (label: string): void => setAlone(label === isolated ? undefined : label);
  return h("div", { class: `series legend-${widget.legend}` }, [
    h("div", { class: "chart-box", role: "img", "aria-label": describeSeries(widget) }, [
      h(Chart, { widget: shown, startMs, endMs, onZoom }),
      hasPoints(widget) ? null : h("p", { class: "no-data" }, h("span", null, emptyReason(widget))),
    ]),
    widget.legend === "hidden" ? null : h(Legend, { widget, isolated, pick }),
  ]);
}

/** Each series keeps the colour that it has among the others. */
function isolatedWidget(widget: MetricWidget, label: string): MetricWidget {
  const series = widget.series.map((one, i) => ({ ...one, color: seriesColor(one.color, i) }));
  return { ...widget, series: series.filter((one) => one.label === label) };
}

/** Why a chart is empty, as far as its statistic and the unit of its axis say. */
function emptyReason({ series, left }: MetricWidget): string {
  const isCount = series.some(({ stat }) => stat === "Sum" || stat === "SampleCount");
  if (!isCount) return "No data in this time range";
  return left?.label === "requests"
    ? "No requests in this time range"
    : "Nothing was counted in this time range";
}

interface LegendProps {
  readonly widget: MetricWidget;
  readonly isolated: string | undefined;
  readonly pick: (label: string) => void;
}

function Legend({ widget, isolated, pick }: LegendProps): ComponentChild {
  const entry = (one: Series, i: number): ComponentChild => {
    const isOff = isolated !== undefined && isolated !== one.label;
    const swatch = { class: "swatch", style: { backgroundColor: seriesColor(one.color, i) } };
    return h("li", { key: one.id, class: isOff ? "off" : "" }, [
      h(
        "button",
        {
          type: "button",
          "aria-pressed": isolated === one.label,
          title: `Show ${one.label} alone`,
          onClick: () => pick(one.label),
        },
        [
          h("span", swatch),
          h("span", { class: "legend-label" }, one.label),
          h("span", { class: "legend-value" }, legendValue(widget, one)),
        ],
      ),
    ]);
  };
  return h("ul", { class: "legend" }, widget.series.map(entry));
}

/** A count is shown as the total of the range, anything else by its newest value. */
function legendValue(widget: MetricWidget, series: Series): string {
  const { last, sum } = summariseSeries(series);
  const isCount =
    series.stat === "Sum" ||
    series.stat === "SampleCount" ||
    // An expression over counts is one itself.
    (series.stat === undefined && isBarChart(widget));
  return quantityText(isCount ? sum : last, seriesUnit(widget, series));
}

/** The unit of a series: what its own label says, else its axis, else the title. */
function seriesUnit(widget: MetricWidget, { label, yAxis }: Series): Unit | undefined {
  return unitOf(label) ?? chartUnit(widget, yAxis);
}

function describeSeries(widget: MetricWidget): string {
  const lines = widget.series.map((one) => {
    const { count, last, min, max } = summariseSeries(one);
    const text = (value: number | undefined): string => quantityText(value, seriesUnit(widget, one));
    if (count === 0) return `${one.label}: no points`;
    return `${one.label}: last ${text(last)}, from ${text(min)} to ${text(max)}, ${count} points`;
  });
  const thresholds = widget.horizontal.map(
    (line) => `threshold ${line.label ?? ""} ${quantityText(line.value, chartUnit(widget, line.yAxis))}`,
  );
  return [`${widget.title ?? "Chart"} over time`, ...lines, ...thresholds].join(". ");
}

interface NumberViewProps {
  readonly widget: MetricWidget;
}

interface NumberItem {
  readonly series: Series;
  readonly color: string;
  readonly value: number | undefined;
}

/** As large as its place allows, whatever its length. */
function BigNumber({ text }: { readonly text: string }): ComponentChild {
  return h("span", { class: "number-value", style: { "--length": Math.max(4, text.length) } }, text);
}

/** Big numbers, each with its label and, when asked for, its sparkline. */
function SingleValues({ widget }: NumberViewProps): ComponentChild {
  const number = ({ series, color, value }: NumberItem): ComponentChild =>
    h("div", { class: "number", key: series.id }, [
      h(BigNumber, { text: quantityText(value, seriesUnit(widget, series)) }),
      h("span", { class: "number-label" }, series.label.replace(/ ?\((ms|USD|%)\)$|^% /, "")),
      widget.sparkline ? h(Sparkline, { series, color }) : null,
    ]);
  return h("div", { class: "numbers" }, numberItems(widget).map(number));
}

/** A half circle from the axis' minimum to its maximum. */
function Gauge({ widget }: NumberViewProps): ComponentChild {
  const { min = 0, max = 100 } = widget.left ?? {};
  const gauge = ({ series, color, value = min }: NumberItem): ComponentChild => {
    const share = Math.min(1, Math.max(0, (value - min) / (max - min || 1)));
    return h("div", { class: "gauge", key: series.id }, [
      h("svg", { viewBox: "0 0 120 70", "aria-hidden": "true" }, [
        h("path", { d: "M10 62 A50 50 0 0 1 110 62", class: "gauge-track" }),
        h("path", {
          d: "M10 62 A50 50 0 0 1 110 62",
          class: "gauge-fill",
          stroke: color,
          pathLength: 100,
          "stroke-dasharray": `${share * 100} 200`,
        }),
      ]),
      h(BigNumber, { text: quantityText(value, seriesUnit(widget, series)) }),
      h("span", { class: "number-label" }, `${series.label} (${shortNumber(min)} to ${shortNumber(max)})`),
    ]);
  };
  return h("div", { class: "numbers" }, numberItems(widget).map(gauge));
}

/** One bar for each series. */
function BarList({ widget }: NumberViewProps): ComponentChild {
  const items = numberItems(widget);
  const largest = Math.max(...items.map(({ value = 0 }) => Math.abs(value)), Number.MIN_VALUE);
  const bar = ({ series, color, value = 0 }: NumberItem): ComponentChild =>
    h("li", { key: series.id }, [
      h("span", { class: "bar-label" }, series.label),
      h(
        "span",
        { class: "bar-track" },
        h("span", {
          class: "bar-fill",
          style: { width: `${(Math.abs(value) / largest) * 100}%`, backgroundColor: color },
        }),
      ),
      h("span", { class: "legend-value" }, quantityText(value, seriesUnit(widget, series))),
    ]);
  return h("ul", { class: "bars" }, items.map(bar));
}

/** A ring of shares with a legend that carries the numbers. */
function Pie({ widget }: NumberViewProps): ComponentChild {
  const items = numberItems(widget).filter(({ value = 0 }) => value > 0);
  const total = items.reduce((sum, { value = 0 }) => sum + value, 0);
  const before = (index: number): number =>
    items.slice(0, index).reduce((sum, { value = 0 }) => sum + value, 0);
  const slice = ({ series, color, value = 0 }: NumberItem, i: number): ComponentChild =>
    h("circle", {
      key: series.id,
      class: "pie-slice",
      r: 36,
      cx: 50,
      cy: 50,
      stroke: color,
      pathLength: 100,
      "stroke-dasharray": `${(value / total) * 100} 200`,
      "stroke-dashoffset": -(before(i) / total) * 100,
    });
  const entry = ({ series, color, value = 0 }: NumberItem): ComponentChild =>
    h("li", { key: series.id }, [
      h("span", { class: "swatch", style: { backgroundColor: color } }),
      h("span", { class: "legend-label" }, series.label),
      h("span", { class: "legend-value" }, `${shortNumber(value)} (${Math.round((value / total) * 100)} %)`),
    ]);
  return h("div", { class: "pie" }, [
    h("svg", { viewBox: "0 0 100 100", "aria-hidden": "true" }, items.map(slice)),
    h("ul", { class: "legend" }, items.map(entry)),
  ]);
}

const SUMMARY_COLUMNS = ["last", "min", "max", "average", "sum", "count"] as const;

/** What each series comes to, as a table. */
function SummaryTable({ widget }: NumberViewProps): ComponentChild {
  const row = (series: Series): ComponentChild => {
    const summary = summariseSeries(series);
    const cell = (name: (typeof SUMMARY_COLUMNS)[number]): ComponentChild =>
      h(
        "td",
        { key: name, class: "num" },
        name === "count" ? summary.count : quantityText(summary[name], seriesUnit(widget, series)),
      );
    return h("tr", { key: series.id }, [h("th", { scope: "row" }, series.label), SUMMARY_COLUMNS.map(cell)]);
  };
  const heads = ["series", ...SUMMARY_COLUMNS].map((name) => h("th", { scope: "col", key: name }, name));
  return h("div", { class: "scroll" }, [
    h("table", null, [h("thead", null, h("tr", null, heads)), h("tbody", null, widget.series.map(row))]),
  ]);
}

function numberItems(widget: MetricWidget): NumberItem[] {
  return widget.series.map((series, i) => ({
    series,
    color: seriesColor(series.color, i),
    value: summariseSeries(series).last,
  }));
}

function Sparkline({ series, color }: { readonly series: Series; readonly color: string }): ComponentChild {
  const { min = 0, max = 0 } = summariseSeries(series);
  const place = (value: number, i: number): string => {
    const x = (i / Math.max(1, series.values.length - 1)) * 100;
    return `${x.toFixed(2)} ${(22 - ((value - min) / (max - min || 1)) * 20).toFixed(2)}`;
  };
  const step = (value: number | null, i: number): string => {
    if (value === null) return "";
    const previous = series.values[i - 1];
    return `${previous === null || previous === undefined ? "M" : "L"}${place(value, i)}`;
  };
  const d = series.values.map(step).join("");
  return h(
    "svg",
    { class: "sparkline", viewBox: "0 0 100 24", preserveAspectRatio: "none", "aria-hidden": "true" },
    h("path", {
      d,
      stroke: color,
      fill: "none",
      "vector-effect": "non-scaling-stroke",
      "stroke-linecap": "round",
    }),
  );
}
