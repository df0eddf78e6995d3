import { h, type ComponentChild } from "preact";
import { seriesColor } from "../charts/chart-theme.ts";
import { shortNumber } from "../words/series-summary.ts";
import { utcDay } from "../words/time.ts";
import { groupPlaces, type LogBarGroup, type LogBars } from "./log-bars.ts";

interface Props {
  readonly title: string;
  readonly bars: LogBars;
  readonly startMs: number;
  readonly endMs: number;
}

/** Share of a group's width that its bars take; the rest keeps it apart from the next one. */
const FILLED = 0.8;
const MOST_LABELS = 7;
const DAY_MS = 86_400_000;

/** Bars of what a log query counted, side by side for each bin or name. */
export function LogBarChart({ title, bars, startMs, endMs }: Props): ComponentChild {
  const { groups, series, largest } = bars;
  const places = groupPlaces(bars, startMs, endMs);
  const group = (_one: LogBarGroup, at: number): ComponentChild => {
    const { left = 0, width = 0 } = places[at] ?? {};
    const each = (width * FILLED) / series.length;
    const rect = (_series: unknown, i: number): ComponentChild => {
      const height = ((series[i]?.values[at] ?? 0) / (largest || 1)) * 100;
      const x = (left + (width * (1 - FILLED)) / 2 + each * i) * 100;
      return h("rect", { x, y: 100 - height, width: each * 100, height, fill: seriesColor(undefined, i) });
    };
    return h("g", { key: at }, [h("title", null, wordsOf(bars, at)), series.map(rect)]);
  };
  const label = (one: LogBarGroup, at: number): ComponentChild => {
    const { left = 0, width = 0 } = places[at] ?? {};
    if (at % Math.ceil(groups.length / MOST_LABELS) !== 0) return null;
    return h("span", { key: at, style: placeOf(left + width / 2) }, nameOf(one, bars.binMs));
  };
  const words = groups.map((_one, at) => wordsOf(bars, at)).join(". ");
  return h("div", { class: "log-bars", role: "img", "aria-label": `${title}, bars. ${words}` }, [
    h("div", { class: "log-bars-axis" }, [h("span", null, shortNumber(largest)), h("span", null, "0")]),
    h("svg", { viewBox: "0 0 100 100", preserveAspectRatio: "none" }, groups.map(group)),
    h("div", { class: "log-bars-names" }, groups.map(label)),
    h(
      "ul",
      { class: "legend" },
      series.map((one, i) =>
        h("li", { key: one.label }, [
          h("span", { class: "swatch", style: { backgroundColor: seriesColor(undefined, i) } }),
          h("span", { class: "legend-label", title: one.label }, one.label),
        ]),
      ),
    ),
  ]);
}

/** Around the middle of its group, but within the chart. */
function placeOf(middle: number): Readonly<Record<string, string>> {
  if (middle > 0.9) return { right: "0" };
  return middle < 0.1 ? { left: "0" } : { left: `${middle * 100}%`, transform: "translateX(-50%)" };
}

function wordsOf({ groups, binMs, series }: LogBars, at: number): string {
  const group = groups[at];
  const values = series.map(({ label, values }) => `${label} ${shortNumber(values[at])}`);
  return `${group === undefined ? "" : nameOf(group, binMs)}: ${values.join(", ")}`;
}

/** Bins of a day or more are days of UTC, whatever the reader's zone. */
function nameOf(group: LogBarGroup, binMs = 0): string {
  if (!("fromMs" in group)) return group.name;
  if (binMs >= DAY_MS) return utcDay(group.fromMs);
  const date = new Date(group.fromMs);
  const time = date.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  return `${date.toLocaleDateString([], { day: "numeric", month: "short" })} ${time}`;
}
