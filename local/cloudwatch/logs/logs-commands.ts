import { LogRow } from "./log-row.ts";
import { compareValues, isTrue, textOf } from "./log-value.ts";
import { readExpression, regularExpression, type LogExpression } from "./logs-expression.ts";
import { LogsQueryError } from "./logs-query-error.ts";
import type { LogsReader } from "./logs-reader.ts";

/** Rows between two commands, and the fields to show of them. */
export interface LogRows {
  readonly rows: readonly LogRow[];
  /** Missing until a command names fields. */
  readonly fields: readonly string[] | undefined;
}

/** One command of a query, ready to run. */
export type LogCommand = (input: LogRows) => LogRows;

const MOST_ROWS = 10_000;

interface Named {
  readonly name: string;
  readonly value: LogExpression;
}

/** An expression under its alias, or under its own text. */
function readNamed(reader: LogsReader): Named {
  const { from } = reader.next;
  const value = readExpression(reader);
  const text = reader.since(from).replace(/^`(.*)`$/, "$1");
  return { value, name: reader.takeWord("as") ? reader.expectName("a name after as") : text };
}

function readCommaSeparated<Item>(reader: LogsReader, read: (reader: LogsReader) => Item): readonly Item[] {
  const items = [read(reader)];
  while (reader.takeSign(",")) items.push(read(reader));
  return items;
}

function compute(rows: readonly LogRow[], columns: readonly Named[]): void {
  for (const row of rows) for (const { name, value } of columns) row.set(name, value(row, []));
}

function readFields(reader: LogsReader): LogCommand {
  const columns = readCommaSeparated(reader, readNamed);
  return ({ rows, fields = [] }) => {
    compute(rows, columns);
    return { rows, fields: [...new Set([...fields, ...columns.map(({ name }) => name)])] };
  };
}

function readDisplay(reader: LogsReader): LogCommand {
  const columns = readCommaSeparated(reader, readNamed);
  return ({ rows }) => {
    compute(rows, columns);
    return { rows, fields: columns.map(({ name }) => name) };
  };
}

function readFilter(reader: LogsReader): LogCommand {
  const condition = readExpression(reader);
  return ({ rows, fields }) => ({ rows: rows.filter((row) => isTrue(condition(row, []))), fields });
}

function readSort(reader: LogsReader): LogCommand {
  const keys = readCommaSeparated(reader, () => {
    const value = readExpression(reader);
    const sign = reader.takeWord("desc") ? -1 : 1;
    if (sign === 1) reader.takeWord("asc");
    return { value, sign };
  });
  return ({ rows, fields }) => {
    const order = (a: LogRow, b: LogRow): number => {
      for (const { value, sign } of keys) {
        const compared = sign * compareValues(value(a, []), value(b, []));
        if (compared !== 0) return compared;
      }
      return 0;
    };
    return { rows: rows.toSorted(order), fields };
  };
}

function readLimit(reader: LogsReader): LogCommand {
  const { kind, text } = reader.next;
  if (kind !== "number" || !/^\d+$/.test(text)) throw reader.unexpected("a whole number of rows");
  const most = Number(reader.take().text);
  if (most > MOST_ROWS) throw new LogsQueryError(`log query: limit is at most ${MOST_ROWS}, not ${most}`);
  return ({ rows, fields }) => ({ rows: rows.slice(0, most), fields });
}

function readDedup(reader: LogsReader): LogCommand {
  const keys = readCommaSeparated(reader, readNamed);
  return ({ rows, fields }) => {
    const seen = new Set<string>();
    const kept = rows.filter((row) => {
      const key = keyOf(row, keys);
      const isNew = !seen.has(key);
      seen.add(key);
      return isNew;
    });
    return { rows: kept, fields };
  };
}

function keyOf(row: LogRow, columns: readonly Named[]): string {
  return JSON.stringify(columns.map(({ value }) => textOf(value(row, []))));
}

function readStats(reader: LogsReader): LogCommand {
  const figures = readCommaSeparated(reader, readNamed);
  const keys = reader.takeWord("by") ? readCommaSeparated(reader, readNamed) : [];
  return ({ rows }) => ({
    rows: [...groupsOf(rows, keys).values()].map((group) => statsRow(group, { figures, keys })),
    fields: [...keys, ...figures].map(({ name }) => name),
  });
}

/** Rows without the fields that they are grouped by are a group too. */
function groupsOf(rows: readonly LogRow[], keys: readonly Named[]): ReadonlyMap<string, readonly LogRow[]> {
  const groups = new Map<string, LogRow[]>();
  for (const row of rows) {
    const key = keyOf(row, keys);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [row]);
    else group.push(row);
  }
  return groups;
}

function statsRow(
  group: readonly LogRow[],
  { figures, keys }: { readonly figures: readonly Named[]; readonly keys: readonly Named[] },
): LogRow {
  const [first = new LogRow()] = group;
  const row = new LogRow();
  for (const { name, value } of keys) row.set(name, value(first, []));
  for (const { name, value } of figures) row.set(name, value(first, group));
  return row;
}

/** `parse [field] "glob * pattern" as a, b` or `parse [field] /…(?<name>…)…/`. */
function readParse(reader: LogsReader): LogCommand {
  const field = reader.next.kind === "name" ? reader.take().text : "@message";
  const { kind, text } = reader.next;
  if (kind !== "text" && kind !== "regex")
    throw reader.unexpected("a text in quotes or a /regular expression/");
  reader.take();
  const names = reader.takeWord("as") ? readCommaSeparated(reader, () => reader.expectName("a name")) : [];
  const pattern = kind === "regex" ? regularExpression(text) : globPattern(text, names);
  return ({ rows, fields }) => {
    for (const row of rows) setParsed(row, pattern.exec(textOf(row.get(field))), names);
    return { rows, fields };
  };
}

function globPattern(glob: string, names: readonly string[]): RegExp {
  const parts = glob.split("*").map((part) => part.replace(/[.+?^${}()|[\]\\/]/g, "\\$&"));
  if (parts.length - 1 === names.length)
    return new RegExp(`${parts.slice(0, -1).join("(.*?)")}${lastPart(parts)}`, "s");
  throw new LogsQueryError(
    `log query: parse has ${parts.length - 1} asterisks and ${names.length} names: give one name for each`,
  );
}

/** An asterisk at the end takes the rest. */
function lastPart(parts: readonly string[]): string {
  const last = parts.at(-1) ?? "";
  if (parts.length === 1) return last;
  return last === "" ? "(.*)" : `(.*?)${last}`;
}

function setParsed(row: LogRow, match: RegExpExecArray | null, names: readonly string[]): void {
  if (match === null) return;
  names.forEach((name, index) => row.set(name, match[index + 1]));
  for (const [name, value] of Object.entries(match.groups ?? {})) row.set(name, value);
}

/** Every command that is run here, by its first word. */
export const LOG_COMMANDS: Readonly<Record<string, (reader: LogsReader) => LogCommand>> = {
  fields: readFields,
  display: readDisplay,
  filter: readFilter,
  sort: readSort,
  limit: readLimit,
  dedup: readDedup,
  stats: readStats,
  parse: readParse,
};
