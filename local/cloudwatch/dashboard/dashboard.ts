import type { DashboardView, TextWidgetView, WidgetPlace, WidgetView } from "../dashboard-view.ts";
import { QueryError } from "../query-error.ts";
import { drawAlarmWidget } from "./alarm-widget.ts";
import { RefusedWidget, type DashboardPorts, type Drawing, type TimeRange } from "./drawing.ts";
import { undrawnMembers } from "./known-members.ts";
import { drawLogWidget } from "./log-widget.ts";
import { choiceAt, isMembers, listAt, objectAt, optional, textAt, type Members } from "./members.ts";
import { drawMetricWidget } from "./graph/metric-widget.ts";
import { applyVariables, type VariableValues } from "./variables.ts";
import { placesOf } from "./widget-place.ts";

/** A dashboard to draw over a time range. */
export interface DashboardRequest extends TimeRange {
  readonly name: string;
  /** The body as text, as templates hold it, or parsed. */
  readonly body: string | object;
  /** The Region that the runtime stands for; any Region passes when missing. */
  readonly region?: string;
  /** By variable id; the variables' defaults when missing. */
  readonly variables?: VariableValues;
}

type Draw = (properties: Members, place: WidgetPlace, drawing: Drawing) => WidgetView;

const DRAW: Readonly<Record<string, Draw>> = {
  metric: drawMetricWidget,
  text: drawTextWidget,
  alarm: drawAlarmWidget,
  log: drawLogWidget,
};

/**
 * Draws a dashboard from its body; whatever is not drawn is named in `notices`, or in its widget's place.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
 */
export function dashboardView(request: DashboardRequest, ports: DashboardPorts): DashboardView {
  const { name, startMs, endMs } = request;
  const notices = new Set<string>();
  const written = parseBody(request.body, notices);
  undrawnMembers("body", written).forEach((text) => notices.add(text));
  const body = applyVariables(written, request.variables ?? {}, (text) => notices.add(text));
  const widgets = listAt(body, "widgets").map((widget) => (isMembers(widget) ? widget : {}));
  const places = placesOf(widgets);
  const drawing = {
    ports,
    range: { startMs, endMs },
    ...optional("region", request.region),
    periodOverride: choiceAt(body, "periodOverride", ["auto", "inherit"]),
  };
  return {
    ...{ name, startMs, endMs },
    widgets: places.map((place, index) => {
      const notice = (text: string): unknown => notices.add(`widget ${index + 1}: ${text}`);
      return drawWidget(widgets[index] ?? {}, place, { ...drawing, notice });
    }),
    notices: [...notices],
  };
}

function parseBody(body: string | object, notices: Set<string>): Members {
  const parsed = typeof body === "string" ? parseJson(body) : body;
  if (isMembers(parsed) && Array.isArray(parsed.widgets)) return parsed;
  notices.add('the dashboard body must be a JSON object with an array "widgets"');
  return {};
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function drawWidget(widget: Members, place: WidgetPlace, drawing: Drawing): WidgetView {
  undrawnMembers("widget", widget).forEach(drawing.notice);
  const type = textAt(widget, "type") ?? "";
  const properties = objectAt(widget, "properties");
  try {
    const draw = Object.hasOwn(DRAW, type) ? DRAW[type] : undefined;
    if (draw === undefined) throw new RefusedWidget(`widgets of type "${type}" are not drawn`);
    return draw(properties, place, drawing);
  } catch (error) {
    if (!(error instanceof RefusedWidget || error instanceof QueryError)) throw error;
    return {
      type: "refused",
      place,
      ...optional("title", textAt(properties, "title")),
      reason: error.message,
    };
  }
}

function drawTextWidget(properties: Members, place: WidgetPlace, { notice }: Drawing): TextWidgetView {
  undrawnMembers("text", properties).forEach(notice);
  return {
    type: "text",
    place,
    markdown: textAt(properties, "markdown") ?? "",
    background: choiceAt(properties, "background", ["solid", "transparent"]),
  };
}
