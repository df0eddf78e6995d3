import type { LogWidgetView, WidgetPlace } from "../dashboard-view.ts";
import { RefusedWidget, type Drawing } from "./drawing.ts";
import { undrawnMembers } from "./known-members.ts";
import { choiceAt, optional, textAt, type Members } from "./members.ts";

/** Draws a log widget: the rows that its Logs Insights query finds. */
export function drawLogWidget(properties: Members, place: WidgetPlace, drawing: Drawing): LogWidgetView {
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
    ...optional("title", textAt(properties, "title")),
    view: choiceAt(properties, "view", ["table", "timeSeries", "bar", "pie"]),
    fields,
    rows,
  };
}
