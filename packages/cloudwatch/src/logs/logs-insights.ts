import type { LogTable } from "../dashboards/drawing.ts";
import { type LogCommand, readCommand } from "./log-commands.ts";
import { LogRow, type LogRows, logText, parsedEvent, type QueryableEvent } from "./log-row.ts";
import { LogsQueryError, LogsReader, readCommaSeparated } from "./query-reader.ts";

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
 * Runs a query in the Logs Insights language, also in the form `SOURCE 'group' | …` of dashboard widgets,
 * whose groups alone are looked at. Rows come newest first unless the query sorts; at most 10,000 of them.
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

/**
 * `SOURCE "group"`, or `SOURCE logGroups(namePrefix: ["…"], accountIdentifiers: ["…"], class: "STANDARD")`.
 */
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
