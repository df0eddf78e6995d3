import { type ComponentChild, h } from "preact";
import { useMemo } from "preact/hooks";
import type { AlarmDetail, AlarmStateSpan } from "../../server/wire.ts";
import { MetricBody } from "../dashboards/metric-widget.ts";
import { clockTime } from "../format/time.ts";
import type { AlarmState, MetricWidget, WidgetView } from "../state/live.ts";

/** The colours of states behind a chart; plain, as a canvas takes them, and seen on light and on dark. */
const BAND_COLORS: Readonly<Record<AlarmState, string>> = {
  OK: "#2c9c6a",
  ALARM: "#d62728",
  INSUFFICIENT_DATA: "#d9a02b",
};

/** A chart with the states of an alarm as bands behind it. */
function withStateBands(widget: MetricWidget, states: readonly AlarmStateSpan[]): MetricWidget {
  const bands = states.map(({ state, fromMs, toMs }) => ({
    timeMs: fromMs,
    toTimeMs: toMs,
    color: BAND_COLORS[state],
  }));
  return { ...widget, vertical: [...bands, ...widget.vertical] };
}

/**
 * What an alarm evaluates against its threshold, and the metrics that this is computed from, over its states.
 */
export function AlarmCharts({ detail }: { readonly detail: AlarmDetail }): ComponentChild {
  const { charts, states, startMs, endMs } = detail;
  const chart = (widget: WidgetView, i: number): ComponentChild =>
    h("figure", { key: i, class: "alarm-chart" }, [
      h("figcaption", null, i === 0 ? "Evaluated value against the threshold" : chartTitle(widget)),
      widget.type === "metric"
        ? h(BandedChart, { widget, states, startMs, endMs })
        : h("p", { class: "notice" }, widget.type === "refused" ? widget.reason : widget.type),
    ]);
  return h("div", { class: "alarm-charts" }, charts.map(chart));
}

function chartTitle(widget: WidgetView): string {
  return "title" in widget ? (widget.title ?? "") : "";
}

interface BandedChartProps {
  readonly widget: MetricWidget;
  readonly states: readonly AlarmStateSpan[];
  readonly startMs: number;
  readonly endMs: number;
}

function BandedChart({ widget, states, startMs, endMs }: BandedChartProps): ComponentChild {
  const banded = useMemo(() => withStateBands(widget, states), [widget, states]);
  return h(MetricBody, { widget: banded, startMs, endMs });
}

/** The states of an alarm over its range, as a strip and as words. */
export function StateTimeline({ detail, nowMs }: { detail: AlarmDetail; nowMs: number }): ComponentChild {
  const { states, startMs, endMs } = detail;
  const total = endMs - startMs;
  const words = ({ state, fromMs, toMs }: AlarmStateSpan): string =>
    `${state.replace("_", " ")} from ${clockTime(fromMs, nowMs)} to ${clockTime(toMs, nowMs)}`;
  const span = (one: AlarmStateSpan): ComponentChild =>
    h("span", {
      key: one.fromMs,
      class: `state-span state-${one.state}`,
      title: words(one),
      style: {
        left: `${((one.fromMs - startMs) / total) * 100}%`,
        width: `${((one.toMs - one.fromMs) / total) * 100}%`,
      },
    });
  return h("div", { class: "timeline" }, [
    h(
      "div",
      { class: "timeline-strip", role: "img", "aria-label": `States: ${states.map(words).join("; ")}` },
      states.map(span),
    ),
    h("p", { class: "timeline-ends hint" }, [
      h("span", null, clockTime(startMs, nowMs)),
      h("span", null, clockTime(endMs, nowMs)),
    ]),
  ]);
}
