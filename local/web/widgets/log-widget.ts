import { h, type ComponentChild } from "preact";
import type { LogWidget } from "../views.ts";
import { readLogTime } from "../words/log-time.ts";
import { bothTimes, secondTime, utcDay } from "../words/time.ts";
import { LogBarChart } from "./log-bar-chart.ts";
import { readLogBars } from "./log-bars.ts";

interface Props {
  readonly widget: LogWidget;
  readonly startMs: number;
  readonly endMs: number;
}

/** What a log query found: bars where the widget asks for them and the rows are counts, else a table. */
export function LogBody({ widget, startMs, endMs }: Props): ComponentChild {
  if (widget.rows.length === 0)
    return h("p", { class: "empty" }, "The query found no log lines in this time range.");
  const bars = widget.view === "bar" ? readLogBars(widget) : undefined;
  if (bars !== undefined) return h(LogBarChart, { title: widget.title ?? "Log lines", bars, startMs, endMs });
  return h("div", null, [
    widget.view === "table"
      ? null
      : h("p", { class: "hint" }, `Shown as a table: a ${widget.view} of these log rows is not drawn here.`),
    h(Table, { widget, nowMs: endMs }),
  ]);
}

function Table({ widget, nowMs }: { readonly widget: LogWidget; readonly nowMs: number }): ComponentChild {
  const heads = widget.fields.map((field) => h("th", { scope: "col", key: field }, field));
  const row = (cells: Readonly<Record<string, string>>): ComponentChild =>
    h(
      "tr",
      null,
      widget.fields.map((field) => h(Cell, { key: field, text: cells[field] ?? "", nowMs })),
    );
  // Without a place in the tab order, a keyboard cannot scroll to the last column.
  const scrolls = { role: "region", tabIndex: 0, "aria-label": widget.title ?? "Log lines" };
  return h("div", { class: "scroll", ...scrolls }, [
    h("table", null, [h("thead", null, h("tr", null, heads)), h("tbody", null, widget.rows.map(row))]),
  ]);
}

/** Longest text that is kept on one line. */
const MOST_ON_LINE = 40;
const DAY_MS = 86_400_000;

/** Logs Insights writes UTC; the page shows the reader's zone, as everywhere. */
function Cell({ text, nowMs }: { readonly text: string; readonly nowMs: number }): ComponentChild {
  const timeMs = readLogTime(text);
  if (timeMs === undefined) return h("td", { class: text.length <= MOST_ON_LINE ? "nowrap" : "long" }, text);
  const time = { dateTime: new Date(timeMs).toISOString(), title: bothTimes(timeMs) };
  // A bin of a day is a day of UTC: the reader's zone would name the evening before it.
  const words = timeMs % DAY_MS === 0 ? utcDay(timeMs) : secondTime(timeMs, nowMs);
  return h("td", { class: "nowrap" }, h("time", time, words));
}
