import type { StageConfig } from "../../config/stage-config.ts";
import type { AlarmText } from "../table/alarm-row.ts";

/** Longest text that CloudWatch accepts as a description. */
const MOST_CHARACTERS = 1024;

/** Widest line of a mail's text; only links are longer. */
const MOST_COLUMNS = 76;

/** Where an alarm's mail points: what is there, and its address. */
export type AlarmLinks = Readonly<Record<string, string>>;

/**
 * The text of an alarm's mail: what happened, what it means, what to do first, where to look.
 *
 * It begins on a line of its own, as CloudWatch's mail puts a description behind a label of thirty columns.
 */
export function describeAlarm(row: AlarmText, config: StageConfig, links: AlarmLinks): string {
  const sentences = [row.happened(config), `For the user: ${row.means}`, `First: ${row.firstStep}`];
  const text = [
    "",
    ...sentences.map(wrapped),
    ...Object.entries(links).map(([what, address]) => `${what}: ${address}`),
  ].join("\n");
  if (text.length <= MOST_CHARACTERS) return text;
  throw new Error(
    `the description of ${row.key} has ${text.length} characters; CloudWatch takes ${MOST_CHARACTERS}`,
  );
}

/** Breaks at blanks, so that no mail program breaks where it looks worse. */
function wrapped(text: string): string {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (longer.length > MOST_COLUMNS && line !== "") {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  return [...lines, line].join("\n");
}
