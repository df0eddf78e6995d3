/**
 * The shape of the product's code: files, folders, lengths, imports, and folders that import each other.
 *
 * Usage: node --import tsx bench/structure.ts [--json] [--check]
 * `--check` prints only what breaks a rule (folders form a tree, no barrels, comments wrap), and exits 1 when
 * something does.
 */
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { importersOf, importsWithin, type Imports, sourceFiles } from "./imports.ts";

const ROOT = join(import.meta.dirname, "..");
const PRODUCT = ["bin", "lib", "dashboards", "lambda", "packages", "local"];

/** Pairs of folders that may import each other, and why. */
const EXCEPTIONS: readonly { readonly pair: readonly [string, string]; readonly why: string }[] = [];

/** The two flows of docs/architecture.md, by the file where each begins and the folders that it crosses. */
const FLOWS: readonly { readonly name: string; readonly from: string; readonly within: string }[] = [
  { name: "request to reply", from: "lambda/agent/handler.ts", within: "lambda/" },
  { name: "probe run", from: "lambda/probe/handler.ts", within: "lambda/" },
  { name: "assembly to running system", from: "local/runtime.ts", within: "" },
];

/** Every arrow between two different folders, with the files that make it. */
function folderArrows(imports: Imports, depth?: number): ReadonlyMap<string, readonly string[]> {
  const arrows = new Map<string, string[]>();
  for (const [file, imported] of imports)
    for (const other of imported) {
      const [from, to] =
        depth === undefined ? [dirname(file), dirname(other)] : [cut(file, depth), cut(other, depth)];
      if (from === undefined || to === undefined || from === to) continue;
      const key = `${from} ${to}`;
      arrows.set(key, [...(arrows.get(key) ?? []), `${file} imports ${other}`]);
    }
  return arrows;
}

function cut(file: string, depth: number): string | undefined {
  const parts = dirname(file).split("/");
  return parts.length < depth ? undefined : parts.slice(0, depth).join("/");
}

interface Pair {
  readonly folders: readonly [string, string];
  readonly there: readonly string[];
  readonly back: readonly string[];
}

function mutualPairs(arrows: ReadonlyMap<string, readonly string[]>): readonly Pair[] {
  return [...arrows].flatMap(([key, there]) => {
    const [from = "", to = ""] = key.split(" ");
    const back = arrows.get(`${to} ${from}`);
    return from < to && back !== undefined ? [{ folders: [from, to] as const, there, back }] : [];
  });
}

/** Pairs of folders side by side, below the top level, that import each other. */
function mutualNeighbours(imports: Imports): readonly Pair[] {
  return [2, 3, 4, 5].flatMap((depth) => mutualPairs(folderArrows(imports, depth)));
}

function reached(from: string, within: string, imports: Imports): number {
  const seen = new Set([from]);
  for (const file of seen)
    for (const next of imports.get(file) ?? []) if (next.startsWith(within)) seen.add(next);
  return seen.size;
}

function measure(imports: Imports): Readonly<Record<string, number>> {
  const files = [...imports.keys()];
  const lengths = files
    .map((file) => readFileSync(join(ROOT, file), "utf8").split("\n").length - 1)
    .sort((a, b) => a - b);
  return {
    "product files": files.length,
    folders: new Set(files.map((file) => dirname(file))).size,
    "median lines of a file": lengths[Math.floor(lengths.length / 2)] ?? 0,
    "files under 30 lines": lengths.filter((length) => length < 30).length,
    "files with one importer": [...importersOf(imports).values()].filter(({ length }) => length === 1).length,
    imports: [...imports.values()].reduce((sum, each) => sum + each.length, 0),
    "folder pairs that import each other": mutualPairs(folderArrows(imports)).length,
    "of them side by side": mutualNeighbours(imports).length,
    ...Object.fromEntries(
      FLOWS.map(({ name, from, within }) => [`files, ${name}`, reached(from, within, imports)]),
    ),
  };
}

function isExcepted({ folders }: Pair): boolean {
  return EXCEPTIONS.some(({ pair }) => pair[0] === folders[0] && pair[1] === folders[1]);
}

/** Files that pass on everything of another file: imports name the file that defines the thing. */
function barrels(files: readonly string[]): readonly string[] {
  return files
    .filter((file) => /^export \*/m.test(readFileSync(join(ROOT, file), "utf8")))
    .map((file) => `${file} exports another file's names: import from the file that defines them`);
}

/** The print width, which the formatter keeps for code alone. */
const MAX_COMMENT = 110;

/** A comment that cannot be wrapped: one word, as an address is, or a directive of the linter. */
const UNWRAPPABLE = /^\s*(\*|\/\/|\/\*\*) (\S+|(oxlint|eslint)-disable.*)$/;

/** Comments that are wider than the code may be. */
function wideComments(files: readonly string[]): readonly string[] {
  return files.flatMap((file) =>
    readFileSync(join(ROOT, file), "utf8")
      .split("\n")
      .flatMap((line, at) =>
        /^\s*(\*|\/\/|\/\*)/.test(line) && line.length > MAX_COMMENT && !UNWRAPPABLE.test(line)
          ? [`${file}:${at + 1}: a comment wraps at ${MAX_COMMENT} characters; this line has ${line.length}`]
          : [],
      ),
  );
}

function mutualFolders(imports: Imports): readonly string[] {
  return mutualNeighbours(imports)
    .filter((pair) => !isExcepted(pair))
    .map(({ folders, there, back }) =>
      [
        `${folders[0]} and ${folders[1]} import each other; move what both need into a folder that both may import:`,
        ...there.slice(0, 3),
        ...back.slice(0, 3),
      ].join("\n  "),
    );
}

function main(): number {
  const { values } = parseArgs({ options: { json: { type: "boolean" }, check: { type: "boolean" } } });
  const imports = importsWithin(PRODUCT);
  if (values.check === true) {
    const files = [...imports.keys()];
    const all = [...files, ...["bench", "torture", "test"].flatMap(sourceFiles)];
    const faults = [...mutualFolders(imports), ...barrels(files), ...wideComments(all)];
    if (faults.length > 0) process.stderr.write(`${faults.join("\n")}\n`);
    return faults.length === 0 ? 0 : 1;
  }
  const figures = measure(imports);
  process.stdout.write(
    values.json === true
      ? `${JSON.stringify(figures)}\n`
      : Object.entries(figures)
          .map(([name, value]) => `${name.padEnd(38)} ${value}\n`)
          .join(""),
  );
  return 0;
}

process.exitCode = main();
