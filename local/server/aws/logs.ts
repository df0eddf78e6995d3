import { LogsQueryError } from "@wrist-agent/cloudwatch/logs/query-reader";
import type { LogTable } from "@wrist-agent/cloudwatch/dashboards/drawing";
import { partitionOf } from "@wrist-agent/cloudwatch/region";
import { filterPattern } from "./log-filter-pattern.ts";
import { byPlace, placeOf, placeToken, type StoredLogEvent } from "./log-places.ts";
import { invalid, limitOf, LogsQueryTimeout, notFound, number, text, texts } from "./logs-input.ts";
import { AwsError, type Input, type JsonService, type Operation } from "./service.ts";
import type { Account } from "./ssm.ts";

/** A log group of the templates. */
export interface LogGroup {
  readonly logGroupName: string;
  /** Lines are kept for ever when missing, as far as AWS goes. */
  readonly retentionInDays?: number;
  readonly kmsKeyId?: string;
}

/** What CloudWatch Logs knows besides the lines. */
export interface LogsHome {
  readonly account: Account;
  /** Groups that are there whether or not they have lines. */
  readonly groups: readonly LogGroup[];
  /** When the groups were made, epoch milliseconds. */
  readonly createdMs: number;
}

/** One call, as it is sent to whoever keeps the lines. */
export interface LogsCall {
  readonly home: LogsHome;
  readonly operation: string;
  readonly input: Input;
  readonly requestId: string;
}

/** A log query over a time range, epoch milliseconds; `endMs` is exclusive. */
export interface LogQuery {
  readonly query: string;
  readonly startMs: number;
  readonly endMs: number;
  /** Which groups to look at; missing: all of them. */
  readonly groups?: readonly string[];
}

interface LogsPort extends LogsHome {
  readonly logs: {
    /** The lines that are kept, in the order in which they came. */
    readonly events: () => readonly StoredLogEvent[];
    readonly query: (query: LogQuery) => LogTable;
  };
}

const MAX_DESCRIBED = 50;
const MAX_EVENTS = 10_000;
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
    operations: Object.fromEntries(operations),
  };
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

function groupNames({ groups, logs }: LogsPort): readonly string[] {
  const withLines = logs.events().map(({ event }) => event.logGroupName);
  return [...new Set([...groups.map(({ logGroupName }) => logGroupName), ...withLines])].toSorted();
}

/** The group that `logGroupName` or `logGroupIdentifier`, a name or an ARN, says. */
function groupOf(port: LogsPort, input: Input): string {
  const name = text(input, "logGroupName");
  const identifier = text(input, "logGroupIdentifier");
  if (name !== undefined && identifier !== undefined)
    throw invalid("LogGroupName and LogGroupIdentifier cannot both be specified");
  const found = name ?? (identifier === undefined ? undefined : nameIn(identifier));
  if (found === undefined) throw invalid("LogGroupName or LogGroupIdentifier must be specified");
  if (groupNames(port).includes(found)) return found;
  throw notFound("The specified log group does not exist.");
}

function nameIn(identifier: string): string {
  return /^arn:[^:]*:logs:[^:]*:\d*:log-group:([^:]+)/.exec(identifier)?.[1] ?? identifier;
}

function describeLogGroups(port: LogsPort, input: Input): object {
  const prefix = text(input, "logGroupNamePrefix") ?? "";
  const part = text(input, "logGroupNamePattern")?.toLowerCase() ?? "";
  const names = groupNames(port)
    .filter((name) => name.startsWith(prefix))
    .filter((name) => name.toLowerCase().includes(part));
  const { page, nextToken } = namedPage(names, (name) => name, input);
  return { logGroups: page.map((name) => groupView(port, name)), nextToken };
}

function groupView({ account, createdMs, logs, groups }: LogsPort, logGroupName: string): object {
  const logGroupArn = `arn:${partitionOf(account.region)}:logs:${account.region}:${account.accountId}:log-group:${logGroupName}`;
  const own = logs.events().filter(({ event }) => event.logGroupName === logGroupName);
  const known = groups.find((group) => group.logGroupName === logGroupName);
  return {
    logGroupName,
    retentionInDays: known?.retentionInDays,
    kmsKeyId: known?.kmsKeyId,
    creationTime: own.reduce((first, { event }) => Math.min(first, event.timestampMs), createdMs),
    metricFilterCount: 0,
    arn: `${logGroupArn}:*`,
    storedBytes: own.reduce((bytes, { event }) => bytes + event.message.length, 0),
    logGroupClass: "STANDARD",
    logGroupArn,
  };
}

interface Page<Item> {
  readonly page: readonly Item[];
  readonly nextToken: string | undefined;
}

/** A page of things in the order of the list, whose token is the name of the last one. */
function namedPage<Item>(items: readonly Item[], nameOf: (item: Item) => string, input: Input): Page<Item> {
  const token = text(input, "nextToken");
  const last = token === undefined ? -1 : items.findIndex((item) => nameOf(item) === token);
  if (token !== undefined && last < 0) throw invalid("The specified nextToken is invalid.");
  const page = items.slice(last + 1, last + 1 + limitOf(input, MAX_DESCRIBED));
  const end = page.at(-1);
  const isMore = end !== undefined && end !== items.at(-1);
  return { page, nextToken: isMore ? nameOf(end) : undefined };
}

