import { describe, expect, test } from "vitest";
import { COLOURS } from "../../../../dashboards/widgets.ts";
import { seriesColor } from "../../../../local/web/dashboards/chart-theme.ts";
import { contrast, distance, EYES, TOGETHER } from "../../../support/colour-vision.ts";

const DARK_SURFACE = "#1a2129";
const inTheDark = (colour: string): string => seriesColor(colour, 0, true);

test("in the light a series has the colour of its template, and one without a colour one of eight", () => {
  expect(seriesColor(COLOURS.model, 3, false)).toBe(COLOURS.model);
  expect(seriesColor("url(x)", 0, false)).toBe(seriesColor(undefined, 8, false));
});

test.each(Object.entries(COLOURS))(
  "in the dark %s has three times the contrast to the ground",
  (_name, colour) => {
    expect(contrast(inTheDark(colour), DARK_SURFACE)).toBeGreaterThan(3);
  },
);

test("what is light enough stays as it is", () => {
  expect(inTheDark(COLOURS.good)).toBe(COLOURS.good);
});

describe.each(Object.entries(EYES))("in the dark a %s", (_name, eye) => {
  test.each(TOGETHER)("tells %s, %s and their like apart", (...colours) => {
    for (const [i, one] of colours.entries())
      for (const other of colours.slice(i + 1))
        expect(
          distance(inTheDark(COLOURS[one]), inTheDark(COLOURS[other]), eye),
          `${one} and ${other}`,
        ).toBeGreaterThan(18);
  });
});
