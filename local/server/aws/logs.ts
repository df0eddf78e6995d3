import { LogsQueryError } from "@wrist-agent/cloudwatch/logs/query-reader";
import type { LogTable } from "@wrist-agent/cloudwatch/dashboards/drawing";
import { filterLogEvents, getLogEvents } from "./log-events.ts";
import {
  describeLogGroups,
  describeLogStreams,
  groupNames,
  type LogsHome,
  type LogsPort,
  nameIn,
  type StoredLogEvent,
} from "./log-groups.ts";
import { invalid, limitOf, LogsQueryTimeout, notFound, number, text, texts } from "./logs-input.ts";
import { AwsError, type Input, type JsonService, notSupported, type Operation } from "./service.ts";

/** One call, as it is sent to whoever keeps the lines. */
export interface LogsCall {
  readonly home: LogsHome;
  readonly operation: string;
  readonly input: Input;
  readonly requestId: string;
}

const MAX_ROWS = 10_000;
/** Results of queries are kept for so many queries. */
const MAX_QUERIES = 100;

const READINGS: Readonly<Record<string, (port: LogsPort, input: Input) => object>> = {
  DescribeLogGroups: describeLogGroups,
  DescribeLogStreams: describeLogStreams,
  FilterLogEvents: filterLogEvents,
  GetLogEvents: getLogEvents,
};
const OPERATIONS = [...Object.keys(READINGS), "StartQuery", "GetQueryResults"];

/**
 * The reading side of CloudWatch Logs, asked of whoever keeps the lines.
 * https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_Operations.html
 */
export function logsService(home: LogsHome, ask: (call: LogsCall) => Promise<object>): JsonService {
  const operations = OPERATIONS.map((operation) => {
    const answer: Operation = (input, { requestId }) => ask({ home, operation, input, requestId });
    return [operation, answer] as const;
  });
  return {
    protocol: "json",
    version: "1.1",
    targetPrefix: "Logs_20140328",
    operations: { ...Object.fromEntries(operations), StartLiveTail: refuseLiveTail },
  };
}

/** Clients ask `stream-` and the host's name for it, which no address of this machine answers to. */
function refuseLiveTail(): never {
  throw notSupported("StartLiveTail", "use aws logs tail --follow", "InvalidOperationException");
}

/** Answers CloudWatch Logs from the lines in memory. */
export class LogsReadings {
  readonly #logs: LogsPort["logs"];
  readonly #queries = new Map<string, QueryResult>();

  constructor(logs: LogsPort["logs"]) {
    this.#logs = logs;
  }

  /** The output; an `AwsError` is thrown where AWS refuses. */
  answer({ home, operation, input, requestId }: LogsCall): object {
    const port = { ...home, logs: this.#logs };
    if (operation === "StartQuery") return this.#start(requestId, queryResult(port, input));
    if (operation === "GetQueryResults") return this.#results(text(input, "queryId") ?? "");
    return READINGS[operation]?.(port, input) ?? {};
  }

  #start(queryId: string, result: QueryResult): object {
    this.#queries.set(queryId, result);
    const [oldest] = this.#queries.keys();
    if (this.#queries.size > MAX_QUERIES && oldest !== undefined) this.#queries.delete(oldest);
    return { queryId };
  }

  #results(queryId: string): object {
    const result = this.#queries.get(queryId);
    if (result === undefined) throw notFound("The specified query does not exist.");
    return resultView(result);
  }
}

interface QueryResult {
  readonly status: "Complete" | "Timeout";
  readonly table: LogTable;
  readonly scanned: readonly StoredLogEvent[];
}

/** Runs the query at once; `GetQueryResults` finds it complete. */
function queryResult(port: LogsPort, input: Input): QueryResult {
  const query = text(input, "queryString") ?? "";
  const groups = queriedGroups(port, input, query);
  const startMs = 1000 * (number(input, "startTime") ?? 0);
  const endMs = 1000 * (number(input, "endTime") ?? 0) + 1000;
  if (startMs >= endMs) throw invalid("End time should not be before start time.");
  const isScanned = ({ event }: StoredLogEvent): boolean =>
    groups.includes(event.logGroupName) && event.timestampMs >= startMs && event.timestampMs < endMs;
  try {
    const table = port.logs.query({ query, startMs, endMs, groups });
    const rows = table.rows.slice(0, limitOf(input, MAX_ROWS));
    return { status: "Complete", table: { ...table, rows }, scanned: port.logs.events().filter(isScanned) };
  } catch (error) {
    if (error instanceof LogsQueryTimeout)
      return { status: "Timeout", table: { fields: [], rows: [] }, scanned: [] };
    if (error instanceof LogsQueryError) throw new AwsError("MalformedQueryException", error.message);
    throw error;
  }
}

function queriedGroups(port: LogsPort, input: Input, query: string): readonly string[] {
  const one = text(input, "logGroupName");
  const given = [
    ...(one === undefined ? [] : [one]),
    ...(texts(input, "logGroupNames") ?? []),
    ...(texts(input, "logGroupIdentifiers") ?? []).map(nameIn),
  ];
  const known = groupNames(port);
  const missing = given.find((name) => !known.includes(name));
  if (missing !== undefined)
    throw notFound(`Log group '${missing}' does not exist for account ID '${port.account.accountId}'`);
  if (given.length > 0) return given;
  if (/^\s*source\b/i.test(query)) return known;
  throw invalid("Either logGroupName, logGroupNames or logGroupIdentifiers must be specified");
}

function resultView({ status, table, scanned }: QueryResult): object {
  return {
    queryLanguage: "CWLI",
    results: table.rows.map((row) =>
      table.fields.flatMap((field) => {
        const value = row[field];
        return value === undefined ? [] : [{ field, value }];
      }),
    ),
    statistics: {
      recordsMatched: table.rows.length,
      recordsScanned: scanned.length,
      bytesScanned: scanned.reduce((bytes, { event }) => bytes + event.message.length, 0),
    },
    status,
  };
}
