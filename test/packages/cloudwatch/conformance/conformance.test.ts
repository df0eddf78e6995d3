import { describe, expect, test } from "vitest";
import vectors from "../../../fixtures/aws/alarm-vectors.json" with { type: "json" };
import { pointsOf } from "../math/evaluate-math.ts";
import { suppressionCases, syntaxCases } from "./composite-vectors.ts";
import {
  type Case,
  expressionCases,
  lowSampleCases,
  patternCases,
  recordedCases,
} from "./metric-alarm-vectors.ts";
import { multiDayCases, slidingCases, wallClockCases, warmUpCases } from "./window-vectors.ts";

const mathCases: readonly Case[] = vectors.metricMath.map((vector) => ({
  name: vector.expression,
  check: () => {
    const inputs = Object.fromEntries(Object.entries(vector.inputs));
    expect(pointsOf(vector.expression, inputs)).toEqual(vector.expected);
  },
}));

interface Section {
  readonly cases: readonly Case[];
  /** How many checks the section of the file asks for. */
  readonly size: number;
}

const absolute = vectors.vectors.filter((vector) => "absolute" in vector);

/** Every section of alarm-vectors.json. One alarm lives through a whole timeline, so that it is one check. */
const SECTIONS: Readonly<Record<string, Section>> = {
  vectors: { cases: patternCases, size: vectors.vectors.length },
  "vectors, at the recorded times": { cases: recordedCases, size: absolute.length },
  lowSamplePercentile: { cases: lowSampleCases, size: vectors.lowSamplePercentile.length },
  expressionAlarms: { cases: expressionCases, size: vectors.expressionAlarms.length },
  metricMath: { cases: mathCases, size: vectors.metricMath.length },
  slidingWindowPoints: { cases: slidingCases, size: vectors.slidingWindowPoints.length },
  multiDay: { cases: multiDayCases, size: 1 },
  wallClockWindow: { cases: wallClockCases, size: vectors.wallClockWindow.supportedPeriods.length },
  warmUp: { cases: warmUpCases, size: 1 },
  compositeSuppression: { cases: suppressionCases, size: vectors.compositeSuppression.length },
  compositeRuleSyntax: { cases: syntaxCases, size: vectors.compositeRuleSyntax.length },
};

const PROSE = ["about", "written", "referenceAlgorithm"];

describe.each(Object.entries(SECTIONS))("%s", (_section, { cases }) => {
  test.each(cases)("$name", ({ check }) => check());
});

describe("the vectors", () => {
  test("are all checked: no section of the file is left out", () => {
    const sections = Object.keys(vectors).filter((name) => !PROSE.includes(name));
    expect(Object.keys(SECTIONS).filter((name) => !name.includes(","))).toEqual(
      expect.arrayContaining(sections),
    );
  });

  test.each(Object.entries(SECTIONS))("of %s have a check each", (_section, { cases, size }) => {
    expect(size).toBeGreaterThan(0);
    expect(cases).toHaveLength(size);
    expect(new Set(cases.map((each) => each.name)).size).toBe(size);
  });

  test("were recorded with times for every capture", () => {
    const captures = vectors.vectors.filter((vector) => vector.id.startsWith("cap-"));
    expect(absolute).toHaveLength(captures.length);
  });
});
