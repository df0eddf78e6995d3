import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";

/** A place that a document links to, as it is written. */
export interface Link {
  readonly target: string;
  readonly line: number;
}

/** A line of code: a span between backticks, or one line of a block. */
export interface Code {
  readonly text: string;
  readonly line: number;
}

/** What a Markdown document says that can be wrong. */
export interface Document {
  /** Path from the project's root. */
  readonly path: string;
  readonly links: readonly Link[];
  /** Names of its headings, as GitHub makes them. */
  readonly anchors: ReadonlySet<string>;
  readonly code: readonly Code[];
}

/** Folders at the root that are made or fetched. */
export const NOT_OURS: ReadonlySet<string> = new Set([
  ".git",
  ".wrist-agent",
  "cdk.out",
  "coverage",
  "node_modules",
]);

/** Every Markdown document below a folder. */
export function documentsIn(root: string): readonly Document[] {
  return markdownFiles(root).map((path) =>
    documentOf(relative(root, path).replaceAll("\\", "/"), readFileSync(path, "utf8")),
  );
}

function markdownFiles(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter(({ name }) => !NOT_OURS.has(name))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return markdownFiles(path);
      return entry.name.endsWith(".md") ? [path] : [];
    });
}

interface Line {
  readonly text: string;
  readonly line: number;
  readonly isCode: boolean;
}

/** Reads a document's text; what stands in blocks of code is neither link nor heading. */
export function documentOf(path: string, text: string): Document {
  const lines = linesOf(withoutComments(text));
  const prose = lines.filter(({ isCode }) => !isCode);
  return {
    path,
    links: prose.flatMap(linksIn),
    anchors: anchorsOf(prose.map((line) => line.text)),
    code: [...lines.filter(({ isCode }) => isCode), ...prose.flatMap(spansIn)],
  };
}

/** Keeps the lines' numbers. */
function withoutComments(text: string): string {
  return text.replace(/<!--[^]*?-->/g, (comment) => comment.replace(/[^\n]/g, ""));
}

function linesOf(text: string): readonly Line[] {
  let fence: string | undefined;
  const lines: Line[] = [];
  for (const [index, line] of text.split("\n").entries()) {
    const mark = /^\s*(`{3,}|~{3,})/.exec(line)?.[1];
    if (mark === undefined) lines.push({ text: line, line: index + 1, isCode: fence !== undefined });
    else if (fence === undefined) fence = mark;
    else if (mark.startsWith(fence)) fence = undefined;
  }
  return joined(lines);
}

/** A line of code that ends with a backslash goes on in the next one. */
function joined(lines: readonly Line[]): readonly Line[] {
  return lines.reduce<Line[]>((done, next) => {
    const last = done.at(-1);
    if (last?.isCode !== true || !last.text.endsWith("\\")) return [...done, next];
    return [...done.slice(0, -1), { ...last, text: `${last.text.slice(0, -1)} ${next.text.trim()}` }];
  }, []);
}

const SPAN = /(`+)(.+?)\1(?!`)/g;

function spansIn({ text, line }: Line): readonly Code[] {
  return [...text.matchAll(SPAN)].map(([, , code = ""]) => ({ text: code.trim(), line }));
}

const LINKS = [
  /\]\(<?([^)\s>]+)>?(?:\s+"[^"]*")?\)/g,
  /^\s*\[[^\]]+\]:\s*<?([^\s>]+)>?/g,
  /\s(?:href|src)="([^"]+)"/g,
];

function linksIn({ text, line }: Line): readonly Link[] {
  const bare = text.replace(SPAN, "");
  return LINKS.flatMap((link) => [...bare.matchAll(link)].map(([, target = ""]) => ({ target, line })));
}

function anchorsOf(prose: readonly string[]): ReadonlySet<string> {
  const anchors = new Set<string>();
  for (const line of prose) {
    const heading = /^#{1,6}\s+(.+?)\s*#*$/.exec(line)?.[1];
    if (heading !== undefined) anchors.add(unused(anchorOf(heading), anchors));
  }
  return anchors;
}

function unused(anchor: string, anchors: ReadonlySet<string>): string {
  let name = anchor;
  for (let count = 1; anchors.has(name); count += 1) name = `${anchor}-${count}`;
  return name;
}

/**
 * GitHub's name of a heading: its letters, digits, dashes and underscores in lower case, blanks as dashes.
 */
function anchorOf(heading: string): string {
  return heading
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, "$1")
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}\p{Pc}\- ]/gu, "")
    .replaceAll(" ", "-");
}
