import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { format } from "prettier";
import { expect } from "vitest";

const PROJECT = join(import.meta.dirname, "../..");

/** Cells of one line of a table. */
export type Row = readonly string[];

/** A Markdown table; the first row is its head. */
export function tableText([head = [], ...rows]: readonly Row[]): string {
  const line = (cells: Row): string => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

/**
 * Expects a document to say between its markers what is given by the markers' name.
 *
 * `npm run docs` makes every such document anew; elsewhere a stale one fails, by name and line.
 */
export async function expectDocument(
  path: string,
  blocks: Readonly<Record<string, string>>,
  project: string = PROJECT,
): Promise<void> {
  const written = await readFile(join(project, path), "utf8");
  const filled = Object.entries(blocks).reduce(inBlock, written);
  await expectText(path, await format(filled, { parser: "markdown", printWidth: 110 }), project);
}

/** Expects a document to be made of nothing but this text, as {@link expectDocument} does for a part of one. */
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
  return `${path} is stale at line ${line + 1} (npm run docs makes it anew): "${is[line] ?? ""}" should be "${should[line] ?? ""}"`;
}

function inBlock(whole: string, [name, text]: readonly [string, string]): string {
  const [begin, end] = [`<!-- ${name}: begin -->`, `<!-- ${name}: end -->`];
  const [from, to] = [whole.indexOf(begin), whole.indexOf(end)];
  if (from === -1 || to < from)
    throw new Error(`the document has no place for ${name}: write ${begin} and ${end}`);
  return `${whole.slice(0, from + begin.length)}\n\n${text}\n\n${whole.slice(to)}`;
}
