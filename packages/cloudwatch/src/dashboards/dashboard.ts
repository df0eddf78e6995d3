import { QueryError } from "../metric.ts";
import { drawAlarmWidget } from "./alarm-widget.ts";
import { applyVariables, type VariableValues } from "./dashboard-variables.ts";
import type {
  DashboardView,
  LogWidgetView,
  TextWidgetView,
  WidgetPlace,
  WidgetView,
} from "./dashboard-view.ts";
import { type DashboardPorts, type Drawing, RefusedWidget, type TimeRange } from "./drawing.ts";
import { drawMetricWidget } from "./metric-widget.ts";
import {
  choiceAt,
  listAt,
  numberAt,
  objectAt,
  optionalMember,
  textAt,
  undrawnMembers,
} from "./widget-members.ts";
import { isJsonObject, type JsonObject, parseJson } from "../json.ts";

/** A dashboard to draw over a time range. */
export interface DashboardRequest extends TimeRange {
  readonly name: string;
  /** The body as text, as templates hold it, or parsed. */
  readonly body: string | object;
  /** By variable id; the variables' defaults when missing. */
  readonly variables?: VariableValues;
}

type Draw = (properties: JsonObject, place: WidgetPlace, drawing: Drawing) => WidgetView;

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
  const widgets = listAt(body, "widgets").map((widget) => (isJsonObject(widget) ? widget : {}));
  const places = widgetPlaces(widgets);
  const drawing = {
    ports,
    range: { startMs, endMs },
    periodOverride: choiceAt(body, "periodOverride", ["auto", "inherit"]),
  };
  return {
    name,
    startMs,
    endMs,
    widgets: places.map((place, index) => {
      const notice = (text: string): unknown => notices.add(`widget ${index + 1}: ${text}`);
      return drawWidget(widgets[index] ?? {}, place, { ...drawing, notice });
    }),
    notices: [...notices],
  };
}

function parseBody(body: string | object, notices: Set<string>): JsonObject {
  const parsed = typeof body === "string" ? parseJson(body) : body;
  if (isJsonObject(parsed) && Array.isArray(parsed.widgets)) return parsed;
  notices.add('the dashboard body must be a JSON object with an array "widgets"');
  return {};
}

function drawWidget(widget: JsonObject, place: WidgetPlace, drawing: Drawing): WidgetView {
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
      ...optionalMember("title", textAt(properties, "title")),
      reason: error.message,
    };
  }
}

function drawTextWidget(properties: JsonObject, place: WidgetPlace, { notice }: Drawing): TextWidgetView {
  undrawnMembers("text", properties).forEach(notice);
  return {
    type: "text",
    place,
    markdown: textAt(properties, "markdown") ?? "",
    background: choiceAt(properties, "background", ["solid", "transparent"]),
  };
}

/** Draws a log widget: the rows that its Logs Insights query finds. */
function drawLogWidget(properties: JsonObject, place: WidgetPlace, drawing: Drawing): LogWidgetView {
  undrawnMembers("log", properties).forEach(drawing.notice);
  const language = textAt(properties, "queryLanguage");
  if (language !== undefined && language !== "Logs" && language !== "CWLI")
    throw new RefusedWidget(`queries in ${language} are not run: use the Logs Insights query language`);
  const query = textAt(properties, "query");
  if (query === undefined) throw new RefusedWidget('a log widget needs "query"');
  const { fields, rows } = drawing.ports.logs({ query, ...drawing.range });
  return {
    type: "log",
    place,
    ...optionalMember("title", textAt(properties, "title")),
    view: choiceAt(properties, "view", ["table", "timeSeries", "bar", "pie"]),
    fields,
    rows,
  };
}

const COLUMNS = 24;
const DEFAULT_SIZE = 6;

/** Places of widgets in order: those without `x` and `y` go to the first free place, row by row. */
function widgetPlaces(widgets: readonly JsonObject[]): readonly WidgetPlace[] {
  const placed: WidgetPlace[] = [];
  for (const widget of widgets) placed.push(placeOf(widget, placed));
  return placed;
}

function placeOf(widget: JsonObject, placed: readonly WidgetPlace[]): WidgetPlace {
  const size = {
    width: Math.min(COLUMNS, numberAt(widget, "width") ?? DEFAULT_SIZE),
    height: numberAt(widget, "height") ?? DEFAULT_SIZE,
  };
  const x = numberAt(widget, "x");
  const y = numberAt(widget, "y");
  return x === undefined || y === undefined ? firstFree(size, placed) : { x, y, ...size };
}

type Size = Pick<WidgetPlace, "width" | "height">;

/** A free place can only begin at the top or under another widget. */
function firstFree(size: Size, placed: readonly WidgetPlace[]): WidgetPlace {
  const rows = [...new Set([0, ...placed.map(bottom)])].sort((a, b) => a - b);
  for (const y of rows)
    for (let x = 0; x + size.width <= COLUMNS; x++) {
      const place = { x, y, ...size };
      if (!placed.some((other) => overlap(place, other))) return place;
    }
  return { x: 0, y: Math.max(0, ...placed.map(bottom)), ...size };
}

function bottom(place: WidgetPlace): number {
  return place.y + place.height;
}

function overlap(a: WidgetPlace, b: WidgetPlace): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < bottom(b) && b.y < bottom(a);
}
