import { describe, expect, test } from "vitest";
import type { AlarmState, TreatMissingData } from "../../../../local/cloudwatch/alarm-definition.ts";
import { judge, type Verdict } from "../../../../local/cloudwatch/evaluation/missing-data.ts";
import vectors from "../../../fixtures/aws/alarm-vectors.json" with { type: "json" };
import { tallyOf } from "./tally-of.ts";

interface Vector {
  readonly id: string;
  readonly pattern: string;
  readonly evaluationPeriods: number;
  readonly datapointsToAlarm: number;
  readonly expected: Partial<Record<TreatMissingData, AlarmState | "retain">>;
  readonly expectedNot?: Partial<Record<TreatMissingData, AlarmState>>;
}

function verdict(vector: Vector, treatMissingData: TreatMissingData): Verdict {
  const tally = tallyOf(vector.pattern, vector.evaluationPeriods);
  return judge(tally, { ...vector, treatMissingData });
}

const rows = (vectors.vectors as unknown as readonly Vector[]).flatMap((vector) => [
  ...entries(vector.expected).map(([treatment, state]) => ({ vector, treatment, state })),
]);
const refused = (vectors.vectors as unknown as readonly Vector[]).flatMap((vector) => [
  ...entries(vector.expectedNot ?? {}).map(([treatment, state]) => ({ vector, treatment, state })),
]);

function entries<T>(
  record: Partial<Record<TreatMissingData, T>>,
): readonly (readonly [TreatMissingData, T])[] {
  return Object.entries(record) as unknown as readonly (readonly [TreatMissingData, T])[];
}

describe("the missing-data rule, on official and recorded vectors", () => {
  test.each(rows)(
    "$vector.id: $vector.pattern with $treatment gives $state",
    ({ vector, treatment, state }) => {
      expect(verdict(vector, treatment)).toBe(state);
    },
  );

  test.each(refused)("$vector.id: $vector.pattern with $treatment does not give $state", (row) => {
    expect(verdict(row.vector, row.treatment)).not.toBe(row.state);
  });
});
