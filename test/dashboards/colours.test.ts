import { describe, expect, test } from "vitest";
import { COLOURS } from "../../dashboards/widgets.ts";
import { contrast, distance, EYES, TOGETHER } from "../support/colour-vision.ts";

describe.each(Object.entries(EYES))("a %s", (_name, eye) => {
  test.each(TOGETHER)("tells %s, %s and their like apart", (...colours) => {
    for (const [i, one] of colours.entries())
      for (const other of colours.slice(i + 1))
        expect(distance(COLOURS[one], COLOURS[other], eye), `${one} and ${other}`).toBeGreaterThan(25);
  });
});

test("the measure is right: red and green are far apart, but not for a deuteranope", () => {
  expect(distance("#2ca02c", "#d62728", EYES.full)).toBeGreaterThan(110);
  expect(distance("#2ca02c", "#d62728", EYES.deuteranope)).toBeLessThan(10);
});

test.each(["#ffffff", "#1a2129"])("every colour stands out on %s", (ground) => {
  for (const colour of Object.values(COLOURS)) expect(contrast(colour, ground), colour).toBeGreaterThan(2);
});
