import { h, type ComponentChild } from "preact";
import { useEffect, useState } from "preact/hooks";
import { readApi, type Live } from "../live.ts";
import { MetricBody } from "../widgets/metric-widget.ts";
import { hashOf, RANGES, rangeOfSeconds, type RangeName, type Route } from "../route.ts";
import { shortAlarmName } from "../words/short-alarm-name.ts";
import { Markdown } from "../words/text-views.ts";
import type { DashboardView, LogWidget, WidgetView } from "../views.ts";

interface Props {
  readonly live: Live;
  readonly route: Route;
}

/** One dashboard on its grid, with the choice of dashboards and time ranges. */
export function DashboardsSection({ live, route }: Props): ComponentChild {
  const names = live.overview?.dashboards ?? [];
  const name = route.item ?? names[0];
  const loaded = useDashboard(name, route.range, live.turn);
  if (name === undefined)
    return h(
      "p",
      { class: "empty" },
      "The templates hold no dashboard: synthesise a stage whose monitoring has one.",
    );
  const shownRange = route.range ?? rangeOfView(loaded.view);
  const tab = (label: string, to: Route, isCurrent: boolean): ComponentChild =>
    h("a", { key: label, href: hashOf(to), "aria-current": isCurrent ? "true" : undefined }, label);
  const ranges = Object.keys(RANGES) as RangeName[];
  return h("div", null, [
    h("div", { class: "toolbar" }, [
      h("nav", { class: "chips", "aria-label": "Dashboards" }, [
        names.map((one) => tab(one, { section: "dashboards", item: one }, one === name)),
      ]),
      h("nav", { class: "chips", "aria-label": "Time range" }, [
        ranges.map((range) => tab(range, { ...route, item: name, range }, range === shownRange)),
      ]),
    ]),
    loaded.error === undefined ? null : h("p", { class: "notice", role: "alert" }, loaded.error),
    loaded.view === undefined ? null : h(Grid, { view: loaded.view, stage: live.overview?.stage ?? "" }),
  ]);
}

interface Loaded {
  readonly view?: DashboardView;
  readonly error?: string;
}

function rangeOfView(view: DashboardView | undefined): RangeName | undefined {
  return view === undefined ? undefined : rangeOfSeconds(Math.round((view.endMs - view.startMs) / 1000));
}

function useDashboard(name: string | undefined, range: RangeName | undefined, turn: number): Loaded {
  const [loaded, setLoaded] = useState<Loaded>({});
  useEffect(() => {
    if (name === undefined) return undefined;
    let isCurrent = true;
    const asked = range === undefined ? "" : `&range=${RANGES[range]}`;
    readApi("/api/dashboard", `?name=${encodeURIComponent(name)}${asked}`).then(
      (view) => isCurrent && setLoaded({ view }),
      // Without a connection the last view stays: the top of the page says that it is old.
      (cause: unknown) =>
        isCurrent && !(cause instanceof TypeError) && setLoaded({ error: (cause as Error).message }),
    );
    return () => (isCurrent = false);
  }, [name, range, turn]);
  return loaded;
}

function Grid({ view, stage }: Omit<WidgetProps, "widget">): ComponentChild {
  const ordered = [...view.widgets].sort((a, b) => a.place.y - b.place.y || a.place.x - b.place.x);
  return h("div", null, [
    view.notices.map((notice) => h("p", { class: "notice", key: notice }, notice)),
    h(
      "div",
      { class: "grid" },
      ordered.map((widget, i) => h(Widget, { key: `${view.name} ${i}`, widget, view, stage })),
    ),
  ]);
}

interface WidgetProps {
  readonly widget: WidgetView;
  readonly view: DashboardView;
  /** Left out of the names of its alarms. */
  readonly stage: string;
}

function Widget({ widget, view, stage }: WidgetProps): ComponentChild {
  const { x, y, width, height } = widget.place;
  const style = { gridColumn: `${x + 1} / span ${width}`, gridRow: `${y + 1} / span ${height}` };
  const title = widget.type === "text" ? undefined : widget.title;
  const plain = widget.type === "text" && widget.background === "transparent" ? " transparent" : "";
  return h("section", { class: `widget ${widget.type}${plain}`, style }, [
    title === undefined ? null : h("h3", { title }, title),
    h("div", { class: "widget-body" }, bodyOf({ widget, view, stage })),
  ]);
}

function bodyOf({ widget, view: { startMs, endMs }, stage }: WidgetProps): ComponentChild {
  switch (widget.type) {
    case "metric":
      return h(MetricBody, { widget, startMs, endMs });
    case "text":
      return h(Markdown, { markdown: widget.markdown });
    case "alarm":
      return h(
        "ul",
        { class: "alarm-chips" },
        widget.alarms.map(({ alarmName, state }) =>
          h("li", { key: alarmName, class: `state-${state}` }, [
            h(
              "a",
              {
                href: hashOf({ section: "alarms", item: alarmName }),
                title: alarmName,
                "aria-label": alarmName,
              },
              shortAlarmName(alarmName, stage),
            ),
            h("span", { class: "badge" }, state.replace("_", " ")),
          ]),
        ),
      );
    case "log":
      return h(LogRows, { widget });
    case "refused":
      return h("p", { class: "notice" }, `Not drawn here: ${widget.reason}`);
  }
}

function LogRows({ widget }: { readonly widget: LogWidget }): ComponentChild {
  if (widget.rows.length === 0)
    return h("p", { class: "empty" }, "The query found no log lines in this time range.");
  const heads = widget.fields.map((field) => h("th", { scope: "col", key: field }, field));
  const row = (cells: Readonly<Record<string, string>>): ComponentChild =>
    h(
      "tr",
      null,
      widget.fields.map((field) => h("td", { key: field }, cells[field] ?? "")),
    );
  return h("div", null, [
    widget.view === "table"
      ? null
      : h("p", { class: "hint" }, `Shown as a table: a ${widget.view} of log rows is not drawn here.`),
    h("div", { class: "scroll" }, [
      h("table", null, [h("thead", null, h("tr", null, heads)), h("tbody", null, widget.rows.map(row))]),
    ]),
  ]);
}
