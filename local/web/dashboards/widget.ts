import { type ComponentChild, h } from "preact";
import { useMemo } from "preact/hooks";
import type { AlarmRow } from "../../server/wire.ts";
import { SeverityBadge, StateBadge, alarmSeverity } from "../format/alarm-urgency.ts";
import { Markdown } from "../format/markdown.ts";
import { titleWithoutUnit } from "../format/quantity.ts";
import { nameWithoutStage } from "../format/text.ts";
import { clockTime, durationText } from "../format/time.ts";
import type { AlarmWidget, WidgetView } from "../state/live.ts";
import { routeHash } from "../state/route.ts";
import { LogBody } from "./log-widget.ts";
import { MetricBody } from "./metric-widget.ts";

interface WidgetProps {
  readonly widget: WidgetView;
  readonly startMs: number;
  readonly endMs: number;
  /** Left out of the names of its alarms. */
  readonly stage: string;
  /** What is known of the alarms that it shows. */
  readonly alarms: readonly AlarmRow[];
  /** Where the widget alone is shown, or the dashboard again when it is. */
  readonly enlargeHref: string;
  /** Shown alone: it takes the whole place. */
  readonly isAlone: boolean;
  readonly onZoom: (fromMs: number, toMs: number) => void;
}

/** Any widget at its place on the grid; what has not changed is not drawn again. */
export function Widget(props: WidgetProps): ComponentChild {
  const { widget, startMs, endMs, stage, enlargeHref, isAlone } = props;
  const alarms = widget.type === "alarm" ? props.alarms : undefined;
  return useMemo(() => widgetElement(props), [widget, startMs, endMs, stage, enlargeHref, isAlone, alarms]);
}

function widgetElement({ widget, enlargeHref, isAlone, ...props }: WidgetProps): ComponentChild {
  const { x, y, width, height } = widget.place;
  const place = {
    gridColumn: `${x + 1} / span ${width}`,
    gridRow: `${y + 1} / span ${height}`,
    ...(fitsContent(widget) && { "--given-height": `${givenHeight(widget.place)}px` }),
  };
  const title = widget.type === "text" ? undefined : widget.title;
  const shown = title === undefined ? undefined : titleWithoutUnit(title);
  return h(
    "section",
    { class: `widget ${widgetClass(widget)}`, style: isAlone ? {} : place, "aria-label": shown },
    [
      shown === undefined
        ? null
        : h("div", { class: "widget-head" }, [
            h("h3", { title }, shown),
            h("span", { class: "hint widget-period" }, periodText(widget)),
            h(EnlargeLink, { href: enlargeHref, title: shown, isAlone }),
          ]),
      h("div", { class: "widget-body" }, widgetBody({ widget, ...props })),
    ],
  );
}

interface EnlargeLinkProps {
  readonly href: string;
  readonly title: string;
  readonly isAlone: boolean;
}

function EnlargeLink({ href, title, isAlone }: EnlargeLinkProps): ComponentChild {
  const label = isAlone ? "Back to the dashboard" : `Show ${title} alone`;
  return h("a", { class: "enlarge", href, title: label, "aria-label": label }, isAlone ? "✕" : "⤢");
}

/** How long the periods of a chart are: `per 5 min`. */
function periodText(widget: WidgetView): string {
  if (widget.type !== "metric" || widget.view !== "timeSeries") return "";
  if (/\bper\b|\bof the (hour|day)\b/.test(widget.title ?? "")) return "";
  const periods = new Set(widget.series.map(({ periodSeconds }) => periodSeconds));
  const [only] = periods;
  if (periods.size !== 1 || only === undefined) return "";
  return `per ${UNIT_PERIODS[only] ?? durationText(only * 1000) ?? `${only} s`}`;
}

const UNIT_PERIODS: Readonly<Record<number, string>> = { 60: "minute", 3600: "hour", 86_400: "day" };

/** What the style sheet distinguishes. */
function widgetClass(widget: WidgetView): string {
  if (widget.type === "metric" || widget.type === "log") return `${widget.type} view-${widget.view}`;
  return widget.type === "text" && widget.background === "transparent" ? "text transparent" : widget.type;
}

type BodyProps = Pick<WidgetProps, "widget" | "startMs" | "endMs" | "stage" | "alarms" | "onZoom">;

function widgetBody({ widget, startMs, endMs, stage, alarms, onZoom }: BodyProps): ComponentChild {
  switch (widget.type) {
    case "metric":
      return h(MetricBody, { widget, startMs, endMs, ...widget.range, onZoom });
    case "text":
      return h(Markdown, { markdown: widget.markdown });
    case "alarm":
      return h(AlarmTiles, { widget, stage, alarms, nowMs: endMs });
    case "log":
      return h(LogBody, { widget, startMs, endMs });
    case "refused":
      return h("p", { class: "notice" }, `Not drawn here: ${widget.reason}`);
  }
}

interface AlarmTilesProps {
  readonly widget: AlarmWidget;
  /** Left out of the names. */
  readonly stage: string;
  readonly alarms: readonly AlarmRow[];
  readonly nowMs: number;
}

/** A tile for each alarm, which leads to it: its state, since when, and how urgent it is. */
function AlarmTiles({ widget, stage, alarms, nowMs }: AlarmTilesProps): ComponentChild {
  return h("ul", { class: "alarm-tiles" }, [
    widget.alarms.map(({ alarmName, state: drawnState }) => {
      const row = alarms.find((one) => one.alarmName === alarmName);
      // What the top of the page says is known a moment before the drawing, or after it: both say the same.
      const state = row?.state ?? drawnState;
      const href = routeHash({ section: "alarms", item: alarmName });
      return h("li", { key: alarmName, class: `state-${state}` }, [
        h("a", { href, title: alarmName }, [
          h("span", { class: "tile-line" }, [
            h("span", { class: "tile-name" }, nameWithoutStage(alarmName, stage)),
            h(StateBadge, { state }),
          ]),
          row === undefined
            ? null
            : h("span", { class: "tile-line" }, [
                h("span", { class: "tile-since" }, `since ${clockTime(row.sinceMs, nowMs)}`),
                h(SeverityBadge, { severity: alarmSeverity(row) }),
              ]),
        ]),
      ]);
    }),
  ]);
}

/** One unit of height of CloudWatch's grid, and what lies between two; `.grid` has the same. */
const ROW_PX = 42;
const GAP_PX = 8;

/** Whether a widget is as high as what it says: tables, numbers, alarms and texts, not charts. */
function fitsContent(widget: WidgetView): boolean {
  if (widget.type === "log") return widget.view === "table";
  if (widget.type === "metric") return widget.view === "singleValue";
  return true;
}

/** The height that the dashboard gives a widget, pixels. */
export function givenHeight({ height }: WidgetView["place"]): number {
  return height * ROW_PX + (height - 1) * GAP_PX;
}

/**
 * The rows of the grid as CSS writes them: those that hold no chart are as high as their content, so that a
 * table of two lines leaves no half-empty card.
 */
export function gridRows(widgets: readonly WidgetView[]): string {
  const ends = widgets.map(({ place }) => place.y + place.height);
  const rows = Array.from({ length: Math.max(0, ...ends) }, (_none, row) => {
    const over = widgets.filter(({ place }) => place.y <= row && row < place.y + place.height);
    return over.length > 0 && over.every(fitsContent) ? "auto" : `${ROW_PX}px`;
  });
  return rows.join(" ");
}
