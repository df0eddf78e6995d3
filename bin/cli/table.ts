import { stripVTControlCharacters } from "node:util";
import truncatedWidth from "fast-string-truncated-width";
import type { Align } from "./terminal.ts";

/** A column of a table, and what becomes of it where the terminal is narrow. */
export interface TableColumn<Row> {
  readonly head: string;
  readonly cell: (row: Row) => string;
  /** Left when missing. */
  readonly align?: Align;
  /**
   * Cut with an ellipsis or wrapped into further lines; left whole as long as others can give when missing.
   */
  readonly narrow?: "cut" | "wrap";
  /**
   * What stays of a cell that is cut: its end, as of names that all begin alike; its beginning when missing.
   */
  readonly keeps?: "end";
  /** Colours a cell after it was laid out. */
  readonly paint?: (text: string, row: Row) => string;
}

/** A table to print. */
export interface Table<Row> {
  readonly columns: readonly TableColumn<Row>[];
  /** Missing: no line of heads. */
  readonly paintHead?: (text: string) => string;
  /** Colours a whole line of a row. */
  readonly paintRow?: (text: string, row: Row) => string;
}

const GAP = 2;
const WIDEST_CHARACTER = 2;
/** As narrow as a column that gives gets before those that do not give have to. */
const MIN_NARROW = 12;
const MIN_ANY = 3;

/** The table as lines, none wider than `width`; as wide as its cells where that is missing, as in a pipe. */
export function tableLines<Row>(
  { columns, paintHead, paintRow = (text) => text }: Table<Row>,
  rows: readonly Row[],
  width?: number,
): string[] {
  const cells = rows.map((row) => columns.map(({ cell }) => printableText(cell(row))));
  const heads = columns.map(({ head }) => head);
  const natural = columns.map((_, at) =>
    Math.max(...[...cells, ...(paintHead ? [heads] : [])].map((line) => textWidth(line[at] ?? ""))),
  );
  const widths = fittedWidths(columns, natural, width);
  const lines = rows.flatMap((row, index) =>
    rowLines({ columns, widths, row }, cells[index] ?? []).map((line) => paintRow(line, row)),
  );
  if (paintHead === undefined) return lines;
  const plain: readonly TableColumn<undefined>[] = columns.map(({ head, align }) => ({
    head,
    cell: () => head,
    ...(align && { align }),
  }));
  return [
    ...rowLines({ columns: plain, widths, row: undefined }, heads).slice(0, 1).map(paintHead),
    ...lines,
  ];
}

/** Text of another system without what would move a cursor or change a colour, on one line. */
export function printableText(text: string): string {
  // eslint-disable-next-line no-control-regex -- they are what is looked for
  return stripVTControlCharacters(text).replace(/[\u0000-\u001f\u007f-\u009f]+/g, " ");
}

const GRAPHEMES = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** How many columns of a terminal a text takes; colours take none, and wide characters two. */
export function textWidth(text: string): number {
  const plain = stripVTControlCharacters(text);
  if (/^[\u0020-\u007e]*$/.test(plain)) return plain.length;
  return [...GRAPHEMES.segment(plain)].reduce((sum, { segment }) => sum + truncatedWidth(segment).width, 0);
}

/** The longest beginning of a text that takes `width` columns at most. */
function beginning(text: string, width: number): string {
  let taken = 0;
  for (const { segment, index } of GRAPHEMES.segment(text)) {
    taken += truncatedWidth(segment).width;
    if (taken > width) return text.slice(0, index);
  }
  return text;
}

/** A text that takes `width` columns at most; what was longer ends with an ellipsis. */
export function cutText(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  if (width <= 1) return "…".slice(0, width);
  return `${beginning(text, width - 1)}…`;
}

/** A text that takes `width` columns at most; what was longer begins with an ellipsis. */
function cutStart(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  const ends = [...GRAPHEMES.segment(text)].map(({ index }) => text.slice(index));
  return `…${ends.find((end) => textWidth(end) <= width - 1) ?? ""}`.slice(0, width === 0 ? 0 : undefined);
}

/**
 * A text broken between words into lines of `width` columns at most; a word that is longer is broken itself.
 */
export function wrapText(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  const words = text.split(" ").flatMap((word) => pieces(word, width));
  for (const word of words) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (textWidth(longer) <= width) {
      line = longer;
      continue;
    }
    lines.push(line);
    line = word;
  }
  return [...lines, line];
}

function pieces(word: string, width: number): readonly string[] {
  const found: string[] = [];
  let rest = word;
  while (textWidth(rest) > width) {
    // One character that is wider than the column still gets its line.
    const piece = beginning(rest, width) || beginning(rest, WIDEST_CHARACTER);
    found.push(piece);
    rest = rest.slice(piece.length);
  }
  return [...found, rest];
}

/** Takes from the widest of the columns that give, then from the widest of all, until the table fits. */
function fittedWidths<Row>(
  columns: readonly TableColumn<Row>[],
  natural: readonly number[],
  width: number | undefined,
): readonly number[] {
  if (width === undefined) return natural;
  const room = width - GAP * (columns.length - 1);
  const widths = [...natural];
  const giving = columns.flatMap(({ narrow }, at) => (narrow === undefined ? [] : [at]));
  takeFromWidest({ widths, from: giving, least: MIN_NARROW }, room);
  takeFromWidest({ widths, from: columns.map((_, at) => at), least: MIN_ANY }, room);
  return widths;
}

interface Taking {
  readonly widths: number[];
  readonly from: readonly number[];
  readonly least: number;
}

function takeFromWidest({ widths, from, least }: Taking, room: number): void {
  let tooMany = widths.reduce((sum, each) => sum + each, 0) - room;
  while (tooMany > 0) {
    const widest = from.reduce<number | undefined>(
      (best, at) => (best === undefined || (widths[at] ?? 0) > (widths[best] ?? 0) ? at : best),
      undefined,
    );
    if (widest === undefined || (widths[widest] ?? 0) <= least) return;
    widths[widest] = (widths[widest] ?? 0) - 1;
    tooMany -= 1;
  }
}

interface RowLayout<Row> {
  readonly columns: readonly TableColumn<Row>[];
  readonly widths: readonly number[];
  readonly row: Row;
}

/** A row as as many lines as its tallest cell has. */
function rowLines<Row>(
  { columns, widths, row }: RowLayout<Row>,
  cells: readonly string[],
): readonly string[] {
  const blocks = columns.map(({ narrow, keeps }, at) => {
    const [text, width] = [cells[at] ?? "", widths[at] ?? 0];
    if (narrow === "wrap") return wrapText(text, width);
    return [keeps === "end" ? cutStart(text, width) : cutText(text, width)];
  });
  const height = Math.max(...blocks.map(({ length }) => length));
  return Array.from({ length: height }, (_, line) => {
    const parts = blocks.map((block) => block[line] ?? "");
    const last = parts.findLastIndex((part) => part !== "");
    return parts
      .slice(0, last + 1)
      .map((part, at) => {
        const { align, paint = (text: string) => text } = columns[at] ?? {};
        const blanks = " ".repeat(Math.max(0, (widths[at] ?? 0) - textWidth(part)));
        if (align === "right") return `${blanks}${paint(part, row)}`;
        return at === last ? paint(part, row) : `${paint(part, row)}${blanks}`;
      })
      .join(" ".repeat(GAP));
  });
}
