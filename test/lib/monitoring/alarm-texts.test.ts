import { describe, expect, it } from "vitest";
import { WINDOW_LABELS, type AlarmRow, type AlarmText } from "../../../lib/monitoring/alarm-row.ts";
import { ALARMS, COMPOSITES } from "../../../lib/monitoring/alarm-table.ts";
import { ATTACHED_TEXTS, attachedRow } from "../../../lib/monitoring/attached-texts.ts";
import { CHARGES_ALARM } from "../../../lib/monitoring/usage-alarms.ts";
import { configOf } from "../../support/config-of.ts";

const OURS: readonly AlarmText[] = [...ALARMS, ...COMPOSITES, CHARGES_ALARM];
const ATTACHED = OURS.filter(({ key }) => key in ATTACHED_TEXTS).map((row) => attachedRow(row));

/** Everything that a mail or a runbook says in whole sentences. */
function sentencesOf(row: AlarmText & Partial<Pick<AlarmRow, "window">>): readonly string[] {
  const { userImpact, firstStep, nextSteps, why } = row;
  return [
    row.whatHappened(configOf()),
    userImpact,
    firstStep,
    ...nextSteps,
    why,
    ...(row.window === undefined ? [] : [row.window.why]),
  ];
}

describe.each([
  ["of this project", OURS],
  ["of any function", ATTACHED],
])("the mail and the runbook %s", (_whose, rows) => {
  it.each(rows.map((row) => [row.key, row] as const))("of %s speak in whole sentences", (_key, row) => {
    for (const sentence of sentencesOf(row)) expect(sentence).toMatch(/^[\w`"'].* .*[.?]$/);
  });
});

it("every text of any function stands in for one of the table", () => {
  expect(ATTACHED.map(({ key }) => key).sort()).toEqual(Object.keys(ATTACHED_TEXTS).sort());
});

it("every kind of window is called by words", () => {
  for (const label of Object.values(WINDOW_LABELS))
    expect(label).toMatch(/^(completed|a window that) .{15,}$/);
});
