import { h, type ComponentChild } from "preact";
import type { DashboardView, WidgetView } from "../views.ts";
import { Markdown } from "../words/text-views.ts";
import { AlarmChips } from "./alarm-chips.ts";
import { LogBody } from "./log-widget.ts";
import { MetricBody } from "./metric-widget.ts";

interface Props {
  readonly widget: WidgetView;
  readonly view: DashboardView;
  /** Left out of the names of its alarms. */
  readonly stage: string;
}

/** Any widget at its place on the grid. */
export function Widget({ widget, view, stage }: Props): ComponentChild {
  const { x, y, width, height } = widget.place;
  const style = { gridColumn: `${x + 1} / span ${width}`, gridRow: `${y + 1} / span ${height}` };
  const title = widget.type === "text" ? undefined : widget.title;
  return h("section", { class: `widget ${kindOf(widget)}`, style, "aria-label": title }, [
    title === undefined ? null : h("h3", { title }, title),
    h("div", { class: "widget-body" }, bodyOf({ widget, view, stage })),
  ]);
}

/** What the style sheet tells apart. */
function kindOf(widget: WidgetView): string {
  if (widget.type === "metric" || widget.type === "log") return `${widget.type} view-${widget.view}`;
  return widget.type === "text" && widget.background === "transparent" ? "text transparent" : widget.type;
}

function bodyOf({ widget, view: { startMs, endMs }, stage }: Props): ComponentChild {
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
