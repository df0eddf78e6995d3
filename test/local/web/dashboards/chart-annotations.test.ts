import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  fittingText,
  placeLabels,
  type Box,
  type LabelRequest,
} from "../../../../local/web/dashboards/chart-annotations.ts";

const AREA = { x: 40, y: 10, width: 300, height: 200, gap: 4 };

const level = (y: number, width = 60): LabelRequest => ({ mark: { y }, width, height: 14 });
const upright = (x: number, width = 60): LabelRequest => ({ mark: { x }, width, height: 14 });

function overlap(a: Box, b: Box): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

const covers = (box: Box, y: number): boolean => box.y < y && y < box.y + box.height;

describe("labels of thresholds", () => {
  test("one stands over its line, at the left", () => {
    expect(placeLabels([level(100)], AREA)).toEqual([{ x: 44, y: 82, width: 60, height: 14 }]);
  });

  test("at the top edge it stands under its line", () => {
    expect(placeLabels([level(15)], AREA)[0]?.y).toBe(19);
  });

  test("of two close lines each label stands on the free side of its own", () => {
    const [upper, lower] = placeLabels([level(60), level(68)], AREA);
    expect(upper?.y).toBe(42);
    expect(lower?.y).toBe(72);
  });

  test("the order of the lines does not matter to that", () => {
    const [lower, upper] = placeLabels([level(68), level(60)], AREA);
    expect([upper?.y, lower?.y]).toEqual([42, 72]);
  });

  test("of three lines at one place the third label stands beside the others", () => {
    const [first, second, third] = placeLabels([level(100), level(100), level(100)], AREA);
    expect([first?.y, second?.y]).toEqual([82, 104]);
    expect(third?.x).toBe(108);
  });

  test("the label of a moment stands right of it, and left of it at the right edge", () => {
    expect(placeLabels([upright(100)], AREA)[0]).toMatchObject({ x: 104, y: 14 });
    expect(placeLabels([upright(330)], AREA)[0]?.x).toBe(266);
  });

  test("no label leaves the chart, though it is too wide", () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({ y: fc.integer({ min: -50, max: 400 }), width: fc.integer({ min: 1, max: 290 }) }),
          { maxLength: 5 },
        ),
        (lines) => {
          for (const box of placeLabels(
            lines.map(({ y, width }) => level(y, width)),
            AREA,
          )) {
            expect(box.x).toBeGreaterThanOrEqual(AREA.x);
            expect(box.x + box.width).toBeLessThanOrEqual(AREA.x + AREA.width);
            expect(box.y).toBeGreaterThanOrEqual(AREA.y);
            expect(box.y + box.height).toBeLessThanOrEqual(AREA.y + AREA.height);
          }
        },
      ),
    );
  });

  test("up to four labels never overlap, wherever their lines are", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 10, max: 210 }), { minLength: 2, maxLength: 4 }), (ys) => {
        const boxes = placeLabels(
          ys.map((y) => level(y)),
          AREA,
        );
        boxes.forEach((a, i) => boxes.slice(i + 1).forEach((b) => expect(overlap(a, b)).toBe(false)));
      }),
    );
  });

  test("two labels hide no line, wherever the lines are within the chart", () => {
    fc.assert(
      fc.property(fc.tuple(fc.integer({ min: 60, max: 160 }), fc.integer({ min: 60, max: 160 })), (ys) => {
        for (const box of placeLabels(
          ys.map((y) => level(y)),
          AREA,
        ))
          expect(ys.filter((y) => covers(box, y))).toEqual([]);
      }),
    );
  });
});

test.each([
  ["threshold", 9, "threshold"],
  ["threshold of failing-now", 12, "threshold o…"],
  ["threshold of failing-now", 11, "threshold…"],
  ["threshold", 0, "t…"],
])("of the label %s on %i letters' room stands %s", (text, most, shown) => {
  const ctx = { measureText: (part: string) => ({ width: part.length }) as TextMetrics };
  expect(fittingText(ctx, text, most)).toBe(shown);
});
