/** A rectangle on the canvas. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A label to be placed: beside a level line, or beside an upright one. */
export interface LabelWish {
  readonly width: number;
  readonly height: number;
  readonly mark: { readonly y: number } | { readonly x: number };
}

/** What the labels must stay in. */
export interface LabelArea extends Box {
  /** Between a label and its line, and between two labels. */
  readonly gap: number;
}

/** A label over another hides it; over a line it only breaks it. */
const COST_OF_LABEL = 100;
const COST_OF_LINE = 1;

/**
 * Places labels so that all can be read: over their line at its left end, unless another place covers fewer labels and
 * lines.
 */
export function placeLabels(wishes: readonly LabelWish[], area: LabelArea): Box[] {
  const placed: Box[] = [];
  for (const wish of wishes) {
    const cost = (box: Box): number =>
      COST_OF_LABEL * placed.filter((other) => overlaps(box, other, area.gap)).length +
      COST_OF_LINE * wishes.filter((other) => crosses(other, box)).length;
    placed.push(cheapest(placesOf(wish, area, placed), cost));
  }
  return placed;
}

function cheapest(places: readonly Box[], cost: (box: Box) => number): Box {
  return places.reduce((best, place) => (cost(place) < cost(best) ? place : best));
}

/** Every place that is worth a try, the best-looking first; all of them lie within the area. */
function placesOf({ width, height, mark }: LabelWish, area: LabelArea, placed: readonly Box[]): Box[] {
  const right = area.x + area.width - width;
  const behind = placed.map((box) => box.x + box.width + area.gap);
  const at = (x: number, y: number): Box => ({
    x: Math.max(area.x, Math.min(x, right)),
    y: Math.max(area.y, Math.min(y, area.y + area.height - height)),
    width,
    height,
  });
  if ("y" in mark)
    return [area.x + area.gap, ...behind, right - area.gap].flatMap((x) => [
      at(x, mark.y - area.gap - height),
      at(x, mark.y + area.gap),
    ]);
  const below = placed.map((box) => box.y + box.height + area.gap);
  return [area.y + area.gap, ...below].flatMap((y) => [
    at(mark.x + area.gap, y),
    at(mark.x - area.gap - width, y),
  ]);
}

function overlaps(a: Box, b: Box, gap: number): boolean {
  return (
    a.x < b.x + b.width + gap / 2 &&
    b.x < a.x + a.width + gap / 2 &&
    a.y < b.y + b.height &&
    b.y < a.y + a.height
  );
}

function crosses({ mark }: LabelWish, box: Box): boolean {
  if ("y" in mark) return mark.y > box.y && mark.y < box.y + box.height;
  return mark.x > box.x && mark.x < box.x + box.width;
}
