import type { WidgetPlace } from "../dashboard-view.ts";
import { numberAt, type Members } from "./members.ts";

const COLUMNS = 24;
const DEFAULT_SIZE = 6;

/** Places of widgets in order: those without `x` and `y` go to the first free place, row by row. */
export function placesOf(widgets: readonly Members[]): readonly WidgetPlace[] {
  const placed: WidgetPlace[] = [];
  for (const widget of widgets) placed.push(placeOf(widget, placed));
  return placed;
}

function placeOf(widget: Members, placed: readonly WidgetPlace[]): WidgetPlace {
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
