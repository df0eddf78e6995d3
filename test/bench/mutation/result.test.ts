import { expect, test } from "vitest";
import type { Tried, Verdict } from "../../../bench/mutation/measure.ts";
import { areaResult, equivalence, resultLine, survivorLine } from "../../../bench/mutation/result.ts";

const MUTANT = { file: "a.ts", line: 2, start: 0, end: 1, before: "<", after: "<=" };
const SAMPLE = { area: "lib", seed: 1, mutants: 500, refused: 0 };

function tried(...verdicts: readonly Verdict[]): readonly Tried[] {
  return verdicts.map((verdict, index) => ({ mutant: { ...MUTANT, line: index + 1 }, verdict }));
}

test("a mutant that never ends or ends the process is noticed, one that no test reaches is not", () => {
  const all = tried("noticed", "never ends", "dies", "survives", "no test reaches it");
  const result = areaResult(SAMPLE, all, () => false);
  expect(result).toMatchObject({ tried: 5, noticed: 3, neverEnding: 1, died: 1, equivalent: 0, score: 0.6 });
  expect(resultLine(result)).toBe(
    "lib: 3 of 5 noticed (1 never ended, 1 ended the process), 60 % (95 % interval 23 to 88 %), of 500 mutants",
  );
  expect(result.survivors.map(({ mutant }) => mutant.line)).toEqual([4, 5]);
  expect(result.low).toBeCloseTo(0.231, 3);
  expect(result.high).toBeCloseTo(0.882, 3);
});

test("an equivalent mutant is not counted, unless it is noticed", () => {
  const all = tried("noticed", "survives", "survives");
  const result = areaResult({ ...SAMPLE, refused: 7 }, all, ({ line }) => line <= 2);
  expect(result).toMatchObject({ tried: 3, noticed: 1, equivalent: 1, score: 0.5 });
  expect(resultLine(result)).toBe(
    "lib: 1 of 2 noticed (1 equivalent left out, 7 that do not compile left out), 50 % (95 % interval 9 to 91 %), of 500 mutants",
  );
});

test("of nothing tried nothing is known", () => {
  expect(resultLine(areaResult(SAMPLE, [], () => false))).toBe(
    "lib: 0 of 0 noticed, 0 % (95 % interval 0 to 100 %), of 500 mutants",
  );
});

test("an equivalent mutant is known by its file, its line's text and its change", () => {
  const known = [{ file: "a.ts", line: "a < b", before: "<", after: "<=", why: "never equal" }];
  const isEquivalent = equivalence(known, () => "one\n  a < b\nthree");
  expect(isEquivalent(MUTANT)).toBe(true);
  expect(isEquivalent({ ...MUTANT, file: "b.ts" })).toBe(false);
  expect(isEquivalent({ ...MUTANT, after: ">" })).toBe(false);
  expect(isEquivalent({ ...MUTANT, before: ">" })).toBe(false);
  expect(isEquivalent({ ...MUTANT, line: 1 })).toBe(false);
});

test("a survivor's line says where it is and what was changed", () => {
  expect(survivorLine({ mutant: MUTANT, verdict: "survives" })).toBe("  survives: a.ts:2  <  ->  <=");
  const effect = { ...MUTANT, before: `call(\n  ${"x".repeat(90)})`, after: ";" };
  expect(survivorLine({ mutant: effect, verdict: "no test reaches it" })).toBe(
    `  survives, no test reaches it: a.ts:2  call( ${"x".repeat(54)}  ->  (left out)`,
  );
});
