import { expect, test } from "vitest";
import type { WidgetView } from "../../../../local/web/state/live.ts";
import { givenHeight, gridRows } from "../../../../local/web/dashboards/widget.ts";

/** A widget of a kind from a row on, so many rows high. */
function widget(kind: string, y: number, height: number): WidgetView {
  const [type, view] = kind.split(" ");
  return { type, view, place: { x: 0, y, width: 12, height } } as unknown as WidgetView;
}

test("rows without a chart are as high as their content", () => {
  const widgets = [
    widget("alarm", 0, 2),
    widget("text", 0, 2),
    widget("metric singleValue", 2, 1),
    widget("metric timeSeries", 3, 2),
    widget("log table", 3, 2),
    widget("log table", 5, 1),
    widget("log bar", 6, 1),
  ];
  expect(gridRows(widgets)).toBe("auto auto auto 42px 42px auto 42px");
  expect(gridRows([])).toBe("");
});

test("a row that nobody stands on keeps its height, and so does one that a chart reaches into", () => {
  expect(gridRows([widget("log table", 1, 3), widget("metric pie", 2, 1)])).toBe("42px auto 42px auto");
});

test("a given height counts the gaps between its rows", () => {
  expect(givenHeight({ x: 0, y: 0, width: 24, height: 1 })).toBe(42);
  expect(givenHeight({ x: 0, y: 0, width: 24, height: 6 })).toBe(292);
});
