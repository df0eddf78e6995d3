import type { AlarmInputs, AlarmRow } from "./alarm-row.ts";

/** Longest text that CloudWatch accepts as a description. */
const MOST_CHARACTERS = 1024;

/** The text of an alarm's mail: what happened, what it means, what to do first, where to look. */
export function describeAlarm(row: AlarmRow, inputs: AlarmInputs, links: AlarmLinks): string {
  const text = [
    row.happened(inputs),
    `For the user: ${row.means}`,
    `First: ${row.firstStep}`,
    `Dashboard: ${links.dashboard}`,
    `Runbook: ${links.runbook}`,
  ].join("\n");
  if (text.length > MOST_CHARACTERS)
    throw new Error(
      `description of ${row.key} has ${text.length} characters, CloudWatch takes ${MOST_CHARACTERS}`,
    );
  return text;
}

/** Where an alarm's mail points. */
export interface AlarmLinks {
  readonly dashboard: string;
  readonly runbook: string;
}
