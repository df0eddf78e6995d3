import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { format } from "prettier";
import { expect } from "vitest";

/** Cells of one line of a table. */
export type Row = readonly string[];

/** A Markdown table; the first row is its head. */
export function tableText([head = [], ...rows]: readonly Row[]): string {
  const line = (cells: Row): string => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

/** Expects a document to say between its markers what is given by the markers' name; with UPDATE_DOCS=1 it is written so. */
export async function expectDocument(
  path: string,
  blocks: Readonly<Record<string, string>>,
  project: string = join(import.meta.dirname, "../.."),
): Promise<void> {
  const file = join(project, path);
  const filled = Object.entries(blocks).reduce(inBlock, await readFile(file, "utf8"));
  const expected = await format(filled, { parser: "markdown", printWidth: 110 });
  if (process.env.UPDATE_DOCS === "1") await writeFile(file, expected);
  expect(await readFile(file, "utf8")).toBe(expected);
}

function inBlock(whole: string, [name, text]: readonly [string, string]): string {
  const [begin, end] = [`<!-- ${name}: begin -->`, `<!-- ${name}: end -->`];
  const [from, to] = [whole.indexOf(begin), whole.indexOf(end)];
  if (from === -1 || to < from)
    throw new Error(`the document has no place for ${name}: write ${begin} and ${end}`);
  return `${whole.slice(0, from + begin.length)}\n\n${text}\n\n${whole.slice(to)}`;
}
