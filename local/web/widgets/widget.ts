import { type ComponentChild, h } from "preact";
import { AlarmLink, StateBadge } from "../alarms/alarm-badges.ts";
import { Markdown } from "../format/text-views.ts";
import type { AlarmWidget, DashboardView, WidgetView } from "../state/live.ts";
import { LogBody } from "./log-widget.ts";
import { MetricBody } from "./metric-widget.ts";

interface WidgetProps {
  readonly widget: WidgetView;
  readonly view: DashboardView;
  /** Left out of the names of its alarms. */
  readonly stage: string;
}

/** Any widget at its place on the grid. */
export function Widget({ widget, view, stage }: WidgetProps): ComponentChild {
  const { x, y, width, height } = widget.place;
  const style = { gridColumn: `${x + 1} / span ${width}`, gridRow: `${y + 1} / span ${height}` };
  const title = widget.type === "text" ? undefined : widget.title;
  return h("section", { class: `widget ${widgetClass(widget)}`, style, "aria-label": title }, [
    title === undefined ? null : h("h3", { title }, title),
    h("div", { class: "widget-body" }, widgetBody({ widget, view, stage })),
  ]);
}

/** What the style sheet tells apart. */
function widgetClass(widget: WidgetView): string {
  if (widget.type === "metric" || widget.type === "log") return `${widget.type} view-${widget.view}`;
  return widget.type === "text" && widget.background === "transparent" ? "text transparent" : widget.type;
}

function widgetBody({ widget, view: { startMs, endMs }, stage }: WidgetProps): ComponentChild {
  switch (widget.type) {
    case "metric":
      return h(MetricBody, { widget, startMs, endMs });
    case "text":
      return h(Markdown, { markdown: widget.markdown });
    case "alarm":
      return h(AlarmChips, { widget, stage });
    case "log":
      return h(LogBody, { widget, startMs, endMs });
    case "refused":
      return h("p", { class: "notice" }, `Not drawn here: ${widget.reason}`);
  }
}

interface AlarmChipsProps {
  readonly widget: AlarmWidget;
  /** Left out of the names. */
  readonly stage: string;
}

/** A tile for each alarm, which leads to it. */
function AlarmChips({ widget, stage }: AlarmChipsProps): ComponentChild {
  return h("ul", { class: "alarm-chips" }, [
    widget.alarms.map(({ alarmName, state }) =>
      h("li", { key: alarmName, class: `state-${state}` }, [
        h(AlarmLink, { alarmName, stage }),
        h(StateBadge, { state }),
      ]),
    ),
  ]);
}
