import type { LogTable } from "../dashboards/drawing.ts";
import { type LogExpression, readExpression, regularExpression } from "./log-expression.ts";
import { compareLogValues, isTruthy, LogRow, logText, parsedEvent, type QueryableEvent } from "./log-row.ts";
import { LogsQueryError, LogsReader } from "./query-reader.ts";

/** Events to query and the span of time to look at, epoch milliseconds; `endMs` is exclusive. */
interface LogSearch {
  readonly events: readonly QueryableEvent[];
  readonly startMs: number;
  readonly endMs: number;
  /** Stands in `@log` in front of the group. */
  readonly accountId?: string | undefined;
}

const SHOWN_BY_DEFAULT = ["@timestamp", "@message"];
const MAX_RESULT_ROWS = 10_000;

/**
 * Runs a query in the Logs Insights language, also in the form `SOURCE 'group' | …` of dashboard widgets, whose
 * groups alone are looked at. Rows come newest first unless the query sorts; at most 10,000 of them.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax.html
 */
export function runLogsInsights(query: string, { events, startMs, endMs, accountId }: LogSearch): LogTable {
  const { groups, commands, pieces } = parseQuery(query);
  const rows = events
    .filter(({ timestampMs }) => timestampMs >= startMs && timestampMs < endMs)
    .map((event) => parsedEvent(event, accountId))
    .filter(({ event }) => groups.length === 0 || groups.some((isIn) => isIn(event)))
    .map((parsed) => new LogRow(parsed));
  checkCost(pieces, rows.length);
  const found = withinMemory(() => runCommands(commands, rows));
  const fields = found.fields ?? SHOWN_BY_DEFAULT;
  return { fields, rows: found.rows.slice(0, MAX_RESULT_ROWS).map((row) => shownFields(row, fields)) };
}

/** Puts rows newest first as late as it can: behind the first filters there are few, as a rule. */
function runCommands(commands: readonly LogCommand[], rows: readonly LogRow[]): LogRows {
  const ordered = commands.findIndex(({ isRowByRow }) => !isRowByRow);
  const first = ordered < 0 ? commands.length : ordered;
  const run = (input: LogRows, command: LogCommand): LogRows => command.run(input);
  const chosen = commands.slice(0, first).reduce(run, { rows, fields: undefined });
  const newestFirst = chosen.rows.toSorted((a, b) => b.timestampMs - a.timestampMs);
  return commands.slice(first).reduce(run, { ...chosen, rows: newestFirst });
}

/** A text that no memory holds makes the language throw a RangeError. */
function withinMemory(run: () => LogRows): LogRows {
  try {
    return run();
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new LogsQueryError("log query: a value is too long or too deeply nested to compute", { cause });
  }
}

const MAX_STEPS = 20_000_000;

/** Every piece of a query is looked at for every line. */
function checkCost(pieces: number, lines: number): void {
  if (pieces * lines <= MAX_STEPS) return;
  throw new LogsQueryError(
    `log query: ${pieces} pieces over ${lines} lines take more than ${MAX_STEPS} steps: shorten the query or the time`,
  );
}

function shownFields(row: LogRow, fields: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    fields.flatMap((field) => {
      const value = row.get(field);
      return value === undefined ? [] : [[field, logText(value)]];
    }),
  );
}

type LogSource = (event: QueryableEvent) => boolean;

interface ParsedQuery {
  /** Whether an event is in one of the query's sources. Empty: every group. */
  readonly groups: readonly LogSource[];
  readonly commands: readonly LogCommand[];
  /** Words, signs and texts. */
  readonly pieces: number;
}

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_StartQuery.html */
const MAX_QUERY_CHARACTERS = 10_000;

function parseQuery(query: string): ParsedQuery {
  if (query.length > MAX_QUERY_CHARACTERS)
    throw new LogsQueryError(
      `log query: at most ${MAX_QUERY_CHARACTERS} characters are read, not ${query.length}`,
    );
  const reader = new LogsReader(query);
  const groups: LogSource[] = [];
  const commands: LogCommand[] = [];
  do {
    if (reader.takeWord("source")) groups.push(readSource(reader));
    else commands.push(readCommand(reader));
  } while (reader.takeSign("|"));
  if (reader.next.kind !== "end") throw reader.unexpected('"|" or the end');
  return { groups, commands, pieces: reader.pieces };
}

/** `SOURCE "group"`, or `SOURCE logGroups(namePrefix: ["…"], accountIdentifiers: ["…"], class: "STANDARD")`. */
function readSource(reader: LogsReader): LogSource {
  if (reader.takeWord("loggroups")) return readLogGroups(reader);
  const name = readText(reader, "the name of a log group in quotes or logGroups(…)");
  return ({ logGroupName }) => logGroupName === name;
}

function readText(reader: LogsReader, what: string): string {
  if (reader.next.kind !== "text") throw reader.unexpected(what);
  return reader.take().text;
}

