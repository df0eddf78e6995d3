import { type LogExpression, readExpression } from "./log-expression.ts";
import { readParse } from "./log-parse.ts";
import {
  compareLogValues,
  isTruthy,
  LogRow,
  type LogRows,
  logText,
  type LogValue,
  structuredValue,
} from "./log-row.ts";
import { LogsQueryError, type LogsReader, readCommaSeparated } from "./query-reader.ts";

type RunCommand = (input: LogRows) => LogRows;

/** One command of a query, ready to run. */
export interface LogCommand {
  readonly run: RunCommand;
  /** Whether it treats each row by itself, whatever the order. */
  readonly isRowByRow: boolean;
}

const MAX_ROWS = 10_000;

interface Named {
  readonly name: string;
  readonly value: LogExpression;
  /** Whether it is a field of the row under its own name, which the row need not look up. */
  readonly isOwnField: boolean;
}

/** An expression under its alias, or under its own text. */
function readNamed(reader: LogsReader): Named {
  const { from, kind, text: word } = reader.next;
  const value = readExpression(reader);
  const text = reader.since(from).replace(/^`(.*)`$/, "$1");
  const name = reader.takeWord("as") ? reader.expectName("a name after as") : text;
  return { value, name, isOwnField: kind === "name" && word === text && word === name };
}

function compute(rows: readonly LogRow[], columns: readonly Named[]): void {
  const made = columns.filter(({ isOwnField }) => !isOwnField);
  for (const row of rows) for (const { name, value } of made) row.set(name, value(row, []));
}

function readFields(reader: LogsReader): RunCommand {
  const columns = readCommaSeparated(reader, readNamed);
  return ({ rows, fields = [] }) => {
    compute(rows, columns);
    return { rows, fields: [...new Set([...fields, ...columns.map(({ name }) => name)])] };
  };
}

function readDisplay(reader: LogsReader): RunCommand {
  const columns = readCommaSeparated(reader, readNamed);
  return ({ rows }) => {
    compute(rows, columns);
    return { rows, fields: columns.map(({ name }) => name) };
  };
}

function readFilter(reader: LogsReader): RunCommand {
  const condition = readExpression(reader);
  return ({ rows, fields }) => ({ rows: rows.filter((row) => isTruthy(condition(row, []))), fields });
}

/** `filterIndex field = "value"` or `in […]`: every field counts as indexed here. */
function readFilterIndex(reader: LogsReader): RunCommand {
  if (reader.next.kind !== "name") throw reader.unexpected("the name of an indexed field");
  if (
    !reader.isNext(reader.next.text.toLowerCase(), "=") &&
    !reader.isNext(reader.next.text.toLowerCase(), "in")
  )
    throw new LogsQueryError("log query: filterIndex compares one field by = or in [ … ]");
  return readFilter(reader);
}

const MAX_UNNESTED_ROWS = 1_000_000;

/** `unnest field into name`: a row for each item of a list, one for whatever is none. */
function readUnnest(reader: LogsReader): RunCommand {
  const field = reader.expectName("a field");
  if (!reader.takeWord("into")) throw reader.unexpected('"into"');
  const name = reader.expectName("a name after into");
  return ({ rows, fields }) => {
    const unnested = rows.flatMap((row) =>
      itemsOf(row.get(field)).map((item) => {
        const copy = row.over(row);
        copy.set(name, item);
        return copy;
      }),
    );
    if (unnested.length > MAX_UNNESTED_ROWS)
      throw new LogsQueryError(
        `log query: unnest makes ${unnested.length} rows, which is more than ${MAX_UNNESTED_ROWS}: filter first`,
      );
    return { rows: unnested, fields };
  };
}

function itemsOf(value: LogValue): readonly LogValue[] {
  const list = typeof value === "object" && "json" in value ? value.json : undefined;
  return Array.isArray(list) ? list.map(structuredValue) : [value];
}

function readSort(reader: LogsReader): RunCommand {
  reader.takeWord("by");
  const keys = readCommaSeparated(reader, () => {
    const value = readExpression(reader);
    const sign = reader.takeWord("desc") ? -1 : 1;
    if (sign === 1) reader.takeWord("asc");
    return { value, sign };
  });
  return ({ rows, fields }) => {
    const order = (a: LogRow, b: LogRow): number => {
      for (const { value, sign } of keys) {
        const compared = sign * compareLogValues(value(a, []), value(b, []));
        if (compared !== 0) return compared;
      }
      return 0;
    };
    return { rows: rows.toSorted(order), fields };
  };
}

function readLimit(reader: LogsReader): RunCommand {
  const { kind, text } = reader.next;
  if (kind !== "number" || !/^\d+$/.test(text)) throw reader.unexpected("a whole number of rows");
  const most = Number(reader.take().text);
  if (most > MAX_ROWS) throw new LogsQueryError(`log query: limit is at most ${MAX_ROWS}, not ${most}`);
  return ({ rows, fields }) => ({ rows: rows.slice(0, most), fields });
}

function readDedup(reader: LogsReader): RunCommand {
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
  return JSON.stringify(columns.map(({ value }) => logText(value(row, []))));
}

function readStats(reader: LogsReader): RunCommand {
  const figures = readCommaSeparated(reader, readNamed);
  const keys = reader.takeGrouping() ? readCommaSeparated(reader, readNamed) : [];
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
  for (const { name, value } of figures) row.set(name, value(row.over(first), group));
  return row;
}

/** Commands that neither look at the order of rows nor change it. */
const ROW_BY_ROW: ReadonlySet<string> = new Set([
  "fields",
  "display",
  "filter",
  "filterindex",
  "parse",
  "unnest",
]);

/** Every command that is run here, by its first word. */
const LOG_COMMANDS: Readonly<Record<string, (reader: LogsReader) => RunCommand>> = {
  fields: readFields,
  display: readDisplay,
  filter: readFilter,
  filterindex: readFilterIndex,
  sort: readSort,
  limit: readLimit,
  dedup: readDedup,
  stats: readStats,
  parse: readParse,
  unnest: readUnnest,
};

/** Reads the next command of a query. */
export function readCommand(reader: LogsReader): LogCommand {
  const name = reader.expectName(`a command: ${Object.keys(LOG_COMMANDS).join(", ")}`);
  const key = name.toLowerCase();
  const read = Object.hasOwn(LOG_COMMANDS, key) ? LOG_COMMANDS[key] : undefined;
  if (read !== undefined) return { run: read(reader), isRowByRow: ROW_BY_ROW.has(key) };
  throw new LogsQueryError(
    `log query: the command ${name} is not run here: use ${Object.keys(LOG_COMMANDS).join(", ")}`,
  );
}
