import { wrapText } from "./table.ts";
import type { Terminal } from "./terminal.ts";

/**
 * How a line of a checklist ended; `not readable` where these credentials may not look, or AWS did not
 * answer.
 */
export type LineState = "passes" | "fails" | "not on this machine" | "not readable";

/** A line of a checklist. */
export interface CheckLine {
  readonly id: string;
  readonly title: string;
  readonly state: LineState;
  /** What was found, one sentence each. */
  readonly says: readonly string[];
  readonly remedies: readonly string[];
}

const MARKS: Readonly<Record<LineState, string>> = {
  passes: "ok",
  fails: "FAILS",
  "not on this machine": "not here",
  "not readable": "unknown",
};

const MARK_WIDTH = Math.max(...Object.values(MARKS).map((mark) => mark.length));
const USUAL_COLUMNS = 100;

/** A line of the checklist for a person: what was found, and below it what to do. */
export function checkLineText(
  terminal: Pick<Terminal, "colours" | "columns">,
  line: CheckLine,
): readonly string[] {
  const { colours, columns = USUAL_COLUMNS } = terminal;
  const paint: Readonly<Record<LineState, (text: string) => string>> = {
    passes: colours.green,
    fails: colours.red,
    "not on this machine": colours.dim,
    "not readable": colours.yellow,
  };
  const indent = " ".repeat(MARK_WIDTH + 2);
  const body = [
    ...line.says.map((text, at) => (at === 0 ? `${line.title}: ${text}` : text)),
    ...line.remedies.map((remedy) => `-> ${remedy}`),
  ].flatMap((text) => wrapText(text, Math.max(40, columns - indent.length)));
  return body.map((text, at) => {
    const mark = at === 0 ? paint[line.state](MARKS[line.state].padEnd(MARK_WIDTH)) : " ".repeat(MARK_WIDTH);
    return `${mark}  ${text}`;
  });
}

/** The checklist in one sentence. */
export function checklistSummary(lines: readonly CheckLine[]): string {
  const count = (state: LineState): number => lines.filter((line) => line.state === state).length;
  const parts = [
    [`${count("passes")} of ${lines.length} pass`, true],
    [`${count("fails")} fail`, count("fails") > 0],
    [`${count("not readable")} could not be read`, count("not readable") > 0],
    [`${count("not on this machine")} can be checked in AWS only`, count("not on this machine") > 0],
  ] as const;
  return parts.flatMap(([text, isTold]) => (isTold ? [text] : [])).join(", ");
}