function readLogGroups(reader: LogsReader): LogSource {
  const conditions: LogSource[] = [];
  reader.expectSign("(");
  while (!reader.takeSign(")")) {
    const name = reader.expectName("namePrefix, accountIdentifiers or class");
    reader.expectSign(":");
    conditions.push(sourceCondition(name, readTexts(reader)));
    if (!reader.takeSign(",") && reader.next.text !== ")") throw reader.unexpected('"," or ")"');
  }
  return (event) => conditions.every((holds) => holds(event));
}

function readTexts(reader: LogsReader): readonly string[] {
  if (!reader.takeSign("[")) return [readText(reader, "a text or a list of texts")];
  const texts = readCommaSeparated(reader, () => readText(reader, "a text in quotes"));
  reader.expectSign("]");
  return texts;
}

function sourceCondition(name: string, texts: readonly string[]): LogSource {
  if (name === "namePrefix")
    return ({ logGroupName }) => texts.some((prefix) => logGroupName.startsWith(prefix));
  if (name === "accountIdentifiers")
    return ({ accountId }) => texts.includes("All") || accountId === undefined || texts.includes(accountId);
  if (name === "class") return () => texts.includes("STANDARD");
  throw new LogsQueryError(`log query: logGroups has namePrefix, accountIdentifiers and class, not ${name}`);
}

function readCommand(reader: LogsReader): LogCommand {
  const name = reader.expectName(`a command: ${Object.keys(LOG_COMMANDS).join(", ")}`);
  const key = name.toLowerCase();
  const read = Object.hasOwn(LOG_COMMANDS, key) ? LOG_COMMANDS[key] : undefined;
  if (read !== undefined) return { run: read(reader), isRowByRow: ROW_BY_ROW.has(key) };
  throw new LogsQueryError(
    `log query: the command ${name} is not run here: use ${Object.keys(LOG_COMMANDS).join(", ")}`,
  );
}

/** Rows between two commands, and the fields to show of them. */
interface LogRows {
  readonly rows: readonly LogRow[];
  /** Missing until a command names fields. */
  readonly fields: readonly string[] | undefined;
}

type RunCommand = (input: LogRows) => LogRows;

/** One command of a query, ready to run. */
interface LogCommand {
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

function readCommaSeparated<Item>(reader: LogsReader, read: (reader: LogsReader) => Item): readonly Item[] {
  const items = [read(reader)];
  while (reader.takeSign(",")) items.push(read(reader));
  return items;
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

/** `parse [field] "glob * pattern" as a, b` or `parse [field] /…(?<name>…)…/`. */
function readParse(reader: LogsReader): RunCommand {
  const field = reader.next.kind === "name" ? reader.take().text : "@message";
  const { kind, text } = reader.next;
  if (kind !== "text" && kind !== "regex")
    throw reader.unexpected("a text in quotes or a /regular expression/");
  reader.take();
  const names = reader.takeWord("as") ? readCommaSeparated(reader, () => reader.expectName("a name")) : [];
  const match = kind === "regex" ? regexMatch(regularExpression(text)) : globMatch(text, names);
  return ({ rows, fields }) => {
    for (const row of rows) setParsed(row, match(logText(row.get(field))), names);
    return { rows, fields };
  };
}

/** What a pattern finds in a text: values in the order of the names, and those that name themselves. */
interface ParsedText {
  readonly values: readonly (string | undefined)[];
  readonly named: Readonly<Record<string, string>>;
}

type MatchText = (text: string) => ParsedText | undefined;

function regexMatch(pattern: RegExp): MatchText {
  return (text) => {
    const match = pattern.exec(text);
    return match === null ? undefined : { values: match.slice(1), named: match.groups ?? {} };
  };
}

/**
 * Each asterisk takes as little as it can, one at the end the rest. The first place of each text between two of them
 * is the right one: what cannot be found behind it cannot be found behind a later one. So it is read once.
 */
function globMatch(glob: string, names: readonly string[]): MatchText {
  const parts = glob.split("*");
  if (parts.length - 1 !== names.length)
    throw new LogsQueryError(
      `log query: parse has ${parts.length - 1} asterisks and ${names.length} names: give one name for each`,
    );
  return (text) => {
    const values: string[] = [];
    let from = 0;
    for (const [index, part] of parts.entries()) {
      const isRest = index === parts.length - 1 && index > 0 && part === "";
      const at = isRest ? text.length : text.indexOf(part, from);
      if (at < 0) return undefined;
      if (index > 0) values.push(text.slice(from, at));
      from = at + part.length;
    }
    return { values, named: {} };
  };
}

function setParsed(row: LogRow, found: ParsedText | undefined, names: readonly string[]): void {
  if (found === undefined) return;
  names.forEach((name, index) => row.set(name, found.values[index]));
  for (const [name, value] of Object.entries(found.named)) row.set(name, value);
}

/** Commands that neither look at the order of rows nor change it. */
const ROW_BY_ROW: ReadonlySet<string> = new Set(["fields", "display", "filter", "parse"]);

/** Every command that is run here, by its first word. */
const LOG_COMMANDS: Readonly<Record<string, (reader: LogsReader) => RunCommand>> = {
  fields: readFields,
  display: readDisplay,
  filter: readFilter,
  sort: readSort,
  limit: readLimit,
  dedup: readDedup,
  stats: readStats,
  parse: readParse,
};
