import type { LogTable } from "../dashboard/drawing.ts";
import { LogRow, type QueryableEvent } from "./log-row.ts";
import { textOf } from "./log-value.ts";
import { LOG_COMMANDS, type LogCommand, type LogRows } from "./logs-commands.ts";
import { LogsQueryError } from "./logs-query-error.ts";
import { LogsReader } from "./logs-reader.ts";

/** Events to query and the span of time to look at, epoch milliseconds; `endMs` is exclusive. */
export interface LogSearch {
  readonly events: readonly QueryableEvent[];
  readonly startMs: number;
  readonly endMs: number;
}

const SHOWN_BY_DEFAULT = ["@timestamp", "@message"];
const MOST_ROWS = 10_000;

/**
 * Runs a query in the Logs Insights language, also in the form `SOURCE 'group' | …` of dashboard widgets, whose
 * groups alone are looked at. Rows come newest first unless the query sorts; at most 10,000 of them.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax.html
 */
export function runLogsInsights(query: string, { events, startMs, endMs }: LogSearch): LogTable {
  const { groups, commands } = parseQuery(query);
  const rows = events
    .filter(({ timestampMs }) => timestampMs >= startMs && timestampMs < endMs)
    .filter(({ logGroupName }) => groups.length === 0 || groups.includes(logGroupName))
    .toSorted((a, b) => b.timestampMs - a.timestampMs)
    .map((event) => new LogRow(event));
  const found = commands.reduce<LogRows>((input, command) => command(input), { rows, fields: undefined });
  const fields = found.fields ?? SHOWN_BY_DEFAULT;
  return { fields, rows: found.rows.slice(0, MOST_ROWS).map((row) => texts(row, fields)) };
}

function texts(row: LogRow, fields: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    fields.flatMap((field) => {
      const value = row.get(field);
      return value === undefined ? [] : [[field, textOf(value)]];
    }),
  );
}

interface ParsedQuery {
  /** Empty: every group. */
  readonly groups: readonly string[];
  readonly commands: readonly LogCommand[];
}

function parseQuery(query: string): ParsedQuery {
  const reader = new LogsReader(query);
  const groups: string[] = [];
  const commands: LogCommand[] = [];
  do {
    if (reader.takeWord("source")) groups.push(readSource(reader));
    else commands.push(readCommand(reader));
  } while (reader.takeSign("|"));
  if (reader.next.kind !== "end") throw reader.unexpected('"|" or the end');
  return { groups, commands };
}

function readSource(reader: LogsReader): string {
  if (reader.next.kind !== "text") throw reader.unexpected("the name of a log group in quotes");
  return reader.take().text;
}

function readCommand(reader: LogsReader): LogCommand {
  const name = reader.expectName(`a command: ${Object.keys(LOG_COMMANDS).join(", ")}`);
  const key = name.toLowerCase();
  const read = Object.hasOwn(LOG_COMMANDS, key) ? LOG_COMMANDS[key] : undefined;
  if (read !== undefined) return read(reader);
  throw new LogsQueryError(
    `log query: the command ${name} is not run here: use ${Object.keys(LOG_COMMANDS).join(", ")}`,
  );
}
