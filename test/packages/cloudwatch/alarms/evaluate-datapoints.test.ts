import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { AlarmState, TreatMissingData } from "@wrist-agent/cloudwatch/alarm";
import { evaluationRange } from "@wrist-agent/cloudwatch/alarms/alarm-plan";
import { evaluateDatapoints } from "@wrist-agent/cloudwatch/alarms/evaluate-datapoints";
import { alarm, Scenario } from "./scenario.ts";
import { tallyOf } from "./datapoint-counts.ts";

interface Case {
  readonly pattern: string;
  readonly evaluationPeriods: number;
  readonly datapointsToAlarm: number;
  readonly treatMissingData: TreatMissingData;
}

/**
 * The rule as the guide tells it: real points first, the newest N of them; with fewer, every missing slot
 * that is needed is filled with what the treatment says, and what is neither decided nor filled keeps the
 * guard against premature alarms.
 */
function asWritten({ pattern, evaluationPeriods: n, datapointsToAlarm: m, treatMissingData }: Case): string {
  const real = Array.from(pattern)
    .filter((mark) => mark !== "-")
    .slice(-n);
  const filler = { breaching: "X", notBreaching: "0" }[treatMissingData as string];
  const filled =
    filler === undefined ? real : [...real, ...Array.from({ length: n - real.length }, () => filler)];
  const count = (mark: string): number => filled.filter((point) => point === mark).length;
  if (count("X") >= m) return "ALARM";
  if (count("0") >= n - m + 1 || filled.length === n) return "OK";
  if (treatMissingData === "ignore") return count("0") > 0 ? "OK" : "retain";
  if (count("0") > 0) return "OK";
  const oldest = pattern.indexOf("X");
  return oldest >= 0 && pattern.length - oldest >= m ? "ALARM" : "INSUFFICIENT_DATA";
}

const cases: fc.Arbitrary<Case> = fc.integer({ min: 1, max: 6 }).chain((evaluationPeriods) =>
  fc.record({
    evaluationPeriods: fc.constant(evaluationPeriods),
    datapointsToAlarm: fc.integer({ min: 1, max: evaluationPeriods }),
    treatMissingData: fc.constantFrom<TreatMissingData>("missing", "ignore", "breaching", "notBreaching"),
    pattern: fc
      .array(fc.constantFrom("0", "X", "-", "-"), { minLength: evaluationPeriods, maxLength: 9 })
      .map((marks) => marks.join("")),
  }),
);

describe("the missing-data rule", () => {
  test("agrees with the guide's prose on any pattern", () => {
    fc.assert(
      fc.property(cases, (row) => {
        expect(evaluateDatapoints(tallyOf(row.pattern, row.evaluationPeriods), row)).toBe(asWritten(row));
      }),
    );
  });

  test("gives the same through store, window and engine, with and without reading ahead", () => {
    fc.assert(
      fc.property(cases, fc.boolean(), ({ pattern, ...row }, ahead) => {
        const options = { evaluationRange: () => pattern.length, ...(ahead ? { revision: () => 0 } : {}) };
        const scenario = new Scenario(options).put(alarm(row));
        scenario.feed(Array.from(pattern, (mark) => ({ "0": "0", X: "1" })[mark] ?? "_").join(" "));
        scenario.nowMs += (pattern.length - 1) * 60_000;
        scenario.run(pattern.length);
        const expected = asWritten({ pattern, ...row });
        const state: AlarmState = scenario.status().state;
        expect(state).toBe(expected === "retain" ? "INSUFFICIENT_DATA" : expected);
      }),
      { numRuns: 60 },
    );
  });
});

describe("the evaluation range", () => {
  test.each([
    [10, 3, 9],
    [20, 3, 6],
    [30, 3, 5],
    [60, 1, 6],
    [60, 2, 6],
    [60, 10, 12],
    [300, 3, 5],
    [540, 1, 3],
    [86_400, 1, 3],
  ])("of %i s and N = %i is %i slots", (period, n, slots) => {
    expect(evaluationRange(period, n)).toBe(slots);
  });
});
