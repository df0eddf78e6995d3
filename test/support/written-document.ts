import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { format } from "oxfmt";
import { expect } from "vitest";

const PROJECT = join(import.meta.dirname, "../..");

/** Cells of one line of a table. */
export type Row = readonly string[];

/** A line that is longer than this is read by nobody: its table is written as a list. */
const MAX_COLUMNS = 200;

/**
 * A Markdown table whose first row is its head; a list with an item for each row where the table would be too
 * wide.
 */
export function tableText([head = [], ...rows]: readonly Row[]): string {
  const escaped = rows.map((row) => row.map((cell) => cell.replaceAll("|", "\\|")));
  if (tableWidth([head, ...escaped]) > MAX_COLUMNS) return rows.map((row) => listItem(head, row)).join("\n");
  const line = (cells: Row): string => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...escaped.map(line)].join("\n");
}

/** How wide a formatted table is: each column as wide as its widest cell. */
function tableWidth(rows: readonly Row[]): number {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? "").length)),
  );
  return widths.reduce((sum, width) => sum + width + 3, 1);
}

/** The first cell names the item; of the others each that says something follows under its head. */
function listItem(head: Row, [name = "", ...cells]: Row): string {
  const title = name.startsWith("**") ? name : `**${name}**`;
  const filled = cells
    .map((cell, index) => ({ label: head[index + 1] ?? "", cell }))
    .filter(({ cell }) => cell !== "");
  if (head.length === 2) return `- ${title} ${filled[0]?.cell ?? ""}`.trimEnd();
  return [`- ${title}`, ...filled.map(({ label, cell }) => `  - ${label}: ${cell}`)].join("\n");
}

/**
 * Expects a document to say between its markers what is given by the markers' name.
 *
 * `npm run docs` makes every such document again; elsewhere a stale one fails, by name and line.
 */
export async function expectDocument(
  path: string,
  blocks: Readonly<Record<string, string>>,
  project: string = PROJECT,
): Promise<void> {
  const written = await readFile(join(project, path), "utf8");
  const filled = Object.entries(blocks).reduce(inBlock, written);
  const { code } = await format(path, filled, { printWidth: 110 });
  await expectText(path, code, project);
}

/**
 * Expects a document to be made of nothing but this text, as {@link expectDocument} does for a part of one.
 */
export async function expectWholeDocument(path: string, text: string): Promise<void> {
  await expectText(path, text, PROJECT);
}

async function expectText(path: string, expected: string, project: string): Promise<void> {
  const file = join(project, path);
  if (process.env.WRITE_DOCS === "1") await writeFile(file, expected);
  const written = await readFile(file, "utf8").catch(() => "");
  expect(staleness(path, written, expected)).toBeUndefined();
}

/** Where a document differs from what it should say, and what to do; nothing when it does not. */
function staleness(path: string, written: string, expected: string): string | undefined {
  if (written === expected) return undefined;
  const [is, should] = [written.split("\n"), expected.split("\n")];
  const at = should.findIndex((line, index) => line !== is[index]);
  const line = at === -1 ? should.length : at;
  return `${path} is stale at line ${line + 1} (npm run docs makes it again): "${is[line] ?? ""}" should be "${should[line] ?? ""}"`;
}

function inBlock(whole: string, [name, text]: readonly [string, string]): string {
  const [begin, end] = [`<!-- ${name}: begin -->`, `<!-- ${name}: end -->`];
  const [from, to] = [whole.indexOf(begin), whole.indexOf(end)];
  if (from === -1 || to < from)
    throw new Error(`the document has no place for ${name}: write ${begin} and ${end}`);
  return `${whole.slice(0, from + begin.length)}\n\n${text}\n\n${whole.slice(to)}`;
}