function describeLogStreams(port: LogsPort, input: Input): object {
  const group = groupOf(port, input);
  const prefix = text(input, "logStreamNamePrefix") ?? "";
  const isByTime = text(input, "orderBy") === "LastEventTime";
  if (isByTime && prefix !== "") throw invalid("Cannot order by LastEventTime with a logStreamNamePrefix.");
  const streams = streamsOf(port, group)
    .filter(({ logStreamName }) => logStreamName.startsWith(prefix))
    .toSorted((a, b) => (isByTime ? a.lastEventTimestamp - b.lastEventTimestamp : 0));
  const ordered = input.descending === true ? streams.toReversed() : streams;
  const { page, nextToken } = namedPage(ordered, ({ logStreamName }) => logStreamName, input);
  return { logStreams: page, nextToken };
}

interface StreamView {
  readonly logStreamName: string;
  readonly lastEventTimestamp: number;
}

/** The streams of a group that have lines, by name. */
function streamsOf({ account, logs }: LogsPort, group: string): readonly StreamView[] {
  const times = new Map<string, number[]>();
  for (const { event } of logs.events()) {
    if (event.logGroupName !== group) continue;
    const own = times.get(event.logStreamName);
    if (own === undefined) times.set(event.logStreamName, [event.timestampMs, event.timestampMs]);
    else times.set(event.logStreamName, [own[0] ?? event.timestampMs, event.timestampMs]);
  }
  return [...times]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([logStreamName, [first = 0, last = 0]]) => ({
      logStreamName,
      creationTime: first,
      firstEventTimestamp: first,
      lastEventTimestamp: last,
      lastIngestionTime: last,
      arn: `arn:${partitionOf(account.region)}:logs:${account.region}:${account.accountId}:log-group:${group}:log-stream:${logStreamName}`,
      storedBytes: 0,
    }));
}

/** The lines of a group in their order, from `startTime` to `endTime`, epoch milliseconds. */
function linesOf(port: LogsPort, group: string, input: Input): readonly StoredLogEvent[] {
  const startMs = number(input, "startTime") ?? 0;
  const endMs = number(input, "endTime") ?? Infinity;
  return port.logs
    .events()
    .filter(({ event }) => event.logGroupName === group)
    .filter(({ event }) => event.timestampMs >= startMs && event.timestampMs <= endMs)
    .toSorted(byPlace);
}

function filterLogEvents(port: LogsPort, input: Input): object {
  const group = groupOf(port, input);
  const streams = texts(input, "logStreamNames");
  const prefix = text(input, "logStreamNamePrefix");
  if (streams !== undefined && prefix !== undefined)
    throw invalid("Only one of logStreamNamePrefix or logStreamNames can be specified.");
  const matches = filterPattern(text(input, "filterPattern") ?? "");
  const token = text(input, "nextToken");
  const place = token === undefined ? undefined : placeOf(token);
  const found = linesOf(port, group, input)
    .filter(
      ({ event }) => streams?.includes(event.logStreamName) ?? event.logStreamName.startsWith(prefix ?? ""),
    )
    .filter(({ event }) => matches(event.message))
    .filter((line) => place === undefined || place(line) > 0);
  const page = found.slice(0, limitOf(input, MAX_EVENTS));
  const last = page.at(-1);
  const isMore = last !== undefined && page.length < found.length;
  return {
    events: page.map(filteredView),
    searchedLogStreams: [],
    nextToken: isMore ? placeToken(last) : undefined,
  };
}

const EVENT_ID_LENGTH = 56;

function filteredView(line: StoredLogEvent): object {
  const eventId = String(line.sequence).padStart(EVENT_ID_LENGTH, "0");
  return { logStreamName: line.event.logStreamName, ...eventView(line), eventId };
}

function eventView({ event: { timestampMs, message } }: StoredLogEvent): object {
  return { timestamp: timestampMs, message, ingestionTime: timestampMs };
}

/** A page of a stream, towards later lines (`f/…`) or earlier ones (`b/…`). */
function getLogEvents(port: LogsPort, input: Input): object {
  const group = groupOf(port, input);
  const stream = text(input, "logStreamName");
  const all = linesOf(port, group, { ...input, endTime: undefined });
  const ofStream = all.filter(({ event }) => event.logStreamName === stream);
  if (!streamsOf(port, group).some(({ logStreamName }) => logStreamName === stream))
    throw notFound("The specified log stream does not exist.");
  const endMs = number(input, "endTime") ?? Infinity;
  const lines = ofStream.filter(({ event }) => event.timestampMs < endMs);
  const limit = limitOf(input, MAX_EVENTS);
  const token = text(input, "nextToken");
  const [, way, place] = /^([fb])\/(.+)$/.exec(token ?? "") ?? [];
  if (token !== undefined && place === undefined) throw invalid("The specified nextToken is invalid.");
  const at = place === undefined ? undefined : placeOf(place);
  const isForward = way === undefined ? input.startFromHead === true : way === "f";
  const rest = at === undefined ? lines : lines.filter((line) => (isForward ? at(line) > 0 : at(line) < 0));
  const page = isForward ? rest.slice(0, limit) : rest.slice(-limit);
  const [first, last] = [page[0], page.at(-1)];
  return {
    events: page.map(eventView),
    nextForwardToken: `f/${last === undefined ? (place ?? "0-0") : placeToken(last)}`,
    nextBackwardToken: `b/${first === undefined ? (place ?? "0-0") : placeToken(first)}`,
  };
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
    const rows = table.rows.slice(0, limitOf(input, MAX_EVENTS));
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
