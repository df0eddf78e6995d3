import type { StageConfig } from "../config/stage-config.ts";
import type { AlarmText } from "./table/alarm-row.ts";

/** Longest text that CloudWatch accepts as a description. */
const MOST_CHARACTERS = 1024;

/** Where an alarm's mail points: what is there, and its address. */
export type AlarmLinks = Readonly<Record<string, string>>;

/** The text of an alarm's mail: what happened, what it means, what to do first, where to look. */
export function describeAlarm(row: AlarmText, config: StageConfig, links: AlarmLinks): string {
  const text = [
    row.happened(config),
    `For the user: ${row.means}`,
    `First: ${row.firstStep}`,
    ...Object.entries(links).map(([what, address]) => `${what}: ${address}`),
  ].join("\n");
  if (text.length <= MOST_CHARACTERS) return text;
  throw new Error(
    `the description of ${row.key} has ${text.length} characters; CloudWatch takes ${MOST_CHARACTERS}`,
  );
}
