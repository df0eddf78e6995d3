import { safeHref } from "./text.ts";

/** A piece of a line: plain, emphasised, code or a link. */
export type Inline =
  | { readonly kind: "text" | "strong" | "emphasis" | "code"; readonly text: string }
  | { readonly kind: "link"; readonly text: string; readonly href: string };

/** A part of a text widget. */
export type Block =
  | { readonly kind: "heading"; readonly level: number; readonly inline: readonly Inline[] }
  | { readonly kind: "paragraph"; readonly inline: readonly Inline[] }
  | { readonly kind: "list"; readonly ordered: boolean; readonly items: readonly (readonly Inline[])[] }
  | { readonly kind: "table"; readonly rows: readonly (readonly (readonly Inline[])[])[] }
  | { readonly kind: "code"; readonly text: string }
  | { readonly kind: "rule" };

interface Found {
  readonly block: Block;
  readonly lines: number;
}

type Reader = (lines: readonly string[]) => Found | undefined;

const READERS: readonly Reader[] = [readCode, readHeading, readRule, readTable, readList, readParagraph];
const INLINE = /`([^`]+)`|\*\*(.+?)\*\*|\[([^\]]*)\]\(([^)\s]+)\)|\*([^*\s][^*]*)\*/g;
const ITEM = /^\s*(?:[-*+]|(\d+)[.)])\s+(.*)$/;

/**
 * Reads the part of Markdown that text widgets use: headings, paragraphs, lists, tables, code, emphasis and links.
 *
 * HTML stays text, and a link to anything but a web address stays text too.
 */
export function readMarkdown(markdown: string): Block[] {
  const blocks: Block[] = [];
  let rest = markdown.split(/\r?\n/);
  while (rest.length > 0) {
    const found = rest[0]?.trim() === "" ? undefined : readFirst(rest);
    if (found !== undefined) blocks.push(found.block);
    rest = rest.slice(found?.lines ?? 1);
  }
  return blocks;
}

/** Reads emphasis, code and links of one line. */
export function readInline(line: string): Inline[] {
  const pieces: Inline[] = [];
  let end = 0;
  for (const match of line.matchAll(INLINE)) {
    if (match.index > end) pieces.push({ kind: "text", text: line.slice(end, match.index) });
    pieces.push(inlineOf(match));
    end = match.index + match[0].length;
  }
  if (end < line.length) pieces.push({ kind: "text", text: line.slice(end) });
  return pieces;
}

function inlineOf([whole, code, strong, label, address, emphasis]: RegExpExecArray): Inline {
  if (code !== undefined) return { kind: "code", text: code };
  if (strong !== undefined) return { kind: "strong", text: strong };
  if (emphasis !== undefined) return { kind: "emphasis", text: emphasis };
  const href = safeHref(address ?? "");
  return href === undefined ? { kind: "text", text: whole } : { kind: "link", text: label ?? href, href };
}

function readFirst(lines: readonly string[]): Found | undefined {
  for (const read of READERS) {
    const found = read(lines);
    if (found !== undefined) return found;
  }
  return undefined;
}

function readCode(lines: readonly string[]): Found | undefined {
  if (!lines[0]?.startsWith("```")) return undefined;
  const close = lines.findIndex((line, i) => i > 0 && line.startsWith("```"));
  const end = close === -1 ? lines.length : close;
  return { block: { kind: "code", text: lines.slice(1, end).join("\n") }, lines: end + 1 };
}

function readHeading([first = ""]: readonly string[]): Found | undefined {
  const match = /^(#{1,6})\s+(.*?)\s*#*$/.exec(first);
  if (match === null) return undefined;
  return {
    block: { kind: "heading", level: match[1]?.length ?? 1, inline: readInline(match[2] ?? "") },
    lines: 1,
  };
}

function readRule([first = ""]: readonly string[]): Found | undefined {
  return /^\s*([-*_])(\s*\1){2,}\s*$/.test(first) ? { block: { kind: "rule" }, lines: 1 } : undefined;
}

function readTable(lines: readonly string[]): Found | undefined {
  if (!/^\s*\|?[\s:|-]*-[\s:|-]*$/.test(lines[1] ?? "") || !lines[0]?.includes("|")) return undefined;
  const end = lines.findIndex((line, i) => i > 1 && !line.includes("|"));
  const body = lines.slice(0, end === -1 ? lines.length : end);
  const rows = body.filter((_line, i) => i !== 1).map((line) => cells(line).map(readInline));
  return { block: { kind: "table", rows }, lines: body.length };
}

function readList(lines: readonly string[]): Found | undefined {
  const end = lines.findIndex((line) => !ITEM.test(line));
  const items = lines.slice(0, end === -1 ? lines.length : end);
  if (items.length === 0) return undefined;
  const ordered = ITEM.exec(items[0] ?? "")?.[1] !== undefined;
  return {
    block: { kind: "list", ordered, items: items.map((line) => readInline(ITEM.exec(line)?.[2] ?? "")) },
    lines: items.length,
  };
}

function readParagraph(lines: readonly string[]): Found {
  const next = lines.findIndex(
    (line, i) => i > 0 && (line.trim() === "" || /^(#{1,6}\s|```)/.test(line) || ITEM.test(line)),
  );
  const own = lines.slice(0, next === -1 ? lines.length : next);
  return {
    block: { kind: "paragraph", inline: readInline(own.map((line) => line.trim()).join(" ")) },
    lines: own.length,
  };
}

function cells(line: string): string[] {
  return line
    .trim()
    .replace(/^\||\|$/g, "")
    .split("|")
    .map((cell) => cell.trim());
}
