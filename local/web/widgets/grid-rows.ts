import type { WidgetView } from "../state/live.ts";

/** One unit of height of CloudWatch's grid, and what lies between two; `.grid` has the same. */
const ROW_PX = 42;
const GAP_PX = 8;

/** Whether a widget is as high as what it says: tables, numbers, alarms and texts, not charts. */
export function fitsContent(widget: WidgetView): boolean {
  if (widget.type === "log") return widget.view === "table";
  if (widget.type === "metric") return widget.view === "singleValue";
  return true;
}

/** The height that the dashboard gives a widget, pixels. */
export function givenHeight({ height }: WidgetView["place"]): number {
  return height * ROW_PX + (height - 1) * GAP_PX;
}

/**
 * The rows of the grid as CSS writes them: those that hold no chart are as high as their content, so that a table of two
 * lines leaves no half-empty card.
 */
export function gridRows(widgets: readonly WidgetView[]): string {
  const ends = widgets.map(({ place }) => place.y + place.height);
  const rows = Array.from({ length: Math.max(0, ...ends) }, (_none, row) => {
    const over = widgets.filter(({ place }) => place.y <= row && row < place.y + place.height);
    return over.length > 0 && over.every(fitsContent) ? "auto" : `${ROW_PX}px`;
  });
  return rows.join(" ");
}
